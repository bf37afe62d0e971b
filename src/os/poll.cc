#include "os/poll.h"

#include <poll.h>
#include <time.h>

#include <vector>

#include "os/clock.h"

namespace tenon::os {
namespace {

// Time left until `deadline`, cut to a day: the wait is taken up again, and no sum overflows.
timespec time_left(uint64_t deadline) {
  constexpr uint64_t second = 1'000'000'000;
  uint64_t now = monotonic_now();
  uint64_t left = deadline > now ? deadline - now : 0;
  if (left > 86'400 * second) left = 86'400 * second;
  return {static_cast<time_t>(left / second), static_cast<long>(left % second)};
}

}  // namespace

Io<void> poll(std::span<PollItem> items, std::optional<uint64_t> deadline) {
  std::vector<pollfd> waits;
  waits.reserve(items.size());
  for (const PollItem& item : items) {
    waits.push_back({item.fd, static_cast<short>(item.writable ? POLLOUT : POLLIN), 0});
  }
  for (;;) {
    timespec left = {};
    if (deadline) left = time_left(*deadline);
    int count = ::ppoll(waits.data(), waits.size(), deadline ? &left : nullptr, nullptr);
    if (count < 0 && last_errno() != Errno::interrupted) return std::unexpected(last_errno());
    if (count > 0) break;
    if (deadline && monotonic_now() >= *deadline) break;
  }
  for (size_t i = 0; i < items.size(); ++i) {
    items[i].ready = waits[i].revents != 0;
    items[i].hangup = (waits[i].revents & POLLHUP) != 0;
  }
  return {};
}

}  // namespace tenon::os
