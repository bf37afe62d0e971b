#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#include "base/limits.h"

// canon: Table
//
// A growable array whose indices guests hold. Index 0 is never used; removed elements leave holes
// that are filled before the array grows. An Element says for itself whether it is a hole
// (`is_free`) and keeps the index of the next hole (`next_free`, `make_free`). Growing can fail,
// since guests decide when it happens. The first `own_room` elements, the unused one among them,
// lie in the table itself; all move to the heap when they outgrow it.
namespace tenon::canon {

template <typename Element, uint32_t own_room = 1>
class Table {
  static_assert(std::is_trivially_copyable_v<Element> && own_room >= 1);

 public:
  // What the table takes of the heap is taken off `bytes_left`; null: it may grow as it likes.
  explicit Table(uint32_t max_length = limits::max_handles, uint64_t* bytes_left = nullptr)
      : capacity_(std::min(own_room, max_length + 1)),
        max_length_(max_length),
        bytes_left_(bytes_left) {
    own_[0].make_free(0);
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table() {
    if (!is_own()) std::free(elements_);
  }

  // Null when there is no such element.
  Element* get(uint32_t index) {
    Element* found = get_or_hole(index);
    return found && !found->is_free() ? found : nullptr;
  }
  // Null beyond the end.
  Element* get_or_hole(uint32_t index) { return index < length_ ? &elements_[index] : nullptr; }

  bool is_full() const { return free_ == 0 && length_ > max_length_; }
  // Whether `add` succeeds without growing, as `add_to_room` does.
  bool has_room() const { return free_ != 0 || length_ < capacity_; }

  // The new element's index; 0 when the table is full or memory is short. Moves all elements.
  uint32_t add(const Element& element) { return has_room() || grow() ? add_to_room(element) : 0; }
  // Inlined, so that fields are written where they stay: reading them back as a whole would stall.
  [[gnu::always_inline]] uint32_t add_to_room(const Element& element) {
    uint32_t index = free_;
    if (index != 0) {
      free_ = elements_[index].next_free();
    } else {
      index = length_++;
    }
    elements_[index] = element;
    return index;
  }

  // `index` is that of an element.
  Element remove(uint32_t index) {
    Element element = elements_[index];
    elements_[index].make_free(free_);
    free_ = index;
    return element;
  }

  // Calls `f(index, Element&)` for each element, the highest index first. `f` may remove it.
  template <typename Function>
  void for_each(Function&& f) {
    for (uint32_t i = length_; i > 1; i--) {
      if (!elements_[i - 1].is_free()) f(i - 1, elements_[i - 1]);
    }
  }

 private:
  static constexpr uint32_t min_grown = 16;

  bool is_own() const { return elements_ == own_; }

  [[gnu::noinline]] bool grow() {
    if (length_ > max_length_) return false;
    uint64_t capacity =
        std::min(std::max(uint64_t{2} * capacity_, uint64_t{min_grown}), uint64_t{max_length_} + 1);
    uint64_t added = (capacity - (is_own() ? 0 : capacity_)) * sizeof(Element);
    if (bytes_left_ && added > *bytes_left_) return false;
    void* grown = std::realloc(is_own() ? nullptr : elements_, capacity * sizeof(Element));
    if (!grown) return false;
    if (is_own()) std::memcpy(grown, own_, length_ * sizeof(Element));
    elements_ = static_cast<Element*>(grown);
    if (bytes_left_) *bytes_left_ -= added;
    capacity_ = static_cast<uint32_t>(capacity);
    return true;
  }

  Element* elements_ = own_;
  uint32_t length_ = 1;
  uint32_t capacity_;  // 1 + max_length_ at most
  uint32_t free_ = 0;
  uint32_t max_length_;
  uint64_t* bytes_left_;
  Element own_[own_room];
};

}  // namespace tenon::canon
