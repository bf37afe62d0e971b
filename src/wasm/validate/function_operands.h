#pragma once

#include "wasm/validate/function.h"

// Member functions of BodyWalker: the operand stack under the standard's rules for unreachable
// code.
namespace tenon::wasm {

template <Sink S>
void BodyWalker<S>::no_room() {
  fail_limit(operands_.max_size + 1, "operands", operands_.max_size);
}

template <Sink S>
void BodyWalker<S>::push(ValType type, Value value) {
  if (!operands_.make_room(1)) [[unlikely]]
    return no_room();
  operands_.push(type, value);
}

template <Sink S>
auto BodyWalker<S>::pop_any(Value& value) -> ValType {
  value = Value{};
  if (operands_.size() == height_) [[unlikely]] {
    if (!polymorphic_) fail_missing(ValType::bottom);
    return ValType::bottom;
  }
  uint32_t last = operands_.size() - 1;
  value = operands_.value(last);
  ValType type = operands_.type(last);
  operands_.drop(1);
  return type;
}

template <Sink S>
auto BodyWalker<S>::pop(ValType expected) -> Value {
  uint32_t last = operands_.size() - 1;
  // Numeric types have no subtypes: in most cases the first comparison of types settles it.
  if (operands_.size() == height_ || operands_.type(last) != expected) [[unlikely]]
    return pop_otherwise(expected);
  operands_.drop(1);
  return operands_.value(last);
}

// A reference of type `expected`, which is one; with the type it has.
template <Sink S>
auto BodyWalker<S>::pop_reference(ValType expected) -> Reference<Value> {
  Reference<Value> popped;
  popped.type = pop_any(popped.value);
  if (!val_matches(module_, popped.type, expected)) fail_types(expected, popped.type);
  if (!popped.type.is_ref()) popped.type = expected;
  return popped;
}

// A reference of any type; below an unreachable point one that has every type.
template <Sink S>
auto BodyWalker<S>::pop_any_reference() -> Reference<Value> {
  constexpr ValType any = ValType::reference(HeapType::bottom(), false);
  Reference<Value> popped;
  popped.type = pop_any(popped.value);
  if (!popped.type.is_ref() && popped.type.kind() != ValType::bottom) fail_types(any, popped.type);
  if (!popped.type.is_ref()) popped.type = any;
  return popped;
}

// For operands that are missing or not of exactly this type.
template <Sink S>
auto BodyWalker<S>::pop_otherwise(ValType expected) -> Value {
  if (operands_.size() == height_) {
    if (!polymorphic_) fail_missing(expected);
    return Value{};
  }
  uint32_t last = operands_.size() - 1;
  ValType found = operands_.type(last);
  if (!val_matches(module_, found, expected)) fail_types(expected, found);
  operands_.drop(1);
  return operands_.value(last);
}

// Makes sure that as many operands as `types` are there: in polymorphic code the missing ones
// appear.
template <Sink S>
bool BodyWalker<S>::underflow(std::span<const ValType> types) {
  uint32_t present = operands_.size() - height_;
  auto missing = static_cast<uint32_t>(types.size() - present);
  if (!polymorphic_) {
    fail_missing(types[missing - 1]);
    return false;
  }
  if (!operands_.make_room(missing)) {
    no_room();
    return false;
  }
  operands_.insert_bottoms(height_, missing);
  return true;
}

// Whether the topmost operands have these types; leaves them in place.
template <Sink S>
bool BodyWalker<S>::expect_top(std::span<const ValType> types) {
  if (operands_.size() - height_ < types.size()) [[unlikely]] {
    if (!underflow(types)) return false;
  }
  uint32_t first = operands_.size() - static_cast<uint32_t>(types.size());
  for (uint32_t i = 0; i < types.size(); ++i) {
    ValType found = operands_.type(first + i);
    if (found != types[i] && !val_matches(module_, found, types[i])) {
      fail_types(types[i], found);
      return false;
    }
  }
  return true;
}

// Takes the topmost operands, `count` of the types that `type_of` gives for each position. `use`
// gets their values if the sink is told. Operands that are missing in polymorphic code cost
// nothing, so that a body does not make long lists of them with short instructions.
template <Sink S>
template <typename TypeOf, typename Use>
bool BodyWalker<S>::consume(size_t count, TypeOf type_of, Use use) {
  uint32_t present = operands_.size() - height_;
  auto wanted = static_cast<uint32_t>(count);
  if (present < wanted && !polymorphic_) [[unlikely]] {
    fail_missing(type_of(wanted - present - 1));
    return false;
  }
  present = std::min(present, wanted);
  uint32_t first = operands_.size() - present;
  uint32_t missing = wanted - present;
  for (uint32_t i = 0; i < present; ++i) {
    ValType found = operands_.type(first + i);
    ValType expected = type_of(missing + i);
    if (found != expected && !val_matches(module_, found, expected)) [[unlikely]] {
      fail_types(expected, found);
      return false;
    }
  }
  if (live_) use(std::as_const(operands_).values(first, present));
  operands_.drop(present);
  return true;
}

template <Sink S>
template <typename Use>
bool BodyWalker<S>::consume(std::span<const ValType> types, Use use) {
  return consume(types.size(), [types](size_t i) { return types[i]; }, use);
}

// Gives the topmost operands, which match, exactly these types.
template <Sink S>
void BodyWalker<S>::retype_top(std::span<const ValType> types) {
  uint32_t first = operands_.size() - static_cast<uint32_t>(types.size());
  for (uint32_t i = 0; i < types.size(); ++i) operands_.set_type(first + i, types[i]);
}

// The values of the topmost operands.
template <Sink S>
auto BodyWalker<S>::top(size_t count) -> std::span<const Value> {
  auto n = static_cast<uint32_t>(count);
  return std::as_const(operands_).values(operands_.size() - n, n);
}

template <Sink S>
void BodyWalker<S>::push_all(std::span<const ValType> types, std::span<const Value> values) {
  auto n = static_cast<uint32_t>(types.size());
  if (!operands_.make_room(n)) [[unlikely]]
    return no_room();
  for (uint32_t i = 0; i < n; ++i) operands_.push(types[i], values.empty() ? Value{} : values[i]);
}

}  // namespace tenon::wasm
