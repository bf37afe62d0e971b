#pragma once

#include <cstddef>
#include <cstdint>

#include "tenon/abi/layout.h"

// How component values become core values: the flattened signatures of the Canonical ABI, and the
// places where the registers and the argument block of a core call hold them. As in layout.h, this
// is the only copy of these rules, usable at compile time.
namespace tenon::abi {

constexpr uint32_t max_flat_params = 16;       // canon: MAX_FLAT_PARAMS
constexpr uint32_t max_flat_async_params = 4;  // canon: MAX_FLAT_ASYNC_PARAMS
constexpr uint32_t max_flat_results = 1;       // canon: MAX_FLAT_RESULTS
// A signature has one more when the result leaves through memory.
constexpr uint32_t max_flat_values = max_flat_params + 1;

// canon: join
constexpr CoreType join(CoreType a, CoreType b) {
  if (a == b) return a;
  bool narrow =
      (a == CoreType::i32 && b == CoreType::f32) || (a == CoreType::f32 && b == CoreType::i32);
  return narrow ? CoreType::i32 : CoreType::i64;
}

// canon: flatten_types. At most max_flat_values core types; `count` saturates there, since what has
// more goes through memory, whatever it is.
struct FlatTypes {
  CoreType types[max_flat_values] = {};
  uint32_t count = 0;

  constexpr void push(CoreType type) {
    if (count < max_flat_values) types[count++] = type;
  }
  constexpr void append(const FlatTypes& other) {
    for (uint32_t i = 0; i < other.count; i++) push(other.types[i]);
  }
  // canon: flatten_variant. Joins another case's types into these.
  constexpr void join_case(const FlatTypes& other) {
    for (uint32_t i = 0; i < other.count; i++) {
      if (i < count) {
        types[i] = join(types[i], other.types[i]);
      } else {
        push(other.types[i]);
      }
    }
  }
  constexpr bool fits(uint32_t max) const { return count <= max; }

  friend constexpr bool operator==(const FlatTypes&, const FlatTypes&) = default;
};

constexpr FlatTypes flat(CoreType type) {
  FlatTypes result;
  result.push(type);
  return result;
}
constexpr FlatTypes flat_pointer_pair(CoreType pointer = CoreType::i32) {
  FlatTypes result = flat(pointer);
  result.push(pointer);
  return result;
}

// canon: flatten_functype
struct FlatSignature {
  FlatTypes params;
  FlatTypes results;
  bool params_in_memory =
      false;  // the only parameter (before `result_pointer`) points to a tuple of them
  bool result_in_memory =
      false;  // lift: the only result points to it; lower: the last parameter does

  friend constexpr bool operator==(const FlatSignature&, const FlatSignature&) = default;
};

enum class Direction : uint8_t { lift, lower };

// What shapes a signature beside the types: the direction, and the canonical options.
struct FlattenOptions {
  Direction direction = Direction::lift;
  bool is_async = false;
  bool has_callback = false;
  CoreType pointer = CoreType::i32;  // the address type of the memory
};

constexpr FlatSignature flatten_functype(const FlatTypes& params, const FlatTypes& results,
                                         const FlattenOptions& options) {
  bool is_lift = options.direction == Direction::lift;
  bool is_async_lower = options.is_async && !is_lift;
  FlatSignature signature;
  signature.params_in_memory =
      !params.fits(is_async_lower ? max_flat_async_params : max_flat_params);
  signature.params = signature.params_in_memory ? flat(options.pointer) : params;
  if (options.is_async && is_lift) {
    // The result travels through `task.return`; what the core function returns is for the callback.
    if (options.has_callback) signature.results = flat(CoreType::i32);
    return signature;
  }
  signature.result_in_memory = !results.fits(is_async_lower ? 0 : max_flat_results);
  if (!signature.result_in_memory) {
    signature.results = results;
  } else if (is_lift) {
    signature.results = flat(options.pointer);
  } else {
    signature.params.push(options.pointer);
  }
  if (is_async_lower) signature.results = flat(CoreType::i32);  // the subtask and its state
  return signature;
}

// Where a core call holds a value (docs/contract.md, section 1).
struct Place {
  enum Kind : uint8_t { int_register, float_register, overflow };
  Kind kind = int_register;
  uint32_t index = 0;
};

// The place of value `position` when `int_registers` and `float_registers` of each class carry
// values.
constexpr Place place_of(const FlatTypes& types, uint32_t position, uint32_t int_registers,
                         uint32_t float_registers) {
  uint32_t ints = 0;
  uint32_t floats = 0;
  uint32_t rest = 0;
  for (uint32_t i = 0;; i++) {
    bool is_float = types.types[i] == CoreType::f32 || types.types[i] == CoreType::f64;
    uint32_t& used = is_float ? floats : ints;
    bool in_register = used < (is_float ? float_registers : int_registers);
    if (i == position) {
      if (!in_register) return {Place::overflow, rest};
      return {is_float ? Place::float_register : Place::int_register, used};
    }
    (in_register ? used : rest)++;
  }
}

constexpr Place param_place(const FlatTypes& types, uint32_t position) {
  return place_of(types, position, 6, 8);
}
constexpr Place result_place(const FlatTypes& types, uint32_t position) {
  return place_of(types, position, 4, 4);
}

}  // namespace tenon::abi
