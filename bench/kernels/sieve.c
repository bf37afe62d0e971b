// Memory: primes below eight million.
#include "kernel.h"

enum { limit = 8000000 };
static uint8_t composite[limit];

static uint64_t kernel(void) {
  memset(composite, 0, limit);
  uint64_t sum = 0;
  for (uint32_t i = 2; i < limit; ++i) {
    if (composite[i]) continue;
    sum += i;
    for (uint64_t j = (uint64_t)i * i; j < limit; j += i) composite[j] = 1;
  }
  return sum;
}
