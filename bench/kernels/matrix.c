// Floats: the product of two matrices.
#include "kernel.h"

enum { size = 320 };
static double a[size][size], b[size][size], c[size][size];

static uint64_t kernel(void) {
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) {
      a[i][j] = random_u32() % 100;
      b[i][j] = random_u32() % 100;
      c[i][j] = 0;
    }
  }
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) {
      double sum = 0;
      for (int k = 0; k < size; ++k) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
  }
  double trace = 0;
  for (int i = 0; i < size; ++i) trace += c[i][i] + c[i][size - 1 - i];
  return (uint64_t)trace;
}
