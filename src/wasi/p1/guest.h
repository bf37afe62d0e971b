#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/trap.h"
#include "wasi/p1/types.h"

// The guest as one call of preview 1 sees it: the linear memory of the calling instance and, where
// the call cannot go on, the trap to raise instead of returning. No guest code runs while a Guest
// exists, so its memory stays what it is.
namespace tenon::wasi::p1 {

class Guest {
 public:
  explicit Guest(std::span<uint8_t> memory) : memory_(memory) {}

  // Pointers that are out of bounds or not aligned trap; the Error is for leaving the function.
  Outcome<std::span<uint8_t>> bytes(uint32_t pointer, uint64_t size, uint32_t alignment = 1);

  template <typename T>
  Outcome<T> load(uint32_t pointer) {
    auto range = bytes(pointer, sizeof(T), alignof(T));
    if (!range) return std::unexpected(range.error());
    T value;
    std::memcpy(&value, range->data(), sizeof value);
    return value;
  }
  template <typename T>
  Status store(uint32_t pointer, T value) {
    auto range = bytes(pointer, sizeof(T), alignof(T));
    if (!range) return std::unexpected(range.error());
    std::memcpy(range->data(), &value, sizeof value);
    return {};
  }

  // A copy of a path, which must be UTF-8.
  Outcome<std::string> path(uint32_t pointer, uint32_t size);

  // The buffers of an iovec_array or ciovec_array, without the empty ones, as many as one transfer
  // takes.
  template <typename Buffer>
  Outcome<std::vector<Buffer>> buffers(uint32_t pointer, uint32_t count);

  // Ends the call with `trap`; the Error is for leaving the function.
  Error raise(Trap trap);
  std::optional<Trap> take_trap() { return std::move(trap_); }

 private:
  std::span<uint8_t> memory_;
  std::optional<Trap> trap_;
};

}  // namespace tenon::wasi::p1
