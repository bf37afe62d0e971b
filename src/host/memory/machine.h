#pragma once

#include <memory>

#include "host/clock.h"
#include "host/poll.h"
#include "host/random.h"

// A machine for tests and for runs that must repeat: time passes only when somebody waits, and
// random bytes follow from a seed.
namespace tenon::host::memory {

class MemoryClock final : public Clock {
 public:
  uint64_t monotonic_now() override { return now_; }
  uint64_t monotonic_resolution() override { return 1; }
  Timestamp wall_now() override;
  Timestamp wall_resolution() override { return {0, 1}; }

  void advance_to(uint64_t moment) {
    if (moment > now_) now_ = moment;
  }
  // The time of day when the monotonic clock is at 0.
  void set_wall_origin(Timestamp origin) { origin_ = origin; }

 private:
  uint64_t now_ = 0;
  Timestamp origin_ = {1'600'000'000, 0};
};

// Moves the clock on to the earliest deadline where nothing else is ready. Files of the operating
// system are none of its business: waiting for one is `unsupported`.
class MemoryPoller final : public Poller {
 public:
  explicit MemoryPoller(MemoryClock& clock) : clock_(clock) {}
  Io<std::vector<WaitResult>> wait(std::span<const Wait> waits) override;
  Io<std::vector<WaitResult>> look(std::span<const Wait> waits) override;

 private:
  MemoryClock& clock_;
};

// Not random at all.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  Io<void> fill(std::span<uint8_t> bytes) override;

 private:
  uint64_t state_;
};

}  // namespace tenon::host::memory
