#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/abi/type.h"

// Lists, tuples, options and results as C++ types: std::vector<T>, std::span<const T> (a view, for
// parameters), std::tuple, std::pair, std::optional, std::expected. In a result, void or
// std::monostate is "no value".
namespace tenon::abi {

template <typename T>
concept PlainType = ComponentType<T> && requires { requires Type<T>::is_plain; };

namespace detail {

template <typename T>
struct ListType {
  using Element = Type<T>;
  static constexpr Layouts layout = pointer_pair_layouts();
  static constexpr FlatTypes flat = flat_pointer_pair();
  static constexpr Member members[] = {{{}, &Element::desc}};
  static constexpr TypeDesc desc{TypeKind::list, members};

  // canon: load_list_from_range
  static std::vector<T> copy(Context& cx, PointerPair list) {
    std::vector<T> result;
    Layout element_layout = Element::layout.of(cx.pointer_type());
    if (!check_list(cx, list.pointer, list.length, element_layout)) return result;
    if (!cx.charge(list.length * sizeof(T))) return result;
    if constexpr (PlainType<T>) {
      std::span<const T> view = view_plain(cx, list);
      result.assign(view.begin(), view.end());
    } else {
      result.reserve(list.length);
      for (uint64_t i = 0; i < list.length && !cx.failed(); i++)
        result.push_back(Element::load(cx, list.pointer + i * element_layout.size));
    }
    return result;
  }

  static std::span<const T> view(Context& cx, PointerPair list) {
    static_assert(!std::is_same_v<T, bool>, "a list of bool is a std::vector<bool>");
    if constexpr (PlainType<T>) {
      if (!check_list(cx, list.pointer, list.length, Element::layout.with_32)) return {};
      return view_plain(cx, list);
    } else {
      return cx.keep(copy(cx, list));
    }
  }

  // canon: store_list_into_range
  template <typename List>
  static PointerPair store_elements(Context& cx, List& list) {
    Layout element_layout = Element::layout.of(cx.pointer_type());
    uint64_t pointer = allocate_list(cx, list.size(), element_layout);
    if (cx.failed()) return {};
    if constexpr (PlainType<T>) {
      if (!list.empty()) std::memcpy(cx.at(pointer), list.data(), list.size() * sizeof(T));
    } else {
      uint64_t next = pointer;
      for (auto&& element : list) {
        Element::store(cx, element, next);
        if (cx.failed()) return {};
        next += element_layout.size;
      }
    }
    return {pointer, list.size()};
  }

  template <typename List>
  static void store(Context& cx, List& list, uint64_t pointer) {
    store_pair(cx, store_elements(cx, list), pointer);
  }
  template <typename List>
  static void lower(Context& cx, List& list, uint64_t*& values) {
    lower_pair(store_elements(cx, list), values);
  }

 private:
  // The list is aligned and in bounds; memory never moves and never shrinks.
  static std::span<const T> view_plain(Context& cx, PointerPair list) {
    if (list.length == 0) return {};
    return {reinterpret_cast<const T*>(cx.at(list.pointer)), static_cast<size_t>(list.length)};
  }
};

}  // namespace detail

template <ComponentType T>
struct Type<std::vector<T>> : detail::ListType<T> {
  static std::vector<T> load(Context& cx, uint64_t pointer) {
    return detail::ListType<T>::copy(cx, detail::load_pair(cx, pointer));
  }
  static std::vector<T> lift(Context& cx, const uint64_t*& values) {
    return detail::ListType<T>::copy(cx, detail::lift_pair(cx, values));
  }
};

template <ComponentType T>
struct Type<std::span<const T>> : detail::ListType<T> {
  static std::span<const T> load(Context& cx, uint64_t pointer) {
    return detail::ListType<T>::view(cx, detail::load_pair(cx, pointer));
  }
  static std::span<const T> lift(Context& cx, const uint64_t*& values) {
    return detail::ListType<T>::view(cx, detail::lift_pair(cx, values));
  }
};

// canon: elem_size_record, flatten_record. The parts of a tuple, a record or a list of parameters.
template <typename... Ts>
struct Fields {
  static constexpr size_t count = sizeof...(Ts);

 private:
  struct Placed {
    uint32_t offsets[count + 1] = {};
    Layout layout;
  };
  static constexpr Placed place(CoreType pointer) {
    Placed result;
    size_t i = 0;
    ((result.offsets[i++] =
          static_cast<uint32_t>(result.layout.add_field(Type<Ts>::layout.of(pointer)))),
     ...);
    result.layout = result.layout.finished();
    (void)i;
    return result;
  }
  static constexpr FlatTypes flatten() {
    FlatTypes types;
    (types.append(Type<Ts>::flat), ...);
    return types;
  }
  static constexpr Placed with_32 = place(CoreType::i32);
  static constexpr Placed with_64 = place(CoreType::i64);

 public:
  static constexpr uint32_t offset(size_t i, CoreType pointer) {
    return pointer == CoreType::i64 ? with_64.offsets[i] : with_32.offsets[i];
  }
  static constexpr Layouts layout = {with_32.layout, with_64.layout};
  static constexpr FlatTypes flat = flatten();
};

namespace detail {

template <typename Tuple, typename... Ts>
struct TupleType {
  using Parts = Fields<Ts...>;
  static constexpr Layouts layout = Parts::layout;
  static constexpr FlatTypes flat = Parts::flat;
  static constexpr Member members[] = {{{}, &Type<Ts>::desc}...};
  static constexpr TypeDesc desc{TypeKind::tuple, members};

  static Tuple load(Context& cx, uint64_t pointer) {
    return load(cx, pointer, std::index_sequence_for<Ts...>());
  }
  template <typename Value>
  static void store(Context& cx, Value& value, uint64_t pointer) {
    store(cx, value, pointer, std::index_sequence_for<Ts...>());
  }
  static Tuple lift(Context& cx, const uint64_t*& values) {
    return Tuple{Type<Ts>::lift(cx, values)...};
  }
  template <typename Value>
  static void lower(Context& cx, Value& value, uint64_t*& values) {
    lower(cx, value, values, std::index_sequence_for<Ts...>());
  }

 private:
  template <size_t... I>
  static Tuple load(Context& cx, uint64_t pointer, std::index_sequence<I...>) {
    return Tuple{Type<Ts>::load(cx, pointer + Parts::offset(I, cx.pointer_type()))...};
  }
  template <typename Value, size_t... I>
  static void store(Context& cx, Value& value, uint64_t pointer, std::index_sequence<I...>) {
    (Type<Ts>::store(cx, std::get<I>(value), pointer + Parts::offset(I, cx.pointer_type())), ...);
  }
  template <typename Value, size_t... I>
  static void lower(Context& cx, Value& value, uint64_t*& values, std::index_sequence<I...>) {
    (Type<Ts>::lower(cx, std::get<I>(value), values), ...);
  }
};

}  // namespace detail

template <ComponentType... Ts>
  requires(sizeof...(Ts) > 0)
struct Type<std::tuple<Ts...>> : detail::TupleType<std::tuple<Ts...>, Ts...> {};
template <ComponentType First, ComponentType Second>
struct Type<std::pair<First, Second>> : detail::TupleType<std::pair<First, Second>, First, Second> {
};

namespace detail {

// A case of a variant without a value.
template <typename T>
constexpr bool is_unit = std::is_void_v<T> || std::is_same_v<T, std::monostate>;

template <typename T>
constexpr const TypeDesc* desc_or_null() {
  if constexpr (is_unit<T>) {
    return nullptr;
  } else {
    return &Type<T>::desc;
  }
}

// canon: elem_size_variant, flatten_variant
template <typename... Ts>
struct Cases {
  static constexpr size_t count = sizeof...(Ts);

 private:
  template <typename T>
  static constexpr void widen(Layouts& payload, FlatTypes& joined) {
    if constexpr (!is_unit<T>) {
      payload.widen(Type<T>::layout);
      joined.join_case(Type<T>::flat);
    }
  }
  static constexpr auto measure() {
    struct {
      VariantLayout with_32;
      VariantLayout with_64;
      FlatTypes flat;
    } result;
    Layouts payload;
    FlatTypes joined;
    (widen<Ts>(payload, joined), ...);
    result.with_32 = variant_layout(count, payload.with_32);
    result.with_64 = variant_layout(count, payload.with_64);
    result.flat = abi::flat(CoreType::i32);
    result.flat.append(joined);
    return result;
  }
  static constexpr auto measured = measure();

 public:
  static constexpr uint32_t discriminant = discriminant_size(count);
  static constexpr Layouts layout = {measured.with_32.layout, measured.with_64.layout};
  static constexpr FlatTypes flat = measured.flat;
  static constexpr uint64_t payload_offset(CoreType pointer) {
    return pointer == CoreType::i64 ? measured.with_64.payload_offset
                                    : measured.with_32.payload_offset;
  }

  // canon: load_variant, lift_flat_variant. An unknown case fails and counts as the first.
  static uint32_t check_case(Context& cx, uint32_t index) {
    if (index < count) return index;
    cx.fail("invalid variant discriminant");
    return 0;
  }
  static uint32_t load_case(Context& cx, uint64_t pointer) {
    uint32_t index = discriminant == 1   ? cx.load<uint8_t>(pointer)
                     : discriminant == 2 ? cx.load<uint16_t>(pointer)
                                         : cx.load<uint32_t>(pointer);
    return check_case(cx, index);
  }
  static void store_case(Context& cx, size_t index, uint64_t pointer) {
    if constexpr (discriminant == 1) {
      cx.store(pointer, static_cast<uint8_t>(index));
    } else if constexpr (discriminant == 2) {
      cx.store(pointer, static_cast<uint16_t>(index));
    } else {
      cx.store(pointer, static_cast<uint32_t>(index));
    }
  }
  static uint32_t lift_case(Context& cx, const uint64_t*& values) {
    return check_case(cx, static_cast<uint32_t>(*values++));
  }
  // Writes the discriminant and zeros for the values; returns where the values go.
  static uint64_t* lower_case(size_t index, uint64_t*& values) {
    *values++ = index;
    uint64_t* payload = values;
    for (uint32_t i = 1; i < flat.count; i++) *values++ = 0;
    return payload;
  }
  static const uint64_t* skip_payload(const uint64_t*& values) {
    const uint64_t* payload = values;
    values += flat.count - 1;
    return payload;
  }
};

}  // namespace detail

template <ComponentType T>
struct Type<std::optional<T>> {
 private:
  using Parts = detail::Cases<void, T>;

 public:
  static constexpr Layouts layout = Parts::layout;
  static constexpr FlatTypes flat = Parts::flat;
  static constexpr Member members[] = {{{}, &Type<T>::desc}};
  static constexpr TypeDesc desc{TypeKind::option, members};

  static std::optional<T> load(Context& cx, uint64_t pointer) {
    if (Parts::load_case(cx, pointer) == 0) return std::nullopt;
    return Type<T>::load(cx, pointer + Parts::payload_offset(cx.pointer_type()));
  }
  template <typename Value>
  static void store(Context& cx, Value& value, uint64_t pointer) {
    Parts::store_case(cx, value.has_value() ? 1 : 0, pointer);
    if (value) Type<T>::store(cx, *value, pointer + Parts::payload_offset(cx.pointer_type()));
  }
  static std::optional<T> lift(Context& cx, const uint64_t*& values) {
    uint32_t index = Parts::lift_case(cx, values);
    const uint64_t* payload = Parts::skip_payload(values);
    if (index == 0) return std::nullopt;
    return Type<T>::lift(cx, payload);
  }
  template <typename Value>
  static void lower(Context& cx, Value& value, uint64_t*& values) {
    uint64_t* payload = Parts::lower_case(value.has_value() ? 1 : 0, values);
    if (value) Type<T>::lower(cx, *value, payload);
  }
};

// `result<T, E>`; an E of Trap is no result but how a host function fails (host_func.h).
template <typename T, typename E>
  requires(detail::is_unit<T> || ComponentType<T>) && (detail::is_unit<E> || ComponentType<E>)
struct Type<std::expected<T, E>> {
 private:
  using Value = std::expected<T, E>;
  using Parts = detail::Cases<T, E>;
  static constexpr bool has_value = !detail::is_unit<T>;
  static constexpr bool has_error = !detail::is_unit<E>;

 public:
  static constexpr Layouts layout = Parts::layout;
  static constexpr FlatTypes flat = Parts::flat;
  static constexpr Member members[] = {{"ok", detail::desc_or_null<T>()},
                                       {"err", detail::desc_or_null<E>()}};
  static constexpr TypeDesc desc{TypeKind::result, members};

  static Value load(Context& cx, uint64_t pointer) {
    bool is_error = Parts::load_case(cx, pointer) == 1;
    uint64_t payload = pointer + Parts::payload_offset(cx.pointer_type());
    if (is_error) {
      if constexpr (has_error)
        return std::unexpected<E>(Type<E>::load(cx, payload));
      else
        return std::unexpected<E>(E());
    }
    if constexpr (has_value)
      return Type<T>::load(cx, payload);
    else
      return Value();
  }
  static Value lift(Context& cx, const uint64_t*& values) {
    bool is_error = Parts::lift_case(cx, values) == 1;
    const uint64_t* payload = Parts::skip_payload(values);
    if (is_error) {
      if constexpr (has_error)
        return std::unexpected<E>(Type<E>::lift(cx, payload));
      else
        return std::unexpected<E>(E());
    }
    if constexpr (has_value)
      return Type<T>::lift(cx, payload);
    else
      return Value();
  }
  template <typename V>
  static void store(Context& cx, V& value, uint64_t pointer) {
    Parts::store_case(cx, value.has_value() ? 0 : 1, pointer);
    uint64_t payload = pointer + Parts::payload_offset(cx.pointer_type());
    if constexpr (has_value) {
      if (value) Type<T>::store(cx, *value, payload);
    }
    if constexpr (has_error) {
      if (!value) Type<E>::store(cx, value.error(), payload);
    }
  }
  template <typename V>
  static void lower(Context& cx, V& value, uint64_t*& values) {
    uint64_t* payload = Parts::lower_case(value.has_value() ? 0 : 1, values);
    if constexpr (has_value) {
      if (value) Type<T>::lower(cx, *value, payload);
    }
    if constexpr (has_error) {
      if (!value) Type<E>::lower(cx, value.error(), payload);
    }
  }
};

}  // namespace tenon::abi
