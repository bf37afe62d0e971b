#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "os/guest_call.h"
#include "os/guest_stack.h"
#include "os/sanitize.h"

// Guest stacks that take turns on one thread. A Fiber runs a C++ function on a stack of its own;
// that function, and what it calls, guests included, can suspend, and go on when the fiber is
// resumed. Everything that a CallState says of one stack goes with the stack, so that entries,
// exits and traps on a fiber know nothing of others: a trap leaves to the innermost entry on the
// same stack.
namespace tenon::os {

// What a CallState says of the stack that it is on.
struct StackState {
  void* top = nullptr;
  void* limit = nullptr;
  void* activation = nullptr;
  const void* exit_pc = nullptr;
  void* exit_sp = nullptr;
  void* exit_fp = nullptr;

  static StackState of(const CallState& state) {
    return {state.stack_top, state.stack_limit, state.activation,
            state.exit_pc,   state.exit_sp,     state.exit_fp};
  }
  void write(CallState& state) const;
};

// Neither copied nor moved: entries on its stack refer to it. A fiber may be destroyed while it is
// parked: then the frames on its stack are forgotten, and nothing in them is destroyed.
class Fiber {
 public:
  using Main = void (*)(void* argument);

  explicit Fiber(GuestStack stack) : stack_(std::move(stack)) {}
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // What the next `resume` starts. Only for a fiber that is idle.
  void start(Main main, void* argument);
  // Runs the fiber until it suspends or `main` returns. `state` is the same each time. The thread
  // has been prepared (signal.h).
  void resume(CallState& state);
  // Called on this fiber: returns when it is resumed.
  void suspend();

  bool is_idle() const { return status_ == Status::idle; }
  bool is_parked() const { return status_ == Status::parked; }
  bool is_running() const { return status_ == Status::running; }
  const GuestStack& stack() const { return stack_; }
  // Where it is parked; while it runs, where the one is that resumed it.
  const StackState& other_state() const { return other_; }
  // Leaves the fiber without a stack.
  GuestStack take_stack();

 private:
  enum class Status : uint8_t { idle, parked, running };

  static void run(Fiber* self);
  void exchange_state(CallState& state);
  void leave(bool for_good);

  GuestStack stack_;
  Status status_ = Status::idle;
  Main main_ = nullptr;
  void* argument_ = nullptr;
  CallState* state_ = nullptr;
  CallState* outer_call_ = nullptr;  // current_call() of who resumed it
  void* other_sp_ = nullptr;         // of whichever side does not run
  StackState other_;
  Activation base_{};  // below the first entry: entries on a fiber stay on its stack

#if TENON_ADDRESS_SANITIZER
  void* fake_stack_ = nullptr;
  const void* resumer_bottom_ = nullptr;
  size_t resumer_size_ = 0;
#endif
#if TENON_THREAD_SANITIZER
  void* thread_ = nullptr;
  void* resumer_thread_ = nullptr;
#endif
};

}  // namespace tenon::os
