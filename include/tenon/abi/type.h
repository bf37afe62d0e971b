#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "tenon/abi/context.h"
#include "tenon/abi/flatten.h"
#include "tenon/abi/layout.h"

// How C++ types stand for component types. Type<T> holds, for every T that does:
//
//   layout, flat   where values lie in memory and how many core values they are. `flat` is for
//                  32-bit pointers; with 64-bit ones there are as many, in registers of the same
//                  class (canon: join)
//   desc           a description, compared with the component's type when the two are linked
//   load, store    canon: load, store. `pointer` is aligned and in bounds
//   lift, lower    canon: lift_flat, lower_flat. `values` moves behind the core values read or
//   written
//   from_bits, to_bits   the same of numbers, which need nothing else and cannot fail
//
// This file has the scalars and strings; containers.h, record.h and resource.h have the rest.
namespace tenon::abi {

enum class TypeKind : uint8_t {
  bool_,
  s8,
  u8,
  s16,
  u16,
  s32,
  u32,
  s64,
  u64,
  f32,
  f64,
  char_,
  string,
  list,
  record,
  tuple,
  variant,
  enum_,
  flags,
  option,
  result,
  own,
  borrow,
  fixed_list,
  map,
  stream,
  future,
};

struct TypeDesc;
struct ResourceType;

struct Member {
  std::string_view name;           // empty where the kind has no names
  const TypeDesc* type = nullptr;  // null: a case, stream or future without a value
};

struct TypeDesc {
  TypeKind kind;
  // Fields, cases, labels or elements; list, option, stream, future: one; result: the ok case, then
  // the error case; map: key and value.
  std::span<const Member> members = {};
  const ResourceType* resource = nullptr;  // own, borrow; null there: a resource of any type
  uint64_t length = 0;                     // fixed_list
};

template <typename T>
struct Type;

template <typename T>
concept ComponentType = requires {
  { Type<T>::layout.with_32 };
  { Type<T>::desc.kind };
};
template <typename T>
concept Number = requires(uint64_t bits) {
  { Type<T>::from_bits(bits) };
};

// canon: canonicalize_nan32, canonicalize_nan64
template <typename Float>
Float canonicalize_nan(Float value) {
  return value == value ? value : std::numeric_limits<Float>::quiet_NaN();
}

namespace detail {

template <typename T, TypeKind type_kind>
struct IntegerType {
  static constexpr Layouts layout = scalar_layout(sizeof(T));
  static constexpr FlatTypes flat = abi::flat(sizeof(T) == 8 ? CoreType::i64 : CoreType::i32);
  static constexpr TypeDesc desc{type_kind};
  // A list of them is a C++ array as it lies in memory.
  static constexpr bool is_plain = true;

  static T load(Context& cx, uint64_t pointer) { return cx.load<T>(pointer); }
  static void store(Context& cx, T value, uint64_t pointer) { cx.store(pointer, value); }
  static T lift(Context&, const uint64_t*& values) { return from_bits(*values++); }
  static void lower(Context&, T value, uint64_t*& values) { *values++ = to_bits(value); }

  static T from_bits(uint64_t bits) { return static_cast<T>(bits); }
  // Smaller integers are extended to 32 bits as their sign says, and from there with zeros.
  static uint64_t to_bits(T value) {
    if constexpr (sizeof(T) == 8) {
      return static_cast<uint64_t>(value);
    } else {
      return static_cast<uint32_t>(value);
    }
  }
};

template <typename T, typename Bits, TypeKind type_kind, CoreType core>
struct FloatType {
  static constexpr Layouts layout = scalar_layout(sizeof(T));
  static constexpr FlatTypes flat = abi::flat(core);
  static constexpr TypeDesc desc{type_kind};
  static constexpr bool is_plain = true;

  static T load(Context& cx, uint64_t pointer) { return canonicalize_nan(cx.load<T>(pointer)); }
  static void store(Context& cx, T value, uint64_t pointer) {
    cx.store(pointer, canonicalize_nan(value));
  }
  static T lift(Context&, const uint64_t*& values) { return from_bits(*values++); }
  static void lower(Context&, T value, uint64_t*& values) { *values++ = to_bits(value); }

  static T from_bits(uint64_t bits) {
    return canonicalize_nan(std::bit_cast<T>(static_cast<Bits>(bits)));
  }
  static uint64_t to_bits(T value) { return std::bit_cast<Bits>(canonicalize_nan(value)); }
};

}  // namespace detail

template <>
struct Type<int8_t> : detail::IntegerType<int8_t, TypeKind::s8> {};
template <>
struct Type<uint8_t> : detail::IntegerType<uint8_t, TypeKind::u8> {};
template <>
struct Type<int16_t> : detail::IntegerType<int16_t, TypeKind::s16> {};
template <>
struct Type<uint16_t> : detail::IntegerType<uint16_t, TypeKind::u16> {};
template <>
struct Type<int32_t> : detail::IntegerType<int32_t, TypeKind::s32> {};
template <>
struct Type<uint32_t> : detail::IntegerType<uint32_t, TypeKind::u32> {};
template <>
struct Type<int64_t> : detail::IntegerType<int64_t, TypeKind::s64> {};
template <>
struct Type<uint64_t> : detail::IntegerType<uint64_t, TypeKind::u64> {};
template <>
struct Type<float> : detail::FloatType<float, uint32_t, TypeKind::f32, CoreType::f32> {};
template <>
struct Type<double> : detail::FloatType<double, uint64_t, TypeKind::f64, CoreType::f64> {};

// canon: convert_int_to_bool
template <>
struct Type<bool> {
  static constexpr Layouts layout = scalar_layout(1);
  static constexpr FlatTypes flat = abi::flat(CoreType::i32);
  static constexpr TypeDesc desc{TypeKind::bool_};

  static bool load(Context& cx, uint64_t pointer) { return cx.load<uint8_t>(pointer) != 0; }
  static void store(Context& cx, bool value, uint64_t pointer) {
    cx.store<uint8_t>(pointer, value ? 1 : 0);
  }
  static bool lift(Context&, const uint64_t*& values) { return from_bits(*values++); }
  static void lower(Context&, bool value, uint64_t*& values) { *values++ = to_bits(value); }

  static bool from_bits(uint64_t bits) { return static_cast<uint32_t>(bits) != 0; }
  static uint64_t to_bits(bool value) { return value ? 1 : 0; }
};

template <>
struct Type<char32_t> {
  static constexpr Layouts layout = scalar_layout(4);
  static constexpr FlatTypes flat = abi::flat(CoreType::i32);
  static constexpr TypeDesc desc{TypeKind::char_};

  static char32_t load(Context& cx, uint64_t pointer) {
    return convert_i32_to_char(cx, cx.load<uint32_t>(pointer));
  }
  // canon: char_to_i32. A char32_t of the host's can be anything.
  static void store(Context& cx, char32_t value, uint64_t pointer) {
    cx.store<uint32_t>(pointer, convert_i32_to_char(cx, value));
  }
  static char32_t lift(Context& cx, const uint64_t*& values) {
    return convert_i32_to_char(cx, static_cast<uint32_t>(*values++));
  }
  static void lower(Context& cx, char32_t value, uint64_t*& values) {
    *values++ = convert_i32_to_char(cx, value);
  }
};

namespace detail {

inline PointerPair load_pair(Context& cx, uint64_t pointer) {
  return {cx.load_pointer(pointer), cx.load_pointer(pointer + pointer_size(cx.pointer_type()))};
}
inline PointerPair lift_pair(Context& cx, const uint64_t*& values) {
  PointerPair pair{cx.lift_pointer(values[0]), cx.lift_pointer(values[1])};
  values += 2;
  return pair;
}
inline void store_pair(Context& cx, PointerPair pair, uint64_t pointer) {
  cx.store_pointer(pointer, pair.pointer);
  cx.store_pointer(pointer + pointer_size(cx.pointer_type()), pair.length);
}
inline void lower_pair(PointerPair pair, uint64_t*& values) {
  *values++ = pair.pointer;
  *values++ = pair.length;
}

struct StringType {
  static constexpr Layouts layout = pointer_pair_layouts();
  static constexpr FlatTypes flat = flat_pointer_pair();
  static constexpr TypeDesc desc{TypeKind::string};

  static void store(Context& cx, std::string_view value, uint64_t pointer) {
    store_pair(cx, store_string_into_range(cx, value), pointer);
  }
  static void lower(Context& cx, std::string_view value, uint64_t*& values) {
    lower_pair(store_string_into_range(cx, value), values);
  }
};

}  // namespace detail

template <>
struct Type<std::string> : detail::StringType {
  static std::string load(Context& cx, uint64_t pointer) {
    PointerPair pair = detail::load_pair(cx, pointer);
    return load_string_from_range(cx, pair.pointer, pair.length);
  }
  static std::string lift(Context& cx, const uint64_t*& values) {
    PointerPair pair = detail::lift_pair(cx, values);
    return load_string_from_range(cx, pair.pointer, pair.length);
  }
};

// As a parameter of a host function: valid until the function returns.
template <>
struct Type<std::string_view> : detail::StringType {
  static std::string_view load(Context& cx, uint64_t pointer) {
    PointerPair pair = detail::load_pair(cx, pointer);
    return view_string_from_range(cx, pair.pointer, pair.length);
  }
  static std::string_view lift(Context& cx, const uint64_t*& values) {
    PointerPair pair = detail::lift_pair(cx, values);
    return view_string_from_range(cx, pair.pointer, pair.length);
  }
};

}  // namespace tenon::abi
