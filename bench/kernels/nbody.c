// Floats: five bodies under gravity, with square roots and divisions.
#include <math.h>

#include "kernel.h"

enum { bodies = 5, steps = 600000 };

struct Body {
  double x, y, z, vx, vy, vz, mass;
};

static void advance(struct Body* body, double dt) {
  for (int i = 0; i < bodies; ++i) {
    for (int j = i + 1; j < bodies; ++j) {
      double dx = body[i].x - body[j].x, dy = body[i].y - body[j].y, dz = body[i].z - body[j].z;
      double squared = dx * dx + dy * dy + dz * dz + 0.01;
      double force = dt / (squared * sqrt(squared));
      body[i].vx -= dx * body[j].mass * force;
      body[i].vy -= dy * body[j].mass * force;
      body[i].vz -= dz * body[j].mass * force;
      body[j].vx += dx * body[i].mass * force;
      body[j].vy += dy * body[i].mass * force;
      body[j].vz += dz * body[i].mass * force;
    }
  }
  for (int i = 0; i < bodies; ++i) {
    body[i].x += dt * body[i].vx;
    body[i].y += dt * body[i].vy;
    body[i].z += dt * body[i].vz;
  }
}

static uint64_t kernel(void) {
  struct Body body[bodies];
  for (int i = 0; i < bodies; ++i) {
    body[i] = (struct Body){i * 2.0, i * 1.5 - 3, i % 3, 0.1 * i, -0.05 * i, 0.02, 10.0 - i};
  }
  for (int i = 0; i < steps; ++i) advance(body, 0.001);
  double sum = 0;
  for (int i = 0; i < bodies; ++i) sum += fabs(body[i].x) + fabs(body[i].vy);
  return (uint64_t)(sum * 1000);
}
