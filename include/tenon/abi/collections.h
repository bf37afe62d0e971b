#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <utility>

#include "tenon/abi/containers.h"

// Lists of fixed length and maps as C++ types: std::array<T, n>, std::map<K, V>. Of entries with
// one key, the last counts.
namespace tenon::abi {

template <ComponentType T, size_t n>
  requires(n > 0)
struct Type<std::array<T, n>> {
  using Element = Type<T>;

 private:
  static constexpr FlatTypes flatten() {
    FlatTypes types;
    for (size_t i = 0; i < n && i < max_flat_values; i++) types.append(Element::flat);
    return types;
  }

 public:
  static constexpr Layouts layout = {
      {Element::layout.with_32.size * n, Element::layout.with_32.alignment},
      {Element::layout.with_64.size * n, Element::layout.with_64.alignment}};
  static_assert(layout.with_64.size < (uint64_t{1} << 28),
                "a value is too large for the Canonical ABI");
  static constexpr FlatTypes flat = flatten();
  static constexpr Member members[] = {{{}, &Element::desc}};
  static constexpr TypeDesc desc{TypeKind::fixed_list, members, nullptr, n};
  static constexpr bool is_plain = PlainType<T>;

  static std::array<T, n> load(Context& cx, uint64_t pointer) {
    std::array<T, n> result{};
    uint64_t size = Element::layout.of(cx.pointer_type()).size;
    for (size_t i = 0; i < n && !cx.failed(); i++)
      result[i] = Element::load(cx, pointer + i * size);
    return result;
  }
  template <typename Array>
  static void store(Context& cx, Array& array, uint64_t pointer) {
    uint64_t size = Element::layout.of(cx.pointer_type()).size;
    for (size_t i = 0; i < n && !cx.failed(); i++) Element::store(cx, array[i], pointer + i * size);
  }
  static std::array<T, n> lift(Context& cx, const uint64_t*& values) {
    std::array<T, n> result{};
    for (T& element : result) element = Element::lift(cx, values);
    return result;
  }
  template <typename Array>
  static void lower(Context& cx, Array& array, uint64_t*& values) {
    for (auto& element : array) Element::lower(cx, element, values);
  }
};

template <ComponentType K, ComponentType V>
struct Type<std::map<K, V>> : detail::ListType<std::pair<K, V>> {
  using List = detail::ListType<std::pair<K, V>>;
  static constexpr Member members[] = {{{}, &Type<K>::desc}, {{}, &Type<V>::desc}};
  static constexpr TypeDesc desc{TypeKind::map, members};

  static std::map<K, V> load(Context& cx, uint64_t pointer) {
    return collect(List::copy(cx, detail::load_pair(cx, pointer)));
  }
  static std::map<K, V> lift(Context& cx, const uint64_t*& values) {
    return collect(List::copy(cx, detail::lift_pair(cx, values)));
  }

 private:
  static std::map<K, V> collect(std::vector<std::pair<K, V>> entries) {
    std::map<K, V> result;
    for (auto& [key, value] : entries) result.insert_or_assign(std::move(key), std::move(value));
    return result;
  }
};

}  // namespace tenon::abi
