// Compresses and expands four megabytes of text with Zstandard, level 3.
#include <zstd.h>

#include "text.h"

enum { size = 4 << 20 };
static char input[size], output[size];

static uint64_t kernel(void) {
  if (!*input) make_text(input, size);
  size_t bound = ZSTD_compressBound(size);
  char* packed = malloc(bound);
  size_t length = ZSTD_compress(packed, bound, input, size, 3);
  if (ZSTD_isError(length)) exit(1);
  if (ZSTD_decompress(output, size, packed, length) != size) exit(1);
  if (memcmp(input, output, size) != 0) exit(1);
  uint64_t sum = hash_bytes(packed, length);
  free(packed);
  return sum;
}
