#pragma once

#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "tenon/abi/record.h"

// Which types of C++ point into a guest: they are for parameters of host functions alone, since
// what they see goes when the call ends.
namespace tenon::abi::detail {

// Whether a type has a view inside, which would outlive what it points to.
template <typename T>
constexpr bool holds_view();

template <typename T>
struct ViewIn {
  static constexpr bool value = false;
};
template <>
struct ViewIn<std::string_view> {
  static constexpr bool value = true;
};
template <typename T>
struct ViewIn<std::span<T>> {
  static constexpr bool value = true;
};
template <template <typename...> typename Container, typename... Ts>
struct ViewIn<Container<Ts...>> {
  static constexpr bool value = (holds_view<Ts>() || ...);
};
template <typename T>
  requires requires { RecordTraits<T>::fields; }
struct ViewIn<T> {
  static constexpr bool value = std::apply(
      [](auto... field) { return (holds_view<typename decltype(field)::Value>() || ...); },
      RecordTraits<T>::fields);
};
template <typename T>
  requires requires { VariantTraits<T>::names; }
struct ViewIn<T> : ViewIn<decltype(variant_base(std::declval<const T&>()))> {};

template <typename T>
constexpr bool holds_view() {
  return ViewIn<T>::value;
}

}  // namespace tenon::abi::detail
