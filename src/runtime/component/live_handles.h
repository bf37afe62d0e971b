#pragma once

#include <vector>

#include "runtime/component/component_store.h"
#include "tenon/store.h"

// What the tables of a store's component instances hold, grouped. Read from the tables when it is
// asked for: nothing is written down while guests run.
namespace tenon::runtime {

std::vector<LiveHandles> live_handles(ComponentStore& store);

}  // namespace tenon::runtime
