#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>

#include "os/guest_stack.h"
#include "os/signal.h"

// What tests of entries and stacks share: small generated functions, written by hand in
// guest_call_test.cc, and a store without anything.
extern "C" {
extern const char guest_sum[], guest_call_host[], guest_unreachable[], guest_recurse[],
    guest_builtin[], guest_load[], guest_probe[], guest_throw[], guest_catch[], guest_pad[];
}

namespace tenon::os {

// What the layers above call HostFunc and a vmctx.
struct Host {
  CallState* state;
  uint32_t (*function)(Host*, CallState*);
};
struct Vmctx {
  const void* code;
  void* vmctx;
};

inline uint64_t faults = 0;
inline FaultKind last_kind;
inline uint64_t last_address = 0;

inline bool take_every_fault(const Fault& fault) {
  last_kind = fault.kind;
  last_address = reinterpret_cast<uint64_t>(fault.address);
  ++faults;
  return fault.state->exit_pc == nullptr || fault.kind == FaultKind::stack_exhausted;
}

struct Fixture {
  GuestStack stack;
  std::unique_ptr<CallState> state = std::make_unique<CallState>();

  Fixture() {
    REQUIRE(install_fault_function(take_every_fault));
    REQUIRE(prepare_thread());
    auto made = GuestStack::create(256 << 10);
    REQUIRE(made);
    stack = std::move(*made);
    state->stack_top = stack.top();
    state->stack_limit = stack.limit();
  }
  uint32_t call(const void* code, void* vmctx = nullptr) {
    return enter_guest(state.get(), code, vmctx, stack.bounds());
  }
};

}  // namespace tenon::os
