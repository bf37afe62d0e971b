#include "host/memory/machine.h"

#include <algorithm>
#include <optional>

namespace tenon::host::memory {

Timestamp MemoryClock::wall_now() {
  constexpr uint64_t second = 1'000'000'000;
  uint64_t nanoseconds = now_ % second + origin_.nanoseconds;
  return {origin_.seconds + static_cast<int64_t>(now_ / second + nanoseconds / second),
          static_cast<uint32_t>(nanoseconds % second)};
}

Io<std::vector<WaitResult>> MemoryPoller::wait(std::span<const Wait> waits) {
  std::optional<uint64_t> deadline;
  for (const Wait& wait : waits) {
    if (wait.kind == Wait::Kind::ready) return look(waits);
    if (wait.kind == Wait::Kind::until)
      deadline = std::min(deadline.value_or(UINT64_MAX), wait.deadline);
  }
  if (deadline) clock_.advance_to(*deadline);
  return look(waits);
}

Io<std::vector<WaitResult>> MemoryPoller::look(std::span<const Wait> waits) {
  std::vector<WaitResult> results;
  for (const Wait& wait : waits) {
    if (wait.fd >= 0) return std::unexpected(Errno::unsupported);
    bool over = wait.kind == Wait::Kind::ready || clock_.monotonic_now() >= wait.deadline;
    results.push_back({.ready = over, .hangup = false});
  }
  return results;
}

Io<void> SeededRandom::fill(std::span<uint8_t> bytes) {
  for (uint8_t& byte : bytes) {
    state_ = state_ * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
    byte = static_cast<uint8_t>(state_ >> 56);
  }
  return {};
}

}  // namespace tenon::host::memory
