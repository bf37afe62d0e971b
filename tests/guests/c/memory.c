// Takes as many megabytes as its argument says, touches each page, and adds up what it finds there.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char** argv) {
  size_t size = (argc > 1 ? strtoul(argv[1], NULL, 10) : 256) << 20;
  unsigned char* block = malloc(size);
  if (!block) {
    printf("no memory\n");
    return 1;
  }
  for (size_t i = 0; i < size; i += 4096) block[i] = (unsigned char)(i >> 12);
  uint64_t sum = 0;
  for (size_t i = 0; i < size; i += 4096) sum += block[i];
  printf("%zu MB, sum %llu\n", size >> 20, (unsigned long long)sum);
  free(block);
  return 0;
}
