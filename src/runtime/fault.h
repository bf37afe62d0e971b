#pragma once

#include "os/signal.h"

namespace tenon::runtime {

// Decides in the signal handler whether a fault is a trap of the running store, and records it
// there (docs/contract.md, section 3). Async-signal-safe.
bool on_guest_fault(const os::Fault& fault);

}  // namespace tenon::runtime
