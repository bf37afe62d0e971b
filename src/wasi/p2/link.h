#pragma once

#include "tenon/store.h"
#include "wasi/common/context.h"

// Makes the interfaces of WASI 0.2 known to a store. `wasi::add_to_linker` (tenon/wasi.h) gives
// them to components.
namespace tenon::wasi::p2 {

// Attaches an implementation of each interface, under the interface's type. `context` outlives
// them.
void attach(Store& store, Context& context);

}  // namespace tenon::wasi::p2
