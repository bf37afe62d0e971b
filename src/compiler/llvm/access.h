#pragma once

#include <cstdint>

#include "compiler/tier.h"
#include "compiler/trap_free.h"
#include "wasm/module.h"

// How accesses of linear memory are checked, decided from their memory's type, the mode of the
// artifact and the static offset (docs/contract.md, section 4). Both the translation and the survey
// of what it will make ask here.
namespace tenon::compiler::llvm_tier {

enum class AccessCheck : uint8_t {
  none,        // what lies beyond the memory faults
  bound,       // address < MemorySlot::bound; beyond the memory, but below that, it faults
  sum,         // address + reach <= byte_length, where the sum is below 2^64
  difference,  // address <= byte_length - reach, where the sum may not be
  traps,       // reach is above 2^64
};

// Of an access of `size` bytes; it reaches `offset + size` bytes behind its address.
constexpr AccessCheck access_check(const wasm::MemoryType& type, MemoryMode mode, uint64_t offset,
                                   uint32_t size) {
  uint64_t reach = 0;
  if (__builtin_add_overflow(offset, size, &reach)) return AccessCheck::traps;
  bool is_64 = type.limits.is_64;
  if (has_guard(type, mode) && reach <= memory_guard_size)
    return is_64 ? AccessCheck::bound : AccessCheck::none;
  return is_64 ? AccessCheck::difference : AccessCheck::sum;
}

// Whether code compares with lengths at more than a few accesses.
constexpr bool checks_lengths(const wasm::Module& module, MemoryMode mode) {
  for (const wasm::MemoryType& type : module.memories)
    if (!has_guard(type, mode)) return true;
  return false;
}

}  // namespace tenon::compiler::llvm_tier
