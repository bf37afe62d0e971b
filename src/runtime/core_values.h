#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <expected>
#include <tuple>
#include <type_traits>
#include <vector>

#include "compiler/contract.h"
#include "tenon/trap.h"
#include "wasm/types.h"

// C++ types as core values, and where a list of them travels (docs/contract.md, section 1), decided
// at compile time.
namespace tenon::runtime {

// The C++ types that stand for core values: integers of 32 and 64 bits, float, double, Slot (v128),
// FuncRef*.
template <typename T>
struct CoreValue;

namespace detail {
template <typename T, wasm::ValType::Kind kind_, bool is_float_>
struct Number {
  static constexpr wasm::ValType type = kind_;
  static constexpr bool is_float = is_float_;
};
}  // namespace detail

template <>
struct CoreValue<uint32_t> : detail::Number<uint32_t, wasm::ValType::i32, false> {};
template <>
struct CoreValue<int32_t> : detail::Number<int32_t, wasm::ValType::i32, false> {};
template <>
struct CoreValue<uint64_t> : detail::Number<uint64_t, wasm::ValType::i64, false> {};
template <>
struct CoreValue<int64_t> : detail::Number<int64_t, wasm::ValType::i64, false> {};
template <>
struct CoreValue<float> : detail::Number<float, wasm::ValType::f32, true> {};
template <>
struct CoreValue<double> : detail::Number<double, wasm::ValType::f64, true> {};
template <>
struct CoreValue<compiler::Slot> : detail::Number<compiler::Slot, wasm::ValType::v128, true> {};
template <>
struct CoreValue<compiler::FuncRef*> {
  static constexpr wasm::ValType type = wasm::ValType::funcref();
  static constexpr bool is_float = false;
};

template <typename T>
concept IsCoreValue = requires { CoreValue<T>::type; };

// Where a value travels.
struct Place {
  enum class Kind : uint8_t { integer, floating, overflow };
  Kind kind;
  uint32_t index;
};

// Gives out places in order.
struct PlaceCounter {
  uint32_t max_integer, max_float;
  uint32_t integers = 0, floats = 0, overflow = 0;

  constexpr Place next(bool is_float) {
    if (is_float && floats < max_float) return {Place::Kind::floating, floats++};
    if (!is_float && integers < max_integer) return {Place::Kind::integer, integers++};
    return {Place::Kind::overflow, overflow++};
  }
  static constexpr PlaceCounter params() {
    return {compiler::max_int_params, compiler::max_float_params};
  }
  static constexpr PlaceCounter results() {
    return {compiler::max_int_results, compiler::max_float_results};
  }
};

constexpr bool is_float_class(wasm::ValType type) {
  return type.is_float() || type.kind() == wasm::ValType::v128;
}

inline void* place_in(compiler::StoreContext& context, Place place) {
  switch (place.kind) {
    case Place::Kind::integer: return &context.call.gpr[place.index];
    case Place::Kind::floating: return &context.call.xmm[place.index];
    case Place::Kind::overflow: break;
  }
  return &context.overflow[place.index];
}

// A list of C++ types as parameters or results.
template <typename... Ts>
struct CoreTypes {
  static constexpr bool has_floats = (false || ... || CoreValue<Ts>::is_float);
  static std::vector<wasm::ValType> types() { return {CoreValue<Ts>::type...}; }

  static constexpr std::array<Place, sizeof...(Ts)> places(PlaceCounter counter) {
    return {counter.next(CoreValue<Ts>::is_float)...};
  }
  static std::tuple<Ts...> read(compiler::StoreContext& context,
                                const std::array<Place, sizeof...(Ts)>& at) {
    std::tuple<Ts...> values;
    [&]<size_t... I>(std::index_sequence<I...>) {
      (std::memcpy(&std::get<I>(values), place_in(context, at[I]), sizeof(std::get<I>(values))),
       ...);
    }(std::index_sequence_for<Ts...>());
    return values;
  }
  static void write(compiler::StoreContext& context, const std::array<Place, sizeof...(Ts)>& at,
                    const std::tuple<Ts...>& values) {
    [&]<size_t... I>(std::index_sequence<I...>) {
      (std::memcpy(place_in(context, at[I]), &std::get<I>(values), sizeof(std::get<I>(values))),
       ...);
    }(std::index_sequence_for<Ts...>());
  }
};

// What a function returns, as a list: nothing for void, the members of a tuple, else the value
// itself.
template <typename R>
struct CoreResults : CoreTypes<R> {
  static std::tuple<R> pack(const R& value) { return {value}; }
  static R unpack(const std::tuple<R>& values) { return std::get<0>(values); }
};
template <>
struct CoreResults<void> : CoreTypes<> {};
template <typename... Ts>
struct CoreResults<std::tuple<Ts...>> : CoreTypes<Ts...> {
  static const std::tuple<Ts...>& pack(const std::tuple<Ts...>& values) { return values; }
  static const std::tuple<Ts...>& unpack(const std::tuple<Ts...>& values) { return values; }
};

}  // namespace tenon::runtime
