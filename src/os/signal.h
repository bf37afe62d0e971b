#pragma once

#include <cstdint>

#include "base/result.h"
#include "os/guest_call.h"

// Faults of generated code. One handler per process stands before whatever handled SIGSEGV, SIGBUS
// and SIGILL until then; it runs on an alternate stack, asks one function whether a fault is a
// trap, and if so makes the guest leave its innermost entry. Every other fault goes on to the
// handler before it. It allocates nothing, takes no lock and never jumps out.
namespace tenon::os {

enum class FaultKind : uint8_t {
  memory,  // `address` is not accessible
  image,   // `address` is mapped, but the file behind it ends before
  illegal_instruction,
  stack_exhausted,  // a call out of generated code found too little stack; exit_pc is set
};

struct Fault {
  FaultKind kind;
  CallState* state;  // never null: a fault outside of all entries is no trap
  const uint8_t* pc;
  void* sp;
  void* fp;             // rbp
  const void* address;  // memory, image
};

// Called in the signal handler, on the thread that faulted. Records the trap and returns true, or
// false to pass the signal on. Async-signal-safe.
using FaultFunction = bool (*)(const Fault& fault);

// Installs the handlers, once per process; later calls must give the same function and do nothing.
Result<void> install_fault_function(FaultFunction function);

namespace detail {
extern __thread bool thread_prepared __attribute__((tls_model("initial-exec")));
Result<void> prepare_thread();
}  // namespace detail

// Gives the calling thread its alternate stack, until it ends. Every thread that enters a guest
// needs it.
inline Result<void> prepare_thread() {
  if (__builtin_expect(detail::thread_prepared, true)) return {};
  return detail::prepare_thread();
}
inline bool is_thread_prepared() {
  return detail::thread_prepared;
}

}  // namespace tenon::os
