#include <utility>

#include "runtime/component/component_store.h"
#include "runtime/component/scheduler.h"

// Threads that wait, and synchronous calls in instances that can tell.
namespace tenon::runtime {
namespace {

using canon::ComponentInstance;
using canon::Task;
using canon::Thread;

// canon: whether a synchronous call of `instance` that waits may resume the thread. Those that need
// the instance for themselves would find the call's frames below theirs.
bool may_run_in_sync_call(const Thread& thread, const ComponentInstance& instance) {
  const Task& task = *thread.task;
  if (&task.instance != &instance || thread.is_inline) return false;
  return thread.is_explicit || !task.needs_exclusive();
}

const ComponentInstance& root_of(const ComponentInstance& instance) {
  return instance.parent ? root_of(*instance.parent) : instance;
}

// A call that runs on the stack of its caller.
struct SyncTask final : RunTask {
  using RunTask::RunTask;
  TrapPointer call() override { return nullptr; }
  TrapPointer move_result(const uint64_t*) override { return nullptr; }
};

}  // namespace

TrapPointer Scheduler::enter_sync(ComponentInstance& instance) {
  auto task = make<SyncTask>(instance);
  if (!task) return std::move(task).error();
  auto thread = make<Thread>(**task);
  if (!thread) return std::move(thread).error();
  (*task)->state = Task::State::started;
  (*task)->references = 1;
  (*task)->implicit_thread = *thread;
  (*thread)->is_inline = true;
  (*thread)->state = Thread::State::running;
  (*thread)->outer = std::exchange(current_, *thread);
  return add_to_instance(**thread);
}

void Scheduler::unwind_to(Thread* outer) {
  while (current_ != outer && current_ && current_->is_inline) {
    Thread& thread = *current_;
    Task& task = *thread.task;
    current_ = thread.outer;
    canon::stop_waiting(queue_, thread);
    if (thread.index != 0) remove_from_instance(thread);
    task.state = Task::State::resolved;
    objects_.destroy(&thread);
    release(task);
  }
}

std::expected<Thread*, TrapPointer> Scheduler::add_thread(const compiler::FuncRef& function,
                                                          uint64_t argument) {
  auto made = make<Thread>(*current_->task);
  if (!made) return made;
  Thread& thread = **made;
  thread.task->references++;
  thread.is_explicit = true;
  thread.function = &function;
  thread.argument = argument;
  if (auto trap = add_to_instance(thread)) return std::unexpected(std::move(trap));
  return &thread;
}

// Why the instance's call cannot go on; the words say whether anything of its component could.
TrapPointer Scheduler::stuck(const ComponentInstance& instance) {
  bool is_other_ready = queue_.find([&](const Thread& it) {
    return &root_of(it.task->instance) == &root_of(instance);
  }) != nullptr;
  return make_trap(is_other_ready ? "deadlock detected: event loop cannot make further progress"
                                  : "cannot block a synchronous task before returning");
}

// What the host has for an instance that waits in a synchronous call.
TrapPointer Scheduler::deliver_to(const ComponentInstance& instance) {
  if (auto trap = store_.pending_calls().deliver(&instance)) return trap;
  return store_.copies().deliver(&instance);
}

TrapPointer Scheduler::check_may_wait(ComponentInstance& instance) {
  Thread* self = current_;
  Thread* waits = self && !self->is_inline ? self->sync_caller : self;
  if (self && !waits) return nullptr;
  if (auto trap = deliver_to(instance)) return trap;
  bool may_wait = queue_.find([&](const Thread& it) {
    return &it != self && (&it == waits || may_run_in_sync_call(it, instance));
  }) != nullptr;
  return may_wait ? nullptr : stuck(instance);
}

TrapPointer Scheduler::wait(bool cancellable, Thread* next) {
  canon::start_waiting(queue_, *current_);
  return block(*current_, cancellable, next);
}

TrapPointer Scheduler::suspend(bool cancellable, Thread* next) {
  current_->state = Thread::State::suspended;
  return block(*current_, cancellable, next);
}

void Scheduler::resume_later(Thread& thread) {
  thread.wait_for = canon::WaitFor::nothing;
  canon::start_waiting(queue_, thread);
}

TrapPointer Scheduler::block(Thread& thread, bool cancellable, Thread* next) {
  thread.cancellable = cancellable;
  if (thread.is_inline) return block_inline(thread, next);
  switch_to_ = next;
  core_.suspend();
  return nullptr;
}

// canon: canon_lift of a function that is not async: while it waits, its instance's other threads
// run, until it is ready itself.
TrapPointer Scheduler::block_inline(Thread& thread, Thread* next) {
  while (true) {
    if (!next) {
      if (auto trap = deliver_to(thread.task->instance)) return trap;
      next = queue_.find([&](const Thread& it) {
        return &it == &thread || may_run_in_sync_call(it, thread.task->instance);
      });
    }
    if (!next) return stuck(thread.task->instance);
    if (next != &thread) {
      if (auto trap = resume(*next, false, &thread)) return trap;
      next = std::exchange(resume_inline_, nullptr);
      if (!next) continue;
      if (next != &thread)
        return make_trap("a thread whose call waits for another one cannot be resumed");
    }
    canon::stop_waiting(queue_, thread);
    thread.state = Thread::State::running;
    thread.is_cancelled = false;
    return nullptr;
  }
}

}  // namespace tenon::runtime
