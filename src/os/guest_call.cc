#include "os/guest_call.h"

#include "base/check.h"

extern "C" {
extern const char tenon_host_call_entry[];
extern const char tenon_host_call_entry_integer[];
extern const char tenon_direct_call_entry[];
extern const char tenon_light_call_entry[];
extern const char tenon_builtin_stubs[];
extern const char tenon_throw_stub[];
// Initial-exec, so that the signal handler's access never allocates.
extern __thread tenon::os::CallState* tenon_current_call
    __attribute__((tls_model("initial-exec"), visibility("hidden")));
}

namespace tenon::os {

namespace {

constexpr uint32_t builtin_stub_size = 16;

}  // namespace

const void* host_call_entry() {
  return tenon_host_call_entry;
}
const void* host_call_entry_integer() {
  return tenon_host_call_entry_integer;
}

const void* direct_call_entry() {
  return tenon_direct_call_entry;
}

const void* light_call_entry() {
  return tenon_light_call_entry;
}

const void* builtin_stub(uint32_t index) {
  CHECK(index < max_builtins);
  return tenon_builtin_stubs + index * builtin_stub_size;
}

const void* throw_stub() {
  return tenon_throw_stub;
}

CallState* current_call() {
  return tenon_current_call;
}

}  // namespace tenon::os

#if TENON_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>

namespace tenon::os {

namespace {

// The address sanitizer keeps the bounds of the stack that it believes to be on. Generated code is
// not instrumented, so both halves of a switch can be told before it happens. An entry from a host
// function stays on the guest stack and tells nothing.
template <uint32_t (*enter)(CallState*, const void*, void*)>
__attribute__((no_sanitize("address"), noinline)) uint32_t annotated(CallState* state,
                                                                     const void* code, void* vmctx,
                                                                     StackBounds stack) {
  if (state->activation != nullptr) return enter(state, code, vmctx);
  void* fake_stack = nullptr;
  const void* old_bottom = nullptr;
  size_t old_size = 0;
  __sanitizer_start_switch_fiber(&fake_stack, stack.bottom, stack.size);
  __sanitizer_finish_switch_fiber(nullptr, &old_bottom, &old_size);
  uint32_t result = enter(state, code, vmctx);
  __sanitizer_start_switch_fiber(nullptr, old_bottom, old_size);
  __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
  return result;
}

}  // namespace

uint32_t enter_guest(CallState* state, const void* code, void* vmctx, StackBounds stack) {
  return annotated<tenon_enter_guest>(state, code, vmctx, stack);
}
uint32_t enter_guest_integer(CallState* state, const void* code, void* vmctx, StackBounds stack) {
  return annotated<tenon_enter_guest_integer>(state, code, vmctx, stack);
}

}  // namespace tenon::os
#endif
