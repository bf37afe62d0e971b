#include "os/fiber.h"

#include "base/check.h"

#if TENON_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if TENON_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

extern "C" {
// Keeps the registers that calls preserve on the stack at hand, puts its stack pointer into `from`,
// and goes on at `to`.
void tenon_switch_stack(void** from, void* to);
void tenon_call_stack(void** from, void* to);  // the same, for who will be returned to
extern const char tenon_fiber_entry[];
extern __thread tenon::os::CallState* tenon_current_call
    __attribute__((tls_model("initial-exec"), visibility("hidden")));
}

namespace tenon::os {

namespace {

// What tenon_switch_stack leaves on a stack, from its stack pointer upwards.
struct SwitchFrame {
  uint64_t mxcsr;
  void* r15;
  void* r14;
  void* r13;
  void* r12;
  void* rbx;
  void* rbp;
  const void* return_address;
};
constexpr uint32_t guest_mxcsr = 0x1f80;

}  // namespace

void StackState::write(CallState& state) const {
  state.stack_top = top;
  state.stack_limit = limit;
  state.activation = activation;
  state.exit_pc = exit_pc;
  state.exit_sp = exit_sp;
  state.exit_fp = exit_fp;
}

Fiber::~Fiber() {
  CHECK(!is_running());
  (void)take_stack();
#if TENON_THREAD_SANITIZER
  if (thread_ != nullptr) __tsan_destroy_fiber(thread_);
#endif
}

GuestStack Fiber::take_stack() {
#if TENON_ADDRESS_SANITIZER
  // Frames that are forgotten leave their marks.
  StackBounds bounds = stack_.bounds();
  if (is_parked()) ASAN_UNPOISON_MEMORY_REGION(bounds.bottom, bounds.size);
#endif
  status_ = Status::idle;
  return std::exchange(stack_, GuestStack());
}

void Fiber::start(Main main, void* argument) {
  CHECK(is_idle());
  main_ = main;
  argument_ = argument;
  auto* frame = static_cast<SwitchFrame*>(stack_.top()) - 1;
  *frame = {guest_mxcsr, nullptr, nullptr,          this, reinterpret_cast<void*>(&Fiber::run),
            &other_sp_,  nullptr, tenon_fiber_entry};
  other_sp_ = frame;
  other_ = {stack_.top(), stack_.limit(), &base_, nullptr, nullptr, nullptr};
  status_ = Status::parked;
}

void Fiber::exchange_state(CallState& state) {
  StackState here = StackState::of(state);
  other_.write(state);
  other_ = here;
}

// Nothing that a sanitizer checks lies between telling it of a switch and the switch.
__attribute__((no_sanitize("address", "thread"))) void Fiber::resume(CallState& state) {
  CHECK(is_parked());
  status_ = Status::running;
  state_ = &state;
  exchange_state(state);
  outer_call_ = std::exchange(tenon_current_call, &state);
#if TENON_THREAD_SANITIZER
  if (thread_ == nullptr) thread_ = __tsan_create_fiber(0);
  resumer_thread_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(thread_, 0);
#endif
#if TENON_ADDRESS_SANITIZER
  void* fake_stack = nullptr;
  StackBounds bounds = stack_.bounds();
  __sanitizer_start_switch_fiber(&fake_stack, bounds.bottom, bounds.size);
#endif
  tenon_call_stack(&other_sp_, other_sp_);
#if TENON_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
  tenon_current_call = outer_call_;
  exchange_state(state);
}

__attribute__((no_sanitize("address", "thread"))) void Fiber::leave(bool for_good) {
#if TENON_THREAD_SANITIZER
  __tsan_switch_to_fiber(resumer_thread_, 0);
#endif
#if TENON_ADDRESS_SANITIZER
  __sanitizer_start_switch_fiber(for_good ? nullptr : &fake_stack_, resumer_bottom_, resumer_size_);
#endif
  // What began the fiber switches when this has returned.
  if (for_good) return;
  tenon_switch_stack(&other_sp_, other_sp_);
#if TENON_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(fake_stack_, &resumer_bottom_, &resumer_size_);
#endif
}

void Fiber::suspend() {
  CHECK(is_running());
  status_ = Status::parked;
  leave(false);
}

__attribute__((no_sanitize("address", "thread"))) void Fiber::run(Fiber* self) {
#if TENON_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(nullptr, &self->resumer_bottom_, &self->resumer_size_);
#endif
  self->main_(self->argument_);
  self->status_ = Status::idle;
  self->leave(true);
}

}  // namespace tenon::os
