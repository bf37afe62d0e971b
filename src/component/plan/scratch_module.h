#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "component/plan/plan.h"

// Core modules for functions that a component imports and exports again: a guest stands between
// host and host, since lifting and lowering need a memory.
namespace tenon::component {

// Exports a memory, function 0 (realloc) and function 1, () -> (), which frees all that realloc
// gave.
std::vector<uint8_t> scratch_memory_module();

struct Forwarding {
  CoreSignature lifted;          // of function `forward`
  CoreSignature lowered;         // of the imported function
  std::optional<Layout> result;  // when it goes through memory
  bool has_memory = false;
  bool has_borrows = false;
};
// Imports, in this order: the lowered function; with memory, the two functions of a scratch memory;
// with borrows, DropBorrows. Defines `forward` and, with memory, the post-return function behind
// it.
std::vector<uint8_t> forwarding_module(const Forwarding& forwarding);
// The index of `forward`.
uint32_t forward_index(const Forwarding& forwarding);

}  // namespace tenon::component
