#pragma once

#include "runtime/linker.h"
#include "tenon/store.h"

// Preview 1 for the core modules of one store: joins the functions of wasi/p1 to host functions.
namespace tenon {

// Definitions of wasi_snapshot_preview1 that work for what is attached to `store`; kept by the
// store. Where nothing is attached they trap.
const runtime::Linker& preview1_of(Store& store);

}  // namespace tenon
