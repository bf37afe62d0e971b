#pragma once

#include "runtime/component/async_calls.h"
#include "tenon/abi/guest_func.h"

// Calls of async functions by the host.
namespace tenon::runtime {

// An exported async function, as far as a call needs it.
struct AsyncExport {
  ComponentStore* store = nullptr;
  AsyncLift lift;
  const compiler::FuncRef* callee = nullptr;
  const compiler::FuncRef* post_return = nullptr;  // null: none
  abi::FlatTypes params;                           // of `callee`
  abi::FlatTypes results;
  bool has_floats = false;  // among them
};

// canon: Store.invoke, then Store.tick until there is a result.
TrapPointer call_async(const AsyncExport& function, abi::CallValues& values);

}  // namespace tenon::runtime
