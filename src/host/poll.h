#pragma once

#include <vector>

#include "host/io.h"

namespace tenon::host {

// What somebody waits for: nothing (ready at once), a moment of the monotonic clock, or an open
// file of the operating system.
struct Wait {
  enum class Kind : uint8_t { ready, until, readable, writable } kind = Kind::ready;
  uint64_t deadline = 0;  // until
  int fd = -1;            // readable, writable

  static Wait until(uint64_t deadline) { return {.kind = Kind::until, .deadline = deadline}; }
  static Wait readable(int fd) { return {.kind = Kind::readable, .fd = fd}; }
  static Wait writable(int fd) { return {.kind = Kind::writable, .fd = fd}; }
};

struct WaitResult {
  bool ready = false;
  bool hangup = false;
};

class Poller {
 public:
  virtual ~Poller() = default;
  // Blocks the thread until at least one of `waits`, of which there must be some, is ready; the
  // answers are in their order.
  virtual Io<std::vector<WaitResult>> wait(std::span<const Wait> waits) = 0;
  // The same without blocking: perhaps none is ready.
  virtual Io<std::vector<WaitResult>> look(std::span<const Wait> waits) = 0;
};

}  // namespace tenon::host
