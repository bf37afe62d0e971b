#pragma once

#include "runtime/linker.h"
#include "wasi/p1/process.h"

// Joins preview 1 to a linker of core modules.
namespace tenon::wasi::p1 {

// Defines the functions of wasi_snapshot_preview1 for instances in one store: that which `process`
// is attached to. A function works on the memory that its importer exports as "memory", and traps
// where there is none. Fails where one of them is defined already.
Result<void> add_to_linker(runtime::Linker& linker, Process& process);

}  // namespace tenon::wasi::p1
