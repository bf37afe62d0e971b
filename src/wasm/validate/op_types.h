#pragma once

#include <array>

#include "wasm/opcode.h"
#include "wasm/types.h"

// The signatures of opcodes.def as types, in the compact form that the walker reads for each
// instruction.
namespace tenon::wasm {

struct OpTypes {
  OpClass op_class = OpClass::special;
  uint8_t param_count = 0;
  uint8_t natural_align = 0;  // memory accesses
  uint8_t lane_count = 0;     // instructions with a lane
  std::array<ValType, 3> params;
  ValType result;
};

namespace detail {

// The address type of a memory is not fixed; it stands as bottom.
constexpr ValType type_of_letter(char letter) {
  switch (letter) {
    case 'i': return ValType::i32;
    case 'l': return ValType::i64;
    case 'f': return ValType::f32;
    case 'd': return ValType::f64;
    case 'v': return ValType::v128;
    default: return ValType::bottom;
  }
}

constexpr std::array<OpTypes, opcode_count> make_op_types() {
  std::array<OpTypes, opcode_count> table{};
  for (size_t i = 0; i < table.size(); ++i) {
    const OpcodeInfo& op = opcode_table[i];
    table[i].op_class = op.op_class;
    table[i].param_count = op.signature.param_count;
    for (size_t k = 0; k < 3; ++k) table[i].params[k] = type_of_letter(op.signature.params[k]);
    table[i].result = type_of_letter(op.signature.result);
    if (op.size == 0) continue;
    table[i].natural_align = static_cast<uint8_t>(op.natural_align());
    table[i].lane_count = static_cast<uint8_t>(op.lane_count());
  }
  return table;
}

inline constexpr auto op_types = make_op_types();

}  // namespace detail

constexpr const OpTypes& types_of(Opcode op) {
  return detail::op_types[static_cast<size_t>(op)];
}

}  // namespace tenon::wasm
