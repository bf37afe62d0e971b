#include "wasm/opcode.h"

namespace tenon::wasm {

static_assert(info(Opcode::i32_load8_s).code == 0x2c &&
              info(Opcode::i32_load8_s).natural_align() == 0);
static_assert(info(*find_opcode(0xfe, 0x4e)).text == "i64.atomic.rmw32.cmpxchg_u");
static_assert(info(*find_opcode(0xfd, 0x100)).text == "i8x16.relaxed_swizzle");

std::optional<Feature> feature_of_unknown(uint8_t byte) {
  switch (byte) {
    case 0x06:  // try
    case 0x07:  // catch
    case 0x09:  // rethrow
    case 0x18:  // delegate
    case 0x19:  // catch_all
      return Feature::legacy_exceptions;
    default: return std::nullopt;
  }
}

}  // namespace tenon::wasm
