// Sorts a million integers with qsort.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { count = 1000000 };

static int compare(const void* a, const void* b) {
  uint32_t x = *(const uint32_t*)a, y = *(const uint32_t*)b;
  return x < y ? -1 : x > y;
}

int main(void) {
  uint32_t* values = malloc(count * sizeof *values);
  uint32_t state = 2463534242u;
  for (int i = 0; i < count; ++i) {
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    values[i] = state;
  }
  qsort(values, count, sizeof *values, compare);
  uint64_t check = 0;
  for (int i = 0; i < count; ++i) {
    if (i > 0 && values[i - 1] > values[i]) return 1;
    check = check * 31 + values[i];
  }
  printf("sorted %d, check %llu\n", count, (unsigned long long)check);
  free(values);
  return 0;
}
