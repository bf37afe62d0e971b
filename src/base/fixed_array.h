#pragma once

#include <cstddef>
#include <memory>
#include <utility>

// An array in one block of memory whose elements are made one after the other and do not move. It
// is for types that cannot be moved; std::vector serves all others.
namespace tenon {

template <typename T>
class FixedArray {
 public:
  explicit FixedArray(size_t capacity)
      : elements_(std::allocator<T>().allocate(capacity)), capacity_(capacity) {}
  FixedArray(const FixedArray&) = delete;
  FixedArray& operator=(const FixedArray&) = delete;
  ~FixedArray() {
    std::destroy_n(elements_, size_);
    std::allocator<T>().deallocate(elements_, capacity_);
  }

  // Fewer than `capacity` have been made.
  template <typename... Args>
  T& emplace_back(Args&&... args) {
    T* made = std::construct_at(elements_ + size_, std::forward<Args>(args)...);
    size_++;
    return *made;
  }

  T& operator[](size_t index) const { return elements_[index]; }

 private:
  T* const elements_;
  const size_t capacity_;
  size_t size_ = 0;
};

}  // namespace tenon
