#pragma once

#include <cstdint>

#include "os/file.h"

// The clocks of the machine.
namespace tenon::os {

// Nanoseconds since some moment in the past; never goes back.
uint64_t monotonic_now();
uint64_t monotonic_resolution();

Timestamp wall_now();
Timestamp wall_resolution();

}  // namespace tenon::os
