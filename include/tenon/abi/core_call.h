#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tenon/abi/flatten.h"

// A core call as the thunks of typed functions see it: the start of the store's context, through
// which arguments and results pass in both directions (docs/contract.md, sections 1 and 2; the
// runtime asserts that the offsets agree). Whoever receives control reads what it was given before
// anything else can run.
namespace tenon::abi {

struct alignas(16) CoreCall {
  uint64_t gpr[6];  // arguments; results are in [0, 4)
  uint64_t unused[2];
  uint64_t xmm[8][2];  // arguments; results are in [0, 4)
  uint64_t state[5];   // of the runtime
  uint64_t outcome;    // of a host function that returns no result: one of those below, else 0
  uint64_t more_state[10];
  uint64_t overflow[1000][2];
};
static_assert(offsetof(CoreCall, xmm) == 64);
static_assert(offsetof(CoreCall, outcome) == 232);
static_assert(offsetof(CoreCall, overflow) == 320);

constexpr uint64_t has_trapped = 1;      // a trap has been raised
constexpr uint64_t completes_later = 2;  // the store has been told

// What a core function implemented in C++ returns: one of the two, as the type of its result says.
struct CoreResult {
  uint64_t integer = 0;
  double floating = 0;
};

// A core function implemented in C++. `entry` takes its arguments in the registers where guests
// have them, which are those of C.
struct CoreHostFunc {
  CoreCall* call;
  CoreResult (*entry)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, double, double,
                      double, double, double, double, double, double, CoreHostFunc* self);
  void* environment;
};

// Calls it with the arguments that `call` holds, and leaves the result there. The outcome.
inline uint64_t enter(CoreHostFunc& callee, CoreCall& call) {
  const auto& g = call.gpr;
  auto x = [&](int i) { return std::bit_cast<double>(call.xmm[i][0]); };
  CoreResult result = callee.entry(g[0], g[1], g[2], g[3], g[4], g[5], x(0), x(1), x(2), x(3), x(4),
                                   x(5), x(6), x(7), &callee);
  call.gpr[0] = result.integer;
  call.xmm[0][0] = std::bit_cast<uint64_t>(result.floating);
  return std::exchange(call.outcome, 0);
}

inline uint64_t& value_at(CoreCall& call, Place place) {
  switch (place.kind) {
    case Place::int_register: return call.gpr[place.index];
    case Place::float_register: return call.xmm[place.index][0];
    case Place::overflow: break;
  }
  return call.overflow[place.index][0];
}

// Parameters in registers; the others are in the call.
struct CoreParams {
  uint64_t gpr[6];
  double xmm[8];
};
inline uint64_t value_at(const CoreParams& params, const CoreCall& call, Place place) {
  switch (place.kind) {
    case Place::int_register: return params.gpr[place.index];
    case Place::float_register: return std::bit_cast<uint64_t>(params.xmm[place.index]);
    case Place::overflow: break;
  }
  return call.overflow[place.index][0];
}

// Core values travel between C++ functions as 64 bits each: an i32 or f32 is in the low half, and
// the upper half is undefined, as in the registers. A joined value (canon: join) needs no further
// conversion then.
namespace detail {
template <FlatTypes types, size_t... I>
inline void read_params(const CoreParams& params, const CoreCall& call, uint64_t* values,
                        std::index_sequence<I...>) {
  ((values[I] = value_at(params, call, param_place(types, I))), ...);
}
template <FlatTypes types, size_t... I>
inline void write_params(CoreCall& call, const uint64_t* values, std::index_sequence<I...>) {
  ((value_at(call, param_place(types, I)) = values[I]), ...);
}
}  // namespace detail

// With the types known at compile time each value has a constant address.
template <FlatTypes types>
inline void read_params(const CoreParams& params, const CoreCall& call, uint64_t* values) {
  detail::read_params<types>(params, call, values, std::make_index_sequence<types.count>());
}
template <FlatTypes types>
inline void write_params(CoreCall& call, const uint64_t* values) {
  detail::write_params<types>(call, values, std::make_index_sequence<types.count>());
}

// The same for types known at run time.
inline void read_params(const FlatTypes& types, CoreCall& call, uint64_t* values) {
  for (uint32_t i = 0; i < types.count; i++) values[i] = value_at(call, param_place(types, i));
}
inline void write_params(const FlatTypes& types, CoreCall& call, const uint64_t* values) {
  for (uint32_t i = 0; i < types.count; i++) value_at(call, param_place(types, i)) = values[i];
}
// There is at most one flat result (max_flat_results).
inline uint64_t& result_of(const FlatTypes& types, CoreCall& call) {
  return value_at(call, result_place(types, 0));
}

}  // namespace tenon::abi
