// Compresses and expands eight megabytes of text with LZ4, four times.
#include <lz4.h>

#include "text.h"

enum { size = 8 << 20 };
static char input[size], output[size];

static uint64_t kernel(void) {
  if (!*input) make_text(input, size);
  int bound = LZ4_compressBound(size), length = 0;
  char* packed = malloc((size_t)bound);
  for (int i = 0; i < 4; ++i) {
    length = LZ4_compress_default(input, packed, size, bound);
    if (LZ4_decompress_safe(packed, output, length, size) != size) exit(1);
  }
  if (memcmp(input, output, size) != 0) exit(1);
  uint64_t sum = hash_bytes(output, 1 << 16);  // what is packed depends on the width of a word
  free(packed);
  return sum;
}
