#pragma once

#include <memory>

#include "host/clock.h"
#include "host/poll.h"
#include "host/random.h"

// The machine's clocks, generator of random bytes, and way to wait.
namespace tenon::host::real {

std::unique_ptr<Random> system_random();

// The monotonic clock starts at 0 here, so that a guest does not learn how long the machine is up.
// The poller reads its deadlines against the clock that it was made with.
struct Time {
  std::unique_ptr<Clock> clock;
  std::unique_ptr<Poller> poller;
};
Time system_time();

}  // namespace tenon::host::real
