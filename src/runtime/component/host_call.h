#pragma once

#include <span>
#include <vector>

#include "runtime/component/async_calls.h"
#include "tenon/value.h"

// Calls of async functions by the host, with values.
namespace tenon::runtime {

// An exported async function, as far as a call needs it.
struct AsyncExport {
  ComponentStore* store = nullptr;
  AsyncLift lift;
  const canon::ValueTypes* types = nullptr;
  const component::FuncType* type = nullptr;
  const compiler::FuncRef* callee = nullptr;
  const compiler::FuncRef* post_return = nullptr;  // null: none
  abi::FlatTypes params;                           // of `callee`
  abi::FlatTypes results;
};

// canon: Store.invoke, then Store.tick until there is a result. Params have been checked.
CallResult<std::vector<Value>> call_async(const AsyncExport& function,
                                          std::span<const Value> params);

}  // namespace tenon::runtime
