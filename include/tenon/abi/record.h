#pragma once

#include <array>
#include <initializer_list>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "tenon/abi/containers.h"
#include "tenon/abi/names.h"

// Records, variants, enums and flags: C++ types that are described with one line each, in the
// global namespace, after their definition. Names become kebab-case; a trailing underscore is
// dropped.
//
//   struct Point { int32_t x = 0; int32_t y = 0; };
//   TENON_RECORD(Point, x, y)
//   enum class Color : uint8_t { red, green };
//   TENON_ENUM(Color, red, green)                       // all of them, in order, counted from 0
//   struct Open { bool create = false; bool truncate = false; };
//   TENON_FLAGS(Open, create, truncate)
//   struct Shape : std::variant<double, Point, std::monostate> { using variant::variant; };
//   TENON_VARIANT(Shape, circle, square, nothing)       // std::monostate: a case without a value
namespace tenon::abi {

template <typename Record, typename Member>
struct Field {
  using Value = Member;
  std::string_view name;
  Member Record::* member;
};
template <typename Record, typename Member>
Field(std::string_view, Member Record::*) -> Field<Record, Member>;

constexpr bool counts_from_zero(std::initializer_list<uint64_t> values) {
  uint64_t next = 0;
  for (uint64_t value : values) {
    if (value != next++) return false;
  }
  return true;
}

// Specialized by the macros; each has a tuple `fields` or an array `names`.
template <typename T>
struct RecordTraits;
template <typename T>
struct FlagsTraits;
template <typename T>
struct EnumTraits;
template <typename T>
struct VariantTraits;

namespace detail {

template <typename T, typename Indices>
struct RecordType;

template <typename T, size_t... I>
struct RecordType<T, std::index_sequence<I...>> {
  static constexpr auto& fields = RecordTraits<T>::fields;
  template <size_t i>
  using FieldType =
      Type<typename std::tuple_element_t<i, std::remove_cvref_t<decltype(fields)>>::Value>;

  using Parts =
      Fields<typename std::tuple_element_t<I, std::remove_cvref_t<decltype(fields)>>::Value...>;
  static constexpr Layouts layout = Parts::layout;
  static constexpr FlatTypes flat = Parts::flat;
  static constexpr Member members[] = {{std::get<I>(fields).name, &FieldType<I>::desc}...};
  static constexpr TypeDesc desc{TypeKind::record, members};

  static T load(Context& cx, uint64_t pointer) {
    T value{};
    ((value.*std::get<I>(fields).member =
          FieldType<I>::load(cx, pointer + Parts::offset(I, cx.pointer_type()))),
     ...);
    return value;
  }
  template <typename Value>
  static void store(Context& cx, Value& value, uint64_t pointer) {
    (FieldType<I>::store(cx, value.*std::get<I>(fields).member,
                         pointer + Parts::offset(I, cx.pointer_type())),
     ...);
  }
  static T lift(Context& cx, const uint64_t*& values) {
    T value{};
    ((value.*std::get<I>(fields).member = FieldType<I>::lift(cx, values)), ...);
    return value;
  }
  template <typename Value>
  static void lower(Context& cx, Value& value, uint64_t*& values) {
    (FieldType<I>::lower(cx, value.*std::get<I>(fields).member, values), ...);
  }
};

template <typename T>
constexpr size_t field_count =
    std::tuple_size_v<std::remove_cvref_t<decltype(RecordTraits<T>::fields)>>;

// The names as members without a type.
template <size_t n>
constexpr std::array<Member, n> named_members(const std::string_view (&names)[n]) {
  std::array<Member, n> members{};
  for (size_t i = 0; i < n; i++) members[i].name = names[i];
  return members;
}

}  // namespace detail

template <typename T>
  requires requires { RecordTraits<T>::fields; }
struct Type<T> : detail::RecordType<T, std::make_index_sequence<detail::field_count<T>>> {};

template <typename T>
  requires requires { EnumTraits<T>::names; }
struct Type<T> {
  static constexpr size_t count = std::size(EnumTraits<T>::names);
  static constexpr Layouts layout = variant_layout(count, {}).layout;
  static constexpr FlatTypes flat = abi::flat(CoreType::i32);
  static constexpr auto members = detail::named_members(EnumTraits<T>::names);
  static constexpr TypeDesc desc{TypeKind::enum_, members};

 private:
  using Bits = std::conditional_t<layout.with_32.size == 1, uint8_t,
                                  std::conditional_t<layout.with_32.size == 2, uint16_t, uint32_t>>;
  static T check(Context& cx, uint32_t index) {
    if (index < count) return static_cast<T>(index);
    cx.fail("invalid variant discriminant");
    return static_cast<T>(0);
  }
  // An enum of the host's can hold any number.
  static Bits number(Context& cx, T value) {
    return static_cast<Bits>(check(cx, static_cast<uint32_t>(value)));
  }

 public:
  static T load(Context& cx, uint64_t pointer) { return check(cx, cx.load<Bits>(pointer)); }
  static void store(Context& cx, T value, uint64_t pointer) {
    cx.store<Bits>(pointer, number(cx, value));
  }
  static T lift(Context& cx, const uint64_t*& values) {
    return check(cx, static_cast<uint32_t>(*values++));
  }
  static void lower(Context& cx, T value, uint64_t*& values) { *values++ = number(cx, value); }
};

// canon: unpack_flags_from_int, pack_flags_into_int. Bits without a label are ignored.
template <typename T>
  requires requires { FlagsTraits<T>::fields; }
struct Type<T> {
  static constexpr auto& fields = FlagsTraits<T>::fields;
  static constexpr size_t count = std::tuple_size_v<std::remove_cvref_t<decltype(fields)>>;
  static_assert(count > 0 && count <= 32);
  static constexpr Layouts layout = flags_layout(count);
  static constexpr FlatTypes flat = abi::flat(CoreType::i32);

 private:
  using Bits = std::conditional_t<layout.with_32.size == 1, uint8_t,
                                  std::conditional_t<layout.with_32.size == 2, uint16_t, uint32_t>>;
  static constexpr auto make_members() {
    std::array<Member, count> result{};
    std::apply(
        [&](auto... field) {
          size_t i = 0;
          ((result[i++].name = field.name), ...);
        },
        fields);
    return result;
  }
  static T unpack(uint32_t bits) {
    T value{};
    std::apply([&](auto... field) { ((value.*field.member = (bits & 1) != 0, bits >>= 1), ...); },
               fields);
    return value;
  }
  static uint32_t pack(const T& value) {
    uint32_t bits = 0;
    uint32_t bit = 1;
    std::apply([&](auto... field) { ((bits |= value.*field.member ? bit : 0, bit <<= 1), ...); },
               fields);
    return bits;
  }

 public:
  static constexpr auto members = make_members();
  static constexpr TypeDesc desc{TypeKind::flags, members};

  static T load(Context& cx, uint64_t pointer) { return unpack(cx.load<Bits>(pointer)); }
  static void store(Context& cx, const T& value, uint64_t pointer) {
    cx.store<Bits>(pointer, static_cast<Bits>(pack(value)));
  }
  static T lift(Context&, const uint64_t*& values) {
    return unpack(static_cast<uint32_t>(*values++));
  }
  static void lower(Context&, const T& value, uint64_t*& values) { *values++ = pack(value); }
};

namespace detail {

template <typename T, typename Variant>
struct VariantType;

template <typename T, typename... Ts>
struct VariantType<T, std::variant<Ts...>> {
  using Base = std::variant<Ts...>;
  using Parts = Cases<Ts...>;
  static constexpr size_t count = sizeof...(Ts);
  static_assert(std::size(VariantTraits<T>::names) == count, "a name for each alternative");
  static constexpr Layouts layout = Parts::layout;
  static constexpr FlatTypes flat = Parts::flat;

 private:
  static constexpr std::array<Member, count> make_members() {
    std::array<Member, count> result = named_members(VariantTraits<T>::names);
    size_t i = 0;
    ((result[i++].type = desc_or_null<Ts>()), ...);
    return result;
  }
  // Calls `f` with the number of the case as a constant.
  template <typename Function>
  static void for_case(size_t index, Function&& f) {
    [&]<size_t... I>(std::index_sequence<I...>) {
      (void)((index == I && (f(std::integral_constant<size_t, I>()), true)) || ...);
    }(std::index_sequence_for<Ts...>());
  }
  template <size_t i>
  using Case = std::variant_alternative_t<i, Base>;

 public:
  static constexpr auto members = make_members();
  static constexpr TypeDesc desc{TypeKind::variant, members};

  static T load(Context& cx, uint64_t pointer) {
    T value;
    for_case(Parts::load_case(cx, pointer), [&](auto i) {
      if constexpr (is_unit<Case<i>>)
        value.template emplace<i>();
      else
        value.template emplace<i>(
            Type<Case<i>>::load(cx, pointer + Parts::payload_offset(cx.pointer_type())));
    });
    return value;
  }
  static T lift(Context& cx, const uint64_t*& values) {
    T value;
    uint32_t index = Parts::lift_case(cx, values);
    const uint64_t* payload = Parts::skip_payload(values);
    for_case(index, [&](auto i) {
      if constexpr (is_unit<Case<i>>)
        value.template emplace<i>();
      else
        value.template emplace<i>(Type<Case<i>>::lift(cx, payload));
    });
    return value;
  }
  template <typename Value>
  static void store(Context& cx, Value& value, uint64_t pointer) {
    Parts::store_case(cx, value.index(), pointer);
    for_case(value.index(), [&](auto i) {
      if constexpr (!is_unit<Case<i>>) {
        Type<Case<i>>::store(cx, *std::get_if<i>(base(value)),
                             pointer + Parts::payload_offset(cx.pointer_type()));
      }
    });
  }
  template <typename Value>
  static void lower(Context& cx, Value& value, uint64_t*& values) {
    uint64_t* payload = Parts::lower_case(value.index(), values);
    for_case(value.index(), [&](auto i) {
      if constexpr (!is_unit<Case<i>>)
        Type<Case<i>>::lower(cx, *std::get_if<i>(base(value)), payload);
    });
  }

 private:
  static Base* base(T& value) { return &value; }
  static const Base* base(const T& value) { return &value; }
};

template <typename... Ts>
std::variant<Ts...> variant_base(const std::variant<Ts...>&);

}  // namespace detail

template <typename T>
  requires requires { VariantTraits<T>::names; }
struct Type<T> : detail::VariantType<T, decltype(detail::variant_base(std::declval<const T&>()))> {
};

}  // namespace tenon::abi

#define TENON_FIELD_(Struct, field)             \
  ::tenon::abi::Field {                         \
    ::tenon::abi::kebab<#field>, &Struct::field \
  }
#define TENON_NAME_(Struct, name) ::tenon::abi::kebab<#name>
#define TENON_IN_ORDER_(Enum, name) static_cast<uint64_t>(Enum::name)

#define TENON_RECORD(Struct, ...)                                           \
  template <>                                                               \
  struct tenon::abi::RecordTraits<Struct> {                                 \
    static constexpr auto fields =                                          \
        std::make_tuple(TENON_FOR_EACH(TENON_FIELD_, Struct, __VA_ARGS__)); \
  };
#define TENON_FLAGS(Struct, ...)                                            \
  template <>                                                               \
  struct tenon::abi::FlagsTraits<Struct> {                                  \
    static constexpr auto fields =                                          \
        std::make_tuple(TENON_FOR_EACH(TENON_FIELD_, Struct, __VA_ARGS__)); \
  };
#define TENON_ENUM(Enum, ...)                                                                     \
  template <>                                                                                     \
  struct tenon::abi::EnumTraits<Enum> {                                                           \
    static constexpr std::string_view names[] = {TENON_FOR_EACH(TENON_NAME_, Enum, __VA_ARGS__)}; \
  };                                                                                              \
  static_assert(                                                                                  \
      ::tenon::abi::counts_from_zero({TENON_FOR_EACH(TENON_IN_ORDER_, Enum, __VA_ARGS__)}),       \
      "the enumerators of " #Enum " are listed in order, from 0");
#define TENON_VARIANT(Variant, ...)                         \
  template <>                                               \
  struct tenon::abi::VariantTraits<Variant> {               \
    static constexpr std::string_view names[] = {           \
        TENON_FOR_EACH(TENON_NAME_, Variant, __VA_ARGS__)}; \
  };
