// A seed for mutation: arithmetic, conversions and memory.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

static uint32_t words[64] = {1, 2, 3};

EXPORT("integers") uint64_t integers(uint32_t a, uint64_t b) {
  uint64_t sum =
      a / 7 + b % 1000003 + (uint64_t)__builtin_popcount(a) + (uint64_t)__builtin_clzll(b | 1);
  return sum << (a & 31) | b >> (a & 63);
}

EXPORT("floats") double floats(double x, float y) {
  double z = __builtin_sqrt(x) + __builtin_fabs(x) * (double)y;
  return __builtin_floor(z) + (double)(int64_t)(x * 3);
}

EXPORT("move") uint32_t move(uint32_t at, uint32_t value) {
  words[at & 63] += value;
  __builtin_memmove(words + 8, words, 32);
  __builtin_memset(words + 40, (int)value, 16);
  return words[(at + 1) & 63] + (uint32_t)(int8_t)value + (uint16_t)words[5];
}
