#include "os/random.h"

#include <sys/random.h>

namespace tenon::os {

Io<void> fill_random(std::span<uint8_t> bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::getrandom(bytes.data(), bytes.size(), 0);
    if (n < 0) {
      if (last_errno() == Errno::interrupted) continue;
      return std::unexpected(last_errno());
    }
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return {};
}

}  // namespace tenon::os
