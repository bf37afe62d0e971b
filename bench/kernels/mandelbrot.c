// Floats and branches: the Mandelbrot set.
#include "kernel.h"

enum { size = 400, limit = 200 };

static uint64_t kernel(void) {
  uint64_t total = 0;
  for (int row = 0; row < size; ++row) {
    for (int column = 0; column < size; ++column) {
      double cx = 3.0 * column / size - 2.0, cy = 2.0 * row / size - 1.0;
      double x = 0, y = 0;
      int steps = 0;
      while (steps < limit && x * x + y * y < 4.0) {
        double next = x * x - y * y + cx;
        y = 2 * x * y + cy;
        x = next;
        ++steps;
      }
      total += (uint64_t)steps;
    }
  }
  return total;
}
