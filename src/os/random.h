#pragma once

#include <span>

#include "os/file_error.h"

namespace tenon::os {

// Fills `bytes` from the system's cryptographically secure generator.
Io<void> fill_random(std::span<uint8_t> bytes);

}  // namespace tenon::os
