#include "os/clock.h"

#include <time.h>

namespace tenon::os {
namespace {

uint64_t nanoseconds(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

Timestamp timestamp(const timespec& time) {
  return {time.tv_sec, static_cast<uint32_t>(time.tv_nsec)};
}

}  // namespace

uint64_t monotonic_now() {
  timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return nanoseconds(now);
}

uint64_t monotonic_resolution() {
  timespec step = {};
  ::clock_getres(CLOCK_MONOTONIC, &step);
  return nanoseconds(step);
}

Timestamp wall_now() {
  timespec now = {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return timestamp(now);
}

Timestamp wall_resolution() {
  timespec step = {};
  ::clock_getres(CLOCK_REALTIME, &step);
  return timestamp(step);
}

}  // namespace tenon::os
