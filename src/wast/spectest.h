#pragma once

#include "base/result.h"
#include "runtime/linker.h"
#include "runtime/store.h"
#include "wasm/features.h"

// The module `spectest` that scripts import from: functions that print (here: nothing), globals, a
// memory and tables, as the interpreter of the standard defines them. And the function `gc` of the
// module `wasmtime`, which collects garbage: the scripts of that runtime import it.
namespace tenon::wast {

Result<void> define_spectest(runtime::Store& store, runtime::Linker& linker,
                             wasm::Features features);

void collect_garbage(runtime::Store& store);

}  // namespace tenon::wast
