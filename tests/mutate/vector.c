// A seed for mutation: 128-bit vectors.
#include <wasm_simd128.h>
#define EXPORT(name) __attribute__((export_name(name)))

static float values[64];

EXPORT("sum") float sum(float scale) {
  v128_t total = wasm_f32x4_splat(0);
  for (int i = 0; i < 64; i += 4) {
    v128_t row = wasm_f32x4_mul(wasm_v128_load(values + i), wasm_f32x4_splat(scale));
    total = wasm_f32x4_add(total, wasm_f32x4_pmax(row, wasm_f32x4_neg(row)));
    wasm_v128_store(values + i, wasm_i8x16_shuffle(row, total, 0, 17, 2, 19, 4, 21, 6, 23, 8, 25,
                                                   10, 27, 12, 29, 14, 31));
  }
  return wasm_f32x4_extract_lane(total, 0) + wasm_f32x4_extract_lane(total, 3);
}

EXPORT("count") int count(int byte) {
  v128_t equal = wasm_i8x16_eq(wasm_v128_load(values), wasm_i8x16_splat((char)byte));
  v128_t narrow = wasm_u8x16_narrow_i16x8(equal, wasm_i16x8_shl(equal, (unsigned)byte));
  return (int)wasm_i8x16_bitmask(wasm_u8x16_add_sat(equal, narrow));
}
