#pragma once

#include "base/result.h"
#include "runtime/linker.h"
#include "runtime/store.h"
#include "wasm/features.h"

// The module `spectest` that scripts import from: functions that print (here: nothing), globals, a
// memory and tables, as the interpreter of the standard defines them.
namespace tenon::wast {

Result<void> define_spectest(runtime::Store& store, runtime::Linker& linker,
                             wasm::Features features);

}  // namespace tenon::wast
