#include "os/guest_stack.h"

#include "os/sanitize.h"

namespace tenon::os {

#if TENON_ADDRESS_SANITIZER || TENON_THREAD_SANITIZER
const uint64_t host_stack_headroom = 1 << 20;
#else
const uint64_t host_stack_headroom = 256 << 10;
#endif

Result<GuestStack> GuestStack::create(uint64_t size) {
  GuestStack stack;
  uint64_t usable = round_to_pages(size) + host_stack_headroom;
  stack.map_ = TRY(MemoryMap::reserve(guard_size + usable));
  TRY_VOID(stack.map_.protect(guard_size, usable, Access::read_write));
  return stack;
}

Result<GuestStack> GuestStackPool::take() {
  {
    std::lock_guard lock(mutex_);
    if (!stacks_.empty()) {
      GuestStack stack = std::move(stacks_.back());
      stacks_.pop_back();
      return stack;
    }
  }
  return GuestStack::create(size_);
}

void GuestStackPool::give(GuestStack stack) {
  if (!stack) return;
  stack.map_.discard(GuestStack::guard_size, stack.map_.size() - GuestStack::guard_size);
  std::lock_guard lock(mutex_);
  if (stacks_.size() < max_kept) stacks_.push_back(std::move(stack));
}

}  // namespace tenon::os
