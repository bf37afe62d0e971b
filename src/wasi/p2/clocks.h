#pragma once

#include "wasi/p2/io.h"

// The package wasi:clocks@0.2.12 in C++.
namespace tenon::wasi::p2::clocks {

// wasi: wasi:clocks/wall-clock
struct Datetime {
  uint64_t seconds = 0;
  uint32_t nanoseconds = 0;
};

struct WallClock {
  virtual ~WallClock() = default;
  virtual CallResult<Datetime> now() = 0;
  virtual CallResult<Datetime> resolution() = 0;
};

// wasi: wasi:clocks/monotonic-clock
using Instant = uint64_t;
using Duration = uint64_t;

struct MonotonicClock {
  virtual ~MonotonicClock() = default;
  virtual CallResult<Instant> now() = 0;
  virtual CallResult<Duration> resolution() = 0;
  virtual CallResult<Own<io::Pollable>> subscribe_instant(Instant when) = 0;
  virtual CallResult<Own<io::Pollable>> subscribe_duration(Duration when) = 0;
};

}  // namespace tenon::wasi::p2::clocks

TENON_RECORD(tenon::wasi::p2::clocks::Datetime, seconds, nanoseconds)
