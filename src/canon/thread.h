#pragma once

#include <cstdint>

#include "canon/call_scope.h"
#include "canon/waitable_event.h"

// canon: Threads. What is known of a thread; how threads run is decided elsewhere. Nothing is
// polled: whatever may make a thread ready puts it into the run queue, and whether it is ready is
// asked when its turn has come.
namespace tenon::canon {

struct Task;
class Waitable;
class WaitableSet;

// What a thread that waits waits for.
enum class WaitFor : uint8_t {
  nothing,   // its turn
  events,    // of `wait_set`
  waitable,  // an event of `wait_waitable`
  resolve,   // of the subtask that is `wait_waitable`
  entry,     // canon: enter_implicit_thread, has_backpressure
};

struct Thread final : TableObject {
  enum class State : uint8_t { running, suspended, waiting };
  // What it does when it runs next.
  enum class Next : uint8_t { enter, start, callback };

  explicit Thread(Task& of) : TableObject(ObjectKind::other), task(&of) {}

  Task* const task;
  State state = State::suspended;
  Next next = Next::start;
  WaitFor wait_for = WaitFor::nothing;
  bool wait_exclusive = false;  // and for the instance's exclusive_thread to be none
  bool cancellable = false;
  bool is_cancelled = false;  // told to a thread that goes on
  bool is_inline = false;     // runs on the stack of its caller, which waits for it
  bool is_explicit = false;   // canon: thread.new-indirect
  WaitableSet* wait_set = nullptr;
  Waitable* wait_waitable = nullptr;
  uint32_t index = 0;  // in ComponentInstance::threads
  uint64_t storage[2] = {};
  void* fiber = nullptr;           // of who runs it; null: it has no stack
  const void* function = nullptr;  // of who runs it; explicit threads
  uint64_t argument = 0;
  Thread* sync_caller = nullptr;  // the inline thread whose call waits for this thread to stop
  Thread* outer = nullptr;        // while it runs: who ran before
  Event event;                    // what the callback is told
  bool has_ended = false;
  ScopeStack scopes;  // of its own stack

  Link<Thread> in_queue;
  Link<Thread> in_set;
  Link<Thread> in_instance;
  Link<Thread> in_task;
};

// The threads that may be ready, in the order in which they became so.
class RunQueue {
 public:
  void wake(Thread& thread);
  void remove(Thread& thread) { threads_.remove(thread); }
  // Takes the first thread that is ready and that `accepts`; null: there is none.
  template <typename Accept>
  Thread* find(Accept accepts) {
    Thread* thread = threads_.first();
    while (thread) {
      Thread* following = threads_.next(*thread);
      if (!is_ready(*thread)) {
        threads_.remove(*thread);
      } else if (accepts(*thread)) {
        return thread;
      }
      thread = following;
    }
    return nullptr;
  }
  static bool is_ready(const Thread& thread);

 private:
  List<Thread, &Thread::in_queue> threads_;
};

// canon: start_waiting_internal. The thread's fields say what it waits for.
void start_waiting(RunQueue& queue, Thread& thread);
// Also for one that is suspended.
void stop_waiting(RunQueue& queue, Thread& thread);

}  // namespace tenon::canon
