// A dot product, a byte search and a shuffle, written with 128-bit vectors and checked against
// plain code.
#include <stdio.h>
#include <wasm_simd128.h>

enum { count = 4096 };

static float a[count], b[count];
static unsigned char text[count];

static float dot(void) {
  v128_t sum = wasm_f32x4_splat(0);
  for (int i = 0; i < count; i += 4) {
    sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_v128_load(a + i), wasm_v128_load(b + i)));
  }
  return wasm_f32x4_extract_lane(sum, 0) + wasm_f32x4_extract_lane(sum, 1) +
         wasm_f32x4_extract_lane(sum, 2) + wasm_f32x4_extract_lane(sum, 3);
}

static int count_byte(unsigned char wanted) {
  int found = 0;
  for (int i = 0; i < count; i += 16) {
    v128_t equal = wasm_i8x16_eq(wasm_v128_load(text + i), wasm_i8x16_splat((char)wanted));
    found += __builtin_popcount(wasm_i8x16_bitmask(equal));
  }
  return found;
}

static unsigned reversed(void) {
  unsigned char out[16];
  v128_t first = wasm_v128_load(text);
  wasm_v128_store(
      out, wasm_i8x16_shuffle(first, first, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
  unsigned hash = 0;
  for (int i = 0; i < 16; ++i) hash = hash * 31 + out[i];
  return hash;
}

int main(void) {
  for (int i = 0; i < count; ++i) {
    a[i] = (float)(i % 17);
    b[i] = (float)(i % 5) - 2;
    text[i] = (unsigned char)(i * 7 + i / 64);
  }
  int plain = 0;
  for (int i = 0; i < count; ++i) plain += text[i] == 42;
  printf("dot %.1f, count %d of %d, reversed %u\n", dot(), count_byte(42), plain, reversed());
  v128_t rounded = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_make(1.9f, -1.9f, 3e10f, 0.0f / 0.0f));
  printf("saturated %d %d %d %d\n", wasm_i32x4_extract_lane(rounded, 0),
         wasm_i32x4_extract_lane(rounded, 1), wasm_i32x4_extract_lane(rounded, 2),
         wasm_i32x4_extract_lane(rounded, 3));
  return 0;
}
