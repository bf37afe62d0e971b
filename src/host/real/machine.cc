#include "host/real/machine.h"

#include <algorithm>
#include <optional>

#include "base/result.h"
#include "os/clock.h"
#include "os/poll.h"
#include "os/random.h"

namespace tenon::host::real {
namespace {

class SystemRandom final : public Random {
 public:
  Io<void> fill(std::span<uint8_t> bytes) override { return os::fill_random(bytes); }
};

class SystemClock final : public Clock {
 public:
  explicit SystemClock(uint64_t origin) : origin_(origin) {}
  uint64_t monotonic_now() override { return os::monotonic_now() - origin_; }
  uint64_t monotonic_resolution() override { return os::monotonic_resolution(); }
  Timestamp wall_now() override { return os::wall_now(); }
  Timestamp wall_resolution() override { return os::wall_resolution(); }

 private:
  uint64_t origin_;
};

// The system's waits of one call: each file once, since the system bounds their number by that of
// files.
class PollSet {
 public:
  void add(const Wait& wait) {
    if (wait.fd < 0) return;
    os::PollItem item = item_of(wait);
    auto place = std::lower_bound(items_.begin(), items_.end(), item, before);
    if (place == items_.end() || before(item, *place)) items_.insert(place, item);
  }
  std::span<os::PollItem> items() { return items_; }
  // `wait` was added.
  const os::PollItem& answer(const Wait& wait) const {
    return *std::lower_bound(items_.begin(), items_.end(), item_of(wait), before);
  }

 private:
  static bool before(const os::PollItem& a, const os::PollItem& b) {
    return a.fd != b.fd ? a.fd < b.fd : a.writable < b.writable;
  }
  static os::PollItem item_of(const Wait& wait) {
    return {.fd = wait.fd, .writable = wait.kind == Wait::Kind::writable};
  }

  std::vector<os::PollItem> items_;
};

class SystemPoller final : public Poller {
 public:
  explicit SystemPoller(uint64_t origin) : origin_(origin) {}

  Io<std::vector<WaitResult>> wait(std::span<const Wait> waits) override {
    std::optional<uint64_t> deadline;
    for (const Wait& wait : waits) {
      if (wait.kind == Wait::Kind::ready) return look(waits);
      if (wait.kind != Wait::Kind::until) continue;
      uint64_t moment = 0;
      if (__builtin_add_overflow(wait.deadline, origin_, &moment)) moment = UINT64_MAX;
      deadline = deadline ? std::min(*deadline, moment) : moment;
    }
    return poll(waits, deadline);
  }

  Io<std::vector<WaitResult>> look(std::span<const Wait> waits) override { return poll(waits, 0); }

 private:
  Io<std::vector<WaitResult>> poll(std::span<const Wait> waits, std::optional<uint64_t> deadline) {
    PollSet set;
    for (const Wait& wait : waits) set.add(wait);
    TRY_VOID(os::poll(set.items(), deadline));
    uint64_t now = os::monotonic_now() - origin_;
    std::vector<WaitResult> results;
    results.reserve(waits.size());
    for (const Wait& wait : waits) {
      WaitResult result;
      if (wait.kind == Wait::Kind::ready) {
        result.ready = true;
      } else if (wait.kind == Wait::Kind::until) {
        result.ready = now >= wait.deadline;
      } else if (wait.fd >= 0) {
        const os::PollItem& item = set.answer(wait);
        result = {.ready = item.ready, .hangup = item.hangup};
      }
      results.push_back(result);
    }
    return results;
  }

  uint64_t origin_;
};

}  // namespace

std::unique_ptr<Random> system_random() {
  return std::make_unique<SystemRandom>();
}

Time system_time() {
  uint64_t origin = os::monotonic_now();
  return {std::make_unique<SystemClock>(origin), std::make_unique<SystemPoller>(origin)};
}

}  // namespace tenon::host::real
