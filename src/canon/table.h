#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/limits.h"

// canon: Table
//
// A growable array whose indices guests hold. Index 0 is never used; removed elements leave holes
// that are filled before the array grows. An Element says for itself whether it is a hole
// (`is_free`) and keeps the index of the next hole (`next_free`, `make_free`). Growing can fail,
// since guests decide when it happens.
namespace tenon::canon {

template <typename Element>
class Table {
  static_assert(std::is_trivially_copyable_v<Element>);

 public:
  explicit Table(uint32_t max_length = limits::max_handles) : max_length_(max_length) {}
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  // Null when there is no such element.
  Element* get(uint32_t index) {
    if (index == 0 || index >= length_ || elements_[index].is_free()) return nullptr;
    return &elements_[index];
  }

  // The new element's index; 0 when the table is full or memory is short. Moves all elements.
  uint32_t add(const Element& element) {
    if (free_ != 0) {
      uint32_t index = free_;
      free_ = elements_[index].next_free();
      elements_[index] = element;
      return index;
    }
    if (length_ > max_length_ || (length_ >= capacity_ && !grow())) return 0;
    elements_[length_] = element;
    return length_++;
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
  struct Free {
    void operator()(Element* elements) const { std::free(elements); }
  };

  bool grow() {
    uint64_t capacity = capacity_ == 0 ? 16 : uint64_t{2} * capacity_;
    if (capacity > uint64_t{max_length_} + 1) capacity = uint64_t{max_length_} + 1;
    void* grown = std::realloc(static_cast<void*>(elements_.get()), capacity * sizeof(Element));
    if (!grown) return false;
    (void)elements_.release();
    elements_.reset(static_cast<Element*>(grown));
    if (capacity_ == 0) elements_[0].make_free(0);
    capacity_ = static_cast<uint32_t>(capacity);
    return true;
  }

  std::unique_ptr<Element[], Free> elements_;
  uint32_t length_ = 1;
  uint32_t capacity_ = 0;
  uint32_t free_ = 0;
  uint32_t max_length_;
};

}  // namespace tenon::canon
