#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "os/file_error.h"

namespace tenon::os {

// A descriptor to wait for, and the answer.
struct PollItem {
  int fd = -1;
  bool writable = false;  // wait to write, else to read
  bool ready = false;     // set: an operation would not block (it may fail)
  bool hangup = false;    // set: the other side is gone
};

// Waits until an item is ready or the monotonic clock (clock.h) reaches `deadline`; without a
// deadline, until an item is ready. A deadline in the past only looks.
Io<void> poll(std::span<PollItem> items, std::optional<uint64_t> deadline);

}  // namespace tenon::os
