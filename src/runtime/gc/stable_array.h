#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "base/check.h"
#include "base/result.h"
#include "os/memory_map.h"

// An array that never moves: its address space is reserved at once, memory is added as it grows.
// New elements are all zero bytes. One thread grows it; others may meanwhile read elements that
// they know of.
namespace tenon::runtime {

template <typename T>
  requires std::is_trivially_copyable_v<T>
class StableArray {
 public:
  StableArray() = default;

  static Result<StableArray> create(uint64_t capacity) {
    StableArray array;
    array.map_ = TRY(os::MemoryMap::reserve(std::max<uint64_t>(capacity, 1) * sizeof(T)));
    array.capacity_ = capacity;
    return array;
  }

  T* data() const { return reinterpret_cast<T*>(map_.data()); }
  T& operator[](uint64_t index) const {
    DCHECK(index < capacity_);
    return data()[index];
  }
  uint64_t capacity() const { return capacity_; }
  // Elements that are accessible; for the thread that grows it.
  uint64_t size() const { return std::min(bytes_ / sizeof(T), capacity_); }

  // Makes elements [0, count) accessible, and some more. Changes nothing on failure.
  Result<void> grow(uint64_t count) {
    if (count <= size()) return {};
    if (count > capacity_) return fail(ErrorCode::limit, "an array of the runtime is full");
    uint64_t wanted = (count * sizeof(T) + step - 1) & ~(step - 1);
    wanted = std::min(wanted, map_.size());
    TRY_VOID(map_.protect(bytes_, wanted - bytes_, os::Access::read_write));
    bytes_ = wanted;
    return {};
  }

 private:
  static constexpr uint64_t step = 64 << 10;

  os::MemoryMap map_;
  uint64_t capacity_ = 0;
  uint64_t bytes_ = 0;  // accessible
};

}  // namespace tenon::runtime
