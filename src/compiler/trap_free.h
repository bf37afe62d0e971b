#pragma once

#include <cstdint>

#include "wasm/module.h"
#include "wasm/opcode.h"

// What is known beforehand never to trap.
namespace tenon::compiler {

// Of instructions that a sink knows as `simple` (wasm/validate/sink.h).
constexpr bool can_trap(wasm::Opcode op) {
  using wasm::Opcode;
  bool divides = (op >= Opcode::i32_div_s && op <= Opcode::i32_rem_u) ||
                 (op >= Opcode::i64_div_s && op <= Opcode::i64_rem_u);
  bool truncates = (op >= Opcode::i32_trunc_f32_s && op <= Opcode::i32_trunc_f64_u) ||
                   (op >= Opcode::i64_trunc_f32_s && op <= Opcode::i64_trunc_f64_u);
  return divides || truncates;
}

// What the memory holds at least, at any time.
constexpr uint64_t minimum_bytes(const wasm::MemoryType& type) {
  uint64_t pages = type.limits.min;
  return pages > UINT64_MAX >> type.page_size_log2 ? UINT64_MAX : pages << type.page_size_log2;
}

constexpr bool is_in_minimum(const wasm::MemoryType& type, uint64_t address, uint64_t offset,
                             uint32_t size) {
  uint64_t end = 0;
  if (__builtin_add_overflow(address, offset, &end)) return false;
  return !__builtin_add_overflow(end, size, &end) && end <= minimum_bytes(type);
}

}  // namespace tenon::compiler
