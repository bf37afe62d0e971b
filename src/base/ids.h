#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/check.h"

// Distinct 32-bit index types, and vectors that accept only their own. Models refer to their parts
// by id, never by pointer.
namespace tenon {

template <typename Tag>
struct Id {
  uint32_t index = 0;

  constexpr Id() = default;
  constexpr explicit Id(uint32_t i) : index(i) {}
  constexpr explicit Id(size_t i) : index(static_cast<uint32_t>(i)) {}
  friend constexpr auto operator<=>(Id, Id) = default;
};

// A vector indexed by ids of one kind. An index out of range stops the program: ids that come from
// an input are checked by the decoder or validator before they get here.
template <typename IdType, typename T>
class IdVector {
 public:
  IdVector() = default;
  explicit IdVector(size_t size) : items_(size) {}

  T& operator[](IdType id) {
    CHECK(id.index < items_.size());
    return items_[id.index];
  }
  const T& operator[](IdType id) const {
    CHECK(id.index < items_.size());
    return items_[id.index];
  }
  bool contains(IdType id) const { return id.index < items_.size(); }
  IdType push_back(T item) {
    items_.push_back(std::move(item));
    return IdType(items_.size() - 1);
  }
  IdType next_id() const { return IdType(items_.size()); }
  size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  void reserve(size_t n) { items_.reserve(n); }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  std::vector<T>& items() { return items_; }
  const std::vector<T>& items() const { return items_; }
  friend bool operator==(const IdVector&, const IdVector&) = default;

 private:
  std::vector<T> items_;
};

}  // namespace tenon

template <typename Tag>
struct std::hash<tenon::Id<Tag>> {
  size_t operator()(tenon::Id<Tag> id) const { return id.index; }
};
