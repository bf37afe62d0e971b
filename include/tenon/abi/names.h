#pragma once

#include <array>
#include <cstddef>
#include <string_view>

// C++ names as component names: `max_size` is `max-size`, `default_` is `default`. Compile time
// only.
namespace tenon::abi {

template <size_t n>
struct FixedString {
  char text[n] = {};
  constexpr FixedString(
      const char (&literal)[n]) {  // NOLINT(google-explicit-constructor): a literal stands for it
    for (size_t i = 0; i < n; i++) text[i] = literal[i];
  }
};

namespace detail {
template <FixedString name>
constexpr auto make_kebab() {
  constexpr size_t length = sizeof(name.text) - 1;
  constexpr size_t kept = length > 1 && name.text[length - 1] == '_' ? length - 1 : length;
  std::array<char, kept> text{};
  for (size_t i = 0; i < kept; i++) text[i] = name.text[i] == '_' ? '-' : name.text[i];
  return text;
}
template <FixedString name>
inline constexpr auto kebab_storage = make_kebab<name>();
}  // namespace detail

template <FixedString name>
inline constexpr std::string_view kebab{detail::kebab_storage<name>.data(),
                                        detail::kebab_storage<name>.size()};

}  // namespace tenon::abi

// TENON_FOR_EACH(MACRO, context, a, b, ...) is MACRO(context, a), MACRO(context, b), ...; up to 341
// names.
#define TENON_PARENS ()
#define TENON_EXPAND(...) TENON_EXPAND4(TENON_EXPAND4(TENON_EXPAND4(TENON_EXPAND4(__VA_ARGS__))))
#define TENON_EXPAND4(...) TENON_EXPAND3(TENON_EXPAND3(TENON_EXPAND3(TENON_EXPAND3(__VA_ARGS__))))
#define TENON_EXPAND3(...) TENON_EXPAND2(TENON_EXPAND2(TENON_EXPAND2(TENON_EXPAND2(__VA_ARGS__))))
#define TENON_EXPAND2(...) TENON_EXPAND1(TENON_EXPAND1(TENON_EXPAND1(TENON_EXPAND1(__VA_ARGS__))))
#define TENON_EXPAND1(...) __VA_ARGS__
#define TENON_FOR_EACH(macro, context, ...) \
  __VA_OPT__(TENON_EXPAND(TENON_FOR_EACH_STEP(macro, context, __VA_ARGS__)))
#define TENON_FOR_EACH_STEP(macro, context, first, ...) \
  macro(context, first) __VA_OPT__(, TENON_FOR_EACH_AGAIN TENON_PARENS(macro, context, __VA_ARGS__))
#define TENON_FOR_EACH_AGAIN() TENON_FOR_EACH_STEP
