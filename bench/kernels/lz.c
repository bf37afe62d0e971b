// Memory and branches: compresses four megabytes by back references, and takes them apart again.
#include "kernel.h"

enum { size = 4 << 20, hash_bits = 15, min_match = 4, max_match = 259 };
static uint8_t input[size], packed[size + size / 8], output[size];
static uint32_t heads[1 << hash_bits];

static uint32_t load32(const uint8_t* at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return value;
}

static void make_input(void) {
  static const char* words[] = {"alpha ",   "beta ", "gamma ", "delta ",
                                "epsilon ", "zeta ", "eta ",   "theta "};
  for (size_t at = 0; at < size;) {
    const char* word = words[random_u32() % 8];
    for (const char* c = word; *c && at < size; ++c) input[at++] = (uint8_t)*c;
    if (random_u32() % 4 == 0 && at < size) input[at++] = (uint8_t)random_u32();
  }
}

// The form: a byte of eight flags, then eight items, each a literal byte or a match (length - 4,
// distance in 2 bytes).
static size_t compress(void) {
  memset(heads, 0xff, sizeof heads);
  size_t out = 0, flags_at = 0;
  int item = 8;
  for (size_t at = 0; at < size;) {
    if (item == 8) flags_at = out, packed[out++] = 0, item = 0;
    size_t length = 0, distance = 0;
    if (at + max_match < size) {
      uint32_t hash = load32(input + at) * 2654435761u >> (32 - hash_bits);
      uint32_t candidate = heads[hash];
      heads[hash] = (uint32_t)at;
      if (candidate != 0xffffffffu && at - candidate < 65536) {
        while (length < max_match && input[candidate + length] == input[at + length]) ++length;
        distance = at - candidate;
      }
    }
    if (length >= min_match) {
      packed[flags_at] |= (uint8_t)(1 << item);
      packed[out++] = (uint8_t)(length - min_match);
      packed[out++] = (uint8_t)distance;
      packed[out++] = (uint8_t)(distance >> 8);
      at += length;
    } else {
      packed[out++] = input[at++];
    }
    ++item;
  }
  return out;
}

static size_t decompress(size_t packed_size) {
  size_t out = 0;
  for (size_t at = 0; at < packed_size;) {
    uint8_t flags = packed[at++];
    for (int item = 0; item < 8 && at < packed_size; ++item, flags >>= 1) {
      if (!(flags & 1)) {
        output[out++] = packed[at++];
        continue;
      }
      size_t length = packed[at] + min_match;
      size_t distance = (size_t)packed[at + 1] | (size_t)packed[at + 2] << 8;
      at += 3;
      for (size_t i = 0; i < length; ++i, ++out) output[out] = output[out - distance];
    }
  }
  return out;
}

static uint64_t kernel(void) {
  make_input();
  size_t packed_size = compress();
  if (decompress(packed_size) != size || memcmp(input, output, size)) return 0;
  return packed_size;
}
