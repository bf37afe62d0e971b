#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>

#include "wasm/types.h"

// The operand stack of the walker: types, and beside them the sink's values, so that operands can
// be passed on as one span. Capacity survives from body to body.
namespace tenon::wasm {

template <typename Value>
class OperandStack {
 public:
  // Far above what a compiler emits, and little enough to allocate.
  static constexpr uint32_t max_size = 1'000'000;

  uint32_t size() const { return size_; }
  ValType type(uint32_t i) const { return types_[i]; }
  void set_type(uint32_t i, ValType type) { types_[i] = type; }
  std::span<const ValType> types(uint32_t first, uint32_t count) const {
    return {types_ + first, count};
  }
  Value value(uint32_t i) const { return values_[i]; }
  std::span<const Value> values(uint32_t first, uint32_t count) const {
    return {values_ + first, count};
  }
  std::span<Value> values(uint32_t first, uint32_t count) { return {values_ + first, count}; }

  // False at max_size.
  bool make_room(uint32_t count) {
    if (capacity_ - size_ >= count) [[likely]]
      return true;
    return grow(count);
  }
  // Needs room.
  void push(ValType type, Value value) {
    types_[size_] = type;
    values_[size_] = value;
    ++size_;
  }
  void shrink(uint32_t size) { size_ = size; }
  void drop(uint32_t count) { size_ -= count; }

  // Puts `count` operands of type bottom under those from `position` on. Needs room.
  void insert_bottoms(uint32_t position, uint32_t count) {
    std::memmove(&types_[position + count], &types_[position],
                 (size_ - position) * sizeof(ValType));
    for (uint32_t i = 0; i < count; ++i) types_[position + i] = ValType::bottom;
    size_ += count;
    for (uint32_t i = position; i < size_; ++i) values_[i] = Value{};
  }

 private:
  bool grow(uint32_t count) {
    uint32_t wanted = size_ + count;
    if (wanted > max_size) return false;
    uint32_t capacity = capacity_ == 0 ? 256 : capacity_;
    while (capacity < wanted) capacity = std::min(2 * capacity, max_size);
    auto types = std::make_unique<ValType[]>(capacity);
    auto values = std::make_unique<Value[]>(capacity);
    for (uint32_t i = 0; i < size_; ++i) {
      types[i] = types_[i];
      values[i] = values_[i];
    }
    own_types_ = std::move(types);
    own_values_ = std::move(values);
    types_ = own_types_.get();
    values_ = own_values_.get();
    capacity_ = capacity;
    return true;
  }

  std::unique_ptr<ValType[]> own_types_;
  std::unique_ptr<Value[]> own_values_;
  ValType* types_ = nullptr;
  Value* values_ = nullptr;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;
};

}  // namespace tenon::wasm
