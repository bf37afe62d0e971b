#pragma once

#include <string>
#include <utility>

#include "compiler/contract.h"
#include "runtime/instance.h"
#include "runtime/store.h"

// What built-ins (docs/contract.md, section 5) begin and end with.
namespace tenon::runtime {

inline Instance& instance_of(void* vmctx) {
  return *static_cast<Instance*>(static_cast<compiler::VmHeader*>(vmctx)->instance);
}

// Makes the stub leave to the innermost entry, once the built-in has returned.
inline void trap(Instance& instance, TrapCode code, std::string message = {}) {
  instance.store().raise(Trap{code, std::move(message), 0, {}});
  instance.store().context().call.pending_trap = 1;
}

}  // namespace tenon::runtime
