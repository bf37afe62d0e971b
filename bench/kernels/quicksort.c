// Calls and memory: quicksort of a million integers.
#include "kernel.h"

enum { count = 1000000 };
static uint32_t values[count];

static void sort(uint32_t* first, uint32_t* last) {
  while (last - first > 16) {
    uint32_t pivot = first[(last - first) / 2];
    uint32_t *low = first, *high = last - 1;
    while (low <= high) {
      while (*low < pivot) ++low;
      while (*high > pivot) --high;
      if (low > high) break;
      uint32_t kept = *low;
      *low++ = *high;
      *high-- = kept;
    }
    sort(first, high + 1);
    first = low;
  }
  for (uint32_t* at = first + 1; at < last; ++at) {
    uint32_t kept = *at, *to = at;
    for (; to > first && to[-1] > kept; --to) *to = to[-1];
    *to = kept;
  }
}

static uint64_t kernel(void) {
  for (int i = 0; i < count; ++i) values[i] = random_u32();
  sort(values, values + count);
  uint64_t check = 0;
  for (int i = 0; i < count; ++i) check = check * 31 + values[i];
  return check;
}
