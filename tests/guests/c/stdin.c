// Reads standard input to its end in blocks of 64 KB and prints how many bytes there were, and
// their sum.
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  static unsigned char block[65536];
  uint64_t size = 0, sum = 0;
  for (ssize_t count; (count = read(0, block, sizeof block)) > 0;) {
    size += (uint64_t)count;
    for (ssize_t i = 0; i < count; i += 512) sum += block[i];
  }
  printf("%llu bytes, sum %llu\n", (unsigned long long)size, (unsigned long long)sum);
  return 0;
}
