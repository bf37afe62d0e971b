#pragma once

#include <cstdint>

// Bytes of the binary format that decoder and encoder share. Those of instructions are in
// opcodes.def, those of abstract heap types in heap_types.h.
namespace tenon::wasm {

// wasm: binary-section
namespace section_id {
constexpr uint8_t custom = 0;
constexpr uint8_t type = 1;
constexpr uint8_t import = 2;
constexpr uint8_t function = 3;
constexpr uint8_t table = 4;
constexpr uint8_t memory = 5;
constexpr uint8_t global = 6;
constexpr uint8_t export_ = 7;
constexpr uint8_t start = 8;
constexpr uint8_t elem = 9;
constexpr uint8_t code = 10;
constexpr uint8_t data = 11;
constexpr uint8_t data_count = 12;
constexpr uint8_t tag = 13;
}  // namespace section_id

namespace type_code {
// wasm: binary-numtype
constexpr uint8_t i32 = 0x7f;
constexpr uint8_t i64 = 0x7e;
constexpr uint8_t f32 = 0x7d;
constexpr uint8_t f64 = 0x7c;
constexpr uint8_t v128 = 0x7b;  // wasm: binary-vectype
// wasm: binary-packtype
constexpr uint8_t i8 = 0x78;
constexpr uint8_t i16 = 0x77;
// wasm: binary-reftype
constexpr uint8_t ref = 0x64;
constexpr uint8_t ref_null = 0x63;
// wasm: binary-comptype
constexpr uint8_t func = 0x60;
constexpr uint8_t struct_ = 0x5f;
constexpr uint8_t array = 0x5e;
// wasm: binary-subtype
constexpr uint8_t sub = 0x50;
constexpr uint8_t sub_final = 0x4f;
constexpr uint8_t rec = 0x4e;  // wasm: binary-rectype
// wasm: binary-blocktype
constexpr uint8_t empty = 0x40;
}  // namespace type_code

// wasm: binary-limits
namespace limits_flag {
constexpr uint8_t has_max = 1;
constexpr uint8_t shared = 2;
constexpr uint8_t is_64 = 4;
constexpr uint8_t page_size = 8;
}  // namespace limits_flag

// wasm: binary-elem
namespace elem_flag {
constexpr uint32_t not_active = 1;
constexpr uint32_t declarative_or_table = 2;
constexpr uint32_t has_exprs = 4;
}  // namespace elem_flag

// wasm: binary-table. In front of a table with an initializer, and a zero byte.
constexpr uint8_t table_with_init = 0x40;
// wasm: binary-memarg. A memory index follows.
constexpr uint32_t memarg_has_memory = 0x40;

}  // namespace tenon::wasm
