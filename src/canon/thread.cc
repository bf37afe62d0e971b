#include "canon/thread.h"

#include "canon/task.h"

namespace tenon::canon {

void RunQueue::wake(Thread& thread) {
  if (thread.state == Thread::State::waiting) threads_.add(thread);
}

bool RunQueue::is_ready(const Thread& thread) {
  if (thread.state != Thread::State::waiting) return false;
  if (thread.wait_exclusive && thread.task->instance.exclusive_thread) return false;
  switch (thread.wait_for) {
    case WaitFor::nothing: return true;
    case WaitFor::events: return thread.wait_set->has_pending_event();
    case WaitFor::waitable: return thread.wait_waitable->has_pending_event();
    case WaitFor::resolve: return static_cast<const Subtask*>(thread.wait_waitable)->is_resolved();
    case WaitFor::entry: return !has_backpressure(*thread.task);
  }
  return false;
}

void start_waiting(RunQueue& queue, Thread& thread) {
  thread.state = Thread::State::waiting;
  ComponentInstance& instance = thread.task->instance;
  if (thread.wait_exclusive || thread.wait_for == WaitFor::entry) instance.waiting.add(thread);
  if (thread.wait_for == WaitFor::entry) instance.num_waiting_to_enter++;
  if (thread.wait_set) thread.wait_set->add_waiter(thread);
  if (thread.wait_waitable) thread.wait_waitable->sync_waiter = &thread;
  queue.wake(thread);
}

void stop_waiting(RunQueue& queue, Thread& thread) {
  queue.remove(thread);
  if (thread.state != Thread::State::waiting) return;
  ComponentInstance& instance = thread.task->instance;
  if (thread.wait_for == WaitFor::entry) instance.num_waiting_to_enter--;
  instance.waiting.remove(thread);
  if (thread.wait_set) thread.wait_set->remove_waiter(thread);
  if (thread.wait_waitable) thread.wait_waitable->sync_waiter = nullptr;
  thread.state = Thread::State::suspended;
  thread.wait_for = WaitFor::nothing;
  thread.wait_exclusive = false;
  thread.wait_set = nullptr;
  thread.wait_waitable = nullptr;
}

}  // namespace tenon::canon
