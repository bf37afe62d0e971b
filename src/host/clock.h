#pragma once

#include "host/io.h"

namespace tenon::host {

// The time of day, and a clock to measure with. Used by the thread of one store.
class Clock {
 public:
  virtual ~Clock() = default;
  // Nanoseconds since this clock was made; never goes back.
  virtual uint64_t monotonic_now() = 0;
  virtual uint64_t monotonic_resolution() = 0;
  virtual Timestamp wall_now() = 0;
  virtual Timestamp wall_resolution() = 0;
};

}  // namespace tenon::host
