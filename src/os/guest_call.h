#pragma once

#include <cstddef>
#include <cstdint>

#include "os/sanitize.h"

// How C++ enters generated code and how generated code calls C++ (docs/contract.md, "Entry and
// exit"). The state lives at the start of a store; one thread uses it at a time. The assembly in
// guest_call_x64.S knows these offsets.
namespace tenon::os {

// Arguments and results pass through here in both directions: whoever receives control reads what
// it was given before anything else can run.
struct alignas(16) CallState {
  uint64_t gpr[6];              // arguments; results are in [0, 4)
  void* exit_fp;                // with exit_pc: the guest's rbp
  const void* const* builtins;  // the C++ functions behind the stubs of `builtin_stub`
  uint64_t xmm[8][2];           // arguments; results are in [0, 4)
  void* stack_top;              // where the guest stack begins; 16-aligned
  void* stack_limit;            // host functions are entered only above this address
  void* activation;             // innermost entry from C++, null when no guest code is live
  const void* exit_pc;    // while C++ called by a guest runs: the guest's return address; else null
  void* exit_sp;          // with exit_pc: the guest's stack pointer just above that return address
  uint64_t pending_trap;  // set by C++ called by a guest: leave to the innermost entry instead of
                          // returning
};
static_assert(offsetof(CallState, exit_fp) == 48);
static_assert(offsetof(CallState, builtins) == 56);
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
  void* outer_exit_fp;
  CallState* outer_state;  // what this thread was running before, perhaps of another store
  uint32_t outer_mxcsr;    // guests, and what they call, run with the default
  uint32_t unused[3];
};
static_assert(sizeof(Activation) == 56);

// Guest code at a call, and where it goes on when an exception lands there: the registers that
// calls preserve, and those that a landing pad finds the exception in.
struct Landing {
  uint64_t rbp, rbx, r12, r14, r15;
  void* sp;  // as it was when the call was made
  const void* pc;
  uint64_t exception;  // to rax
  const void* tag;     // to rdx
};
static_assert(offsetof(Landing, sp) == 40);
static_assert(offsetof(Landing, tag) == 64);
static_assert(sizeof(Landing) == 72);

// What a HostFunc returns.
enum class HostResult : uint32_t {
  returned = 0,
  trapped = 1,  // leave to the innermost entry
  threw = 2,    // go on as if the guest had called `throw_stub` for an exception that the store has
};

// The bounds of a guest stack, as sanitizers want to know them.
struct StackBounds {
  void* bottom;  // lowest usable address
  size_t size;
};

// Calls `code` with `vmctx` and the arguments in `state`; results are there afterwards. Returns 0,
// or 1 when the guest trapped. The thread must have been prepared (signal.h).
uint32_t enter_guest(CallState* state, const void* code, void* vmctx, StackBounds stack);
// The same for functions without float and vector parameters and results.
uint32_t enter_guest_integer(CallState* state, const void* code, void* vmctx, StackBounds stack);

// The `code` of host functions' FuncRefs. The second is for those without float and vector
// parameters and results.
const void* host_call_entry();
const void* host_call_entry_integer();

// The `code` of functions that take their arguments where the guest has them, which is where C has
// them, too: what the guest does not pass is undefined. `self`, the callee's vmctx, is on the
// stack. In place of returning a result, such a function may set CallState::pending_trap.
struct DirectResult {
  uint64_t integer;
  double floating;
};
using DirectFunction = DirectResult (*)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                                        double, double, double, double, double, double, double,
                                        double, void* self);
const void* direct_call_entry();

// For host functions of one integer parameter and one result at most that have a short way, too: it
// returns what the function would, or declines, and the function is called. Nothing knows that the
// guest has called something: the short way runs no guest, raises no trap and looks at no frame.
// `self` is the callee's vmctx. The short way is jumped to, on a stack that is not aligned for C:
//   TENON_LIGHT uint64_t name(uint64_t argument, void* self) {
//     if (...) TENON_DECLINE_LIGHT_CALL(argument, self);  // nothing has happened so far
using LightFunction = uint64_t (*)(uint64_t argument, void* self);
const void* light_call_entry();
#define TENON_LIGHT [[gnu::force_align_arg_pointer]]
#define TENON_DECLINE_LIGHT_CALL(argument, self) \
  [[clang::musttail]] return tenon_decline_light_call(argument, self)

// What generated code calls as built-in `index`; it calls `CallState::builtins[index]`.
constexpr uint32_t max_builtins = 64;
const void* builtin_stub(uint32_t index);

// What generated code calls to throw: (vmctx, u32 exception), with the C convention. It calls
// built-in 0, a ThrowFunction, and goes on where that says: at the landing, or behind the innermost
// entry. The function is given the registers at the call; `exception` is 0 when a host function
// threw.
using ThrowFunction = bool (*)(CallState* state, Landing* landing, uint32_t exception);
const void* throw_stub();

// The state that this thread entered last and has not left, or null.
CallState* current_call();

}  // namespace tenon::os

extern "C" {
uint32_t tenon_enter_guest(tenon::os::CallState* state, const void* code, void* vmctx);
uint32_t tenon_enter_guest_integer(tenon::os::CallState* state, const void* code, void* vmctx);
uint64_t tenon_decline_light_call(uint64_t argument, void* self);
}

#if !TENON_ADDRESS_SANITIZER
namespace tenon::os {
inline uint32_t enter_guest(CallState* state, const void* code, void* vmctx, StackBounds) {
  return tenon_enter_guest(state, code, vmctx);
}
inline uint32_t enter_guest_integer(CallState* state, const void* code, void* vmctx, StackBounds) {
  return tenon_enter_guest_integer(state, code, vmctx);
}
}  // namespace tenon::os
#endif
