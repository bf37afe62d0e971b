#include "canon/task.h"

namespace tenon::canon {

void Subtask::deliver_resolve() {
  resolve_delivered_ = true;
  if (task) task->scope.return_lent();
  if (pending) pending->scope.return_lent();
}

void Subtask::start() {
  state = State::started;
  if (tells_progress_) set_event();
}

void Subtask::resolve(State to) {
  state = to;
  if (tells_progress_) set_event();
  if (sync_waiter) queue().wake(*sync_waiter);
}

Event Subtask::make_event() {
  if (is_resolved() && !resolve_delivered_) deliver_resolve();
  return {EventCode::subtask, index, static_cast<uint32_t>(state)};
}

bool has_backpressure(const Task& task) {
  const ComponentInstance& instance = task.instance;
  return instance.backpressure > 0 || (task.needs_exclusive() && instance.exclusive_thread);
}

void wake_waiting(RunQueue& queue, ComponentInstance& instance) {
  for (Thread* thread = instance.waiting.first(); thread; thread = instance.waiting.next(*thread))
    queue.wake(*thread);
}

}  // namespace tenon::canon
