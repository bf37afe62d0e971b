// Recurses as deep as its argument says; without one, without end.
#include <stdio.h>
#include <stdlib.h>

static unsigned long limit;

// What comes back is used in a way that no loop can compute, and nothing lies in linear memory.
__attribute__((noinline)) static unsigned long descend(unsigned long depth) {
  return depth == limit ? 1 : (descend(depth + 1) * 3) ^ depth;
}

int main(int argc, char** argv) {
  limit = argc > 1 ? strtoul(argv[1], NULL, 10) : 0xffffffffu;
  printf("descend\n");
  fflush(stdout);
  printf("came back with %lu\n", descend(0));
  return 0;
}
