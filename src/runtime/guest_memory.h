#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

#include "compiler/contract.h"

// The one way in which the host touches guest memory. Offsets and lengths are 64-bit and checked
// against the length as it is at that moment. A slice holds until guest code runs again or the
// memory grows. The guest may change what it points to at any time after that: copy first, check
// the copy.
namespace tenon::runtime {

class GuestMemory {
 public:
  explicit GuestMemory(const compiler::MemoryRecord& record) : record_(&record) {}

  uint64_t size() const { return record_->length(); }

  // None when any byte lies outside. Empty slices must have an offset within the memory or at its
  // end.
  std::optional<std::span<uint8_t>> slice(uint64_t offset, uint64_t length) const {
    uint64_t size = this->size();
    if (offset > size || length > size - offset) return std::nullopt;
    return std::span(record_->base + offset, length);
  }

  // Little-endian values, at any alignment.
  template <typename T>
    requires std::is_trivially_copyable_v<T>
  std::optional<T> load(uint64_t offset) const {
    auto bytes = slice(offset, sizeof(T));
    if (!bytes) return std::nullopt;
    T value;
    std::memcpy(&value, bytes->data(), sizeof(T));
    return value;
  }
  // False, and nothing is written, when any byte lies outside.
  template <typename T>
    requires std::is_trivially_copyable_v<T>
  bool store(uint64_t offset, T value) const {
    auto bytes = slice(offset, sizeof(T));
    if (!bytes) return false;
    std::memcpy(bytes->data(), &value, sizeof(T));
    return true;
  }

 private:
  const compiler::MemoryRecord* record_;
};

}  // namespace tenon::runtime
