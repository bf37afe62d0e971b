#pragma once

#include <string>

#include "tests/canon/generate.h"

// The text of a component in which one component calls a function of another. Each has two
// memories: that which its options name, and a log that no adapter knows. Both are filled from the
// outside, and told by a hash.
//
// The log begins with what realloc is to do: an action and a number for each call. What it was
// called with follows, then the core values that `run` passes or `f` was given, and the result.
namespace model {

constexpr uint32_t guest_memory_bytes = 1 << 16;
constexpr uint32_t log_calls = 0x4000, log_values = 0x8000, log_result = 0x9000;
constexpr uint32_t max_calls = 1000;
constexpr uint32_t first_free = 0x8000;  // for realloc

enum class Action : uint32_t { honest, add, absolute, trap, write };

struct FunctionShape {
  std::vector<TypeRef> params;
  TypeRef result;  // null: none
  Encoding caller = Encoding::utf8;
  Encoding callee = Encoding::utf8;

  Type params_type() const { return {Kind::record, Form::tuple, params, 0, {}}; }
  // Core values as they are passed.
  std::vector<Core> flat_params(const Guest& guest) const;
  std::vector<Core> flat_result(const Guest& guest) const;
  // Whether the caller says where the result goes.
  bool has_result_pointer(const Guest& guest) const;
};

// Exports `run`, and of both sides `poke` and `hash`: "caller-poke", "callee-hash", ...
std::string adapter_component(const FunctionShape& shape);

}  // namespace model
