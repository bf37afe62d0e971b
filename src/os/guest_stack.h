#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "os/guest_call.h"
#include "os/memory_map.h"

// Stacks for generated code and the host functions that it calls: guard pages at the bottom, then
// room that only host functions may use, then the guest's part. A stack belongs to one store at a
// time.
namespace tenon::os {

// What a host function finds below it at least. Sanitizers make frames larger.
extern const uint64_t host_stack_headroom;

class GuestStack {
 public:
  GuestStack() = default;
  // `size`: what guest code can use at least.
  static Result<GuestStack> create(uint64_t size);

  void* top() const { return map_.data() + map_.size(); }
  // Host functions are entered above this address only.
  void* limit() const { return map_.data() + guard_size + host_stack_headroom; }
  bool in_guard(const void* address) const {
    return reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(map_.data()) <
           guard_size;
  }
  bool contains(const void* address) const { return map_.contains(address) && !in_guard(address); }
  StackBounds bounds() const { return {map_.data() + guard_size, map_.size() - guard_size}; }
  explicit operator bool() const { return static_cast<bool>(map_); }

 private:
  friend class GuestStackPool;
  static constexpr uint64_t guard_size = 64 << 10;
  MemoryMap map_;
};

// Keeps stacks of one size for the next store. Threads may share it. What a guest left on a stack
// is gone before the next one gets it.
class GuestStackPool {
 public:
  explicit GuestStackPool(uint64_t size) : size_(size) {}
  Result<GuestStack> take();
  void give(GuestStack stack);

 private:
  static constexpr size_t max_kept = 64;
  const uint64_t size_;
  std::mutex mutex_;
  std::vector<GuestStack> stacks_;
};

}  // namespace tenon::os
