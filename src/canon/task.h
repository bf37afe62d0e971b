#pragma once

#include <cstdint>

#include "canon/component_instance.h"
#include "canon/thread.h"
#include "canon/waitable.h"

// canon: Tasks, Subtask State. A call as its callee and as its caller sees it.
namespace tenon::canon {

class Subtask;

struct Task : TableObject {
  enum class State : uint8_t { initial, started, pending_cancel, cancel_delivered, resolved };

  explicit Task(ComponentInstance& of) : TableObject(ObjectKind::other), instance(of) {}

  bool is_resolved() const { return state == State::resolved; }
  // canon: needs_exclusive
  bool needs_exclusive() const { return is_async && (!is_async_lift || has_callback); }
  bool deliver_pending_cancel(bool cancellable) {
    if (!cancellable || state != State::pending_cancel) return false;
    state = State::cancel_delivered;
    return true;
  }

  ComponentInstance& instance;
  State state = State::initial;
  bool is_async = false;       // the function's type
  bool is_async_lift = false;  // canonical options
  bool has_callback = false;
  CallScope scope;  // num_borrows; lenders are the caller's, kept here for both
  Thread* implicit_thread = nullptr;
  List<Thread, &Thread::in_task> threads;
  Subtask* subtask = nullptr;  // of the caller; null once resolved, or when there is none
  uint32_t references = 0;     // threads, a subtask, the host
};

// A call of a function of the host that completes later, beside its subtask.
struct PendingCall : TableObject {
  PendingCall() : TableObject(ObjectKind::other) {}
  CallScope scope;  // what the caller lends
};

// canon: Subtask State
class Subtask final : public Waitable {
 public:
  enum class State : uint8_t {
    starting = 0,
    started = 1,
    returned = 2,
    cancelled_before_started = 3,
    cancelled_before_returned = 4,
  };

  explicit Subtask(RunQueue& queue) : Waitable(ObjectKind::subtask, queue) {}

  bool is_resolved() const { return state >= State::returned; }
  bool is_resolve_delivered() const { return resolve_delivered_; }
  // canon: deliver_resolve
  void deliver_resolve();
  void start();
  void resolve(State to);
  // From here on, progress is told by events.
  void enter_table(uint32_t table_index) {
    index = table_index;
    tells_progress_ = true;
  }

  State state = State::starting;
  Task* task = nullptr;            // held by a reference; null: a function of the host
  PendingCall* pending = nullptr;  // owned; null: a function of a guest
  bool cancellation_requested = false;
  uint64_t flat_result = 0;  // of a synchronous caller

 private:
  Event make_event() override;

  bool tells_progress_ = false;
  bool resolve_delivered_ = false;
};

// canon: has_backpressure
bool has_backpressure(const Task& task);
// After backpressure or exclusive_thread has gone.
void wake_waiting(RunQueue& queue, ComponentInstance& instance);

}  // namespace tenon::canon
