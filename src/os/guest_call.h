#pragma once

#include <cstddef>
#include <cstdint>

// How C++ enters generated code and how generated code calls C++ (docs/contract.md, "Entry and
// exit"). The state lives at the start of a store; one thread uses it at a time. The assembly knows
// these offsets.
namespace tenon::os {

// Arguments and results pass through here in both directions: whoever receives control reads what
// it was given before anything else can run.
struct alignas(16) CallState {
  uint64_t gpr[6];  // arguments; results are in [0, 4)
  uint64_t reserved[2];
  uint64_t xmm[8][2];     // arguments; results are in [0, 4)
  void* stack_top;        // where the guest stack begins; 16-aligned
  void* stack_limit;      // host functions are entered only above this address
  void* activation;       // innermost entry from C++, null when no guest code is live
  const void* exit_pc;    // while C++ called by a guest runs: the guest's return address; else null
  void* exit_sp;          // with exit_pc: the guest's stack pointer just above that return address
  uint64_t pending_trap;  // set by C++ called by a guest: leave to the innermost entry instead of
                          // returning
};
static_assert(offsetof(CallState, xmm) == 64);
static_assert(offsetof(CallState, stack_top) == 192);
static_assert(offsetof(CallState, stack_limit) == 200);
static_assert(offsetof(CallState, activation) == 208);
static_assert(offsetof(CallState, exit_pc) == 216);
static_assert(offsetof(CallState, exit_sp) == 224);
static_assert(offsetof(CallState, pending_trap) == 232);
static_assert(sizeof(CallState) == 240);

// What an entry leaves on the stack that it came from, innermost first; backtraces follow `outer`.
struct Activation {
  Activation* outer;
  const void* outer_exit_pc;
  void* outer_exit_sp;
};

}  // namespace tenon::os
