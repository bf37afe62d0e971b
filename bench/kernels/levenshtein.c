// Integers, minimums and bytes: the edit distance of two strings of five thousand letters.
#include "kernel.h"

enum { size = 5000 };
static char a[size], b[size];
static uint32_t row[size + 1];

static uint32_t minimum(uint32_t x, uint32_t y) {
  return x < y ? x : y;
}

static uint64_t kernel(void) {
  for (int i = 0; i < size; ++i) {
    a[i] = (char)('a' + random_u32() % 6);
    b[i] = random_u32() % 3 ? a[i] : (char)('a' + random_u32() % 6);
  }
  for (uint32_t j = 0; j <= size; ++j) row[j] = j;
  for (uint32_t i = 1; i <= size; ++i) {
    uint32_t diagonal = row[0];
    row[0] = i;
    for (uint32_t j = 1; j <= size; ++j) {
      uint32_t above = row[j];
      uint32_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      row[j] = minimum(minimum(above, row[j - 1]) + 1, replaced);
      diagonal = above;
    }
  }
  return row[size];
}
