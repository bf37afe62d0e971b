#include "runtime/component/scheduler.h"

#include <fmt/format.h>

#include <utility>

#include "canon/async_handles.h"
#include "runtime/component/component_store.h"
#include "runtime/component/trap_place.h"

namespace tenon::runtime {
namespace {

using canon::ComponentInstance;
using canon::Task;
using canon::Thread;
using canon::WaitFor;

}  // namespace

Scheduler::Scheduler(ComponentStore& store)
    : store_(store), core_(store.core()), objects_(limits::max_async_objects) {}

TrapPointer Scheduler::too_many() const {
  return make_trap(fmt::format("more than {} tasks, threads, streams and the like in one store",
                               limits::max_async_objects));
}

void Scheduler::release(Task& task) {
  if (--task.references == 0) objects_.destroy(&task);
}

void Scheduler::abandon(Task& task) {
  Thread* thread = task.state == Task::State::initial ? task.implicit_thread : nullptr;
  if (thread && thread->next == Thread::Next::enter) {
    canon::stop_waiting(queue_, *thread);
    objects_.destroy(thread);
    release(task);
  }
  release(task);
}

void Scheduler::resolve(Task& task, canon::Subtask::State state) {
  task.state = Task::State::resolved;
  if (canon::Subtask* subtask = std::exchange(task.subtask, nullptr)) subtask->resolve(state);
}

TrapPointer Scheduler::add_to_instance(Thread& thread) {
  Task& task = *thread.task;
  canon::ThreadEntry entry;
  entry.thread = &thread;
  thread.index = task.instance.threads.add(entry);
  if (thread.index == 0) return make_trap("the thread table is full");
  task.threads.add(thread);
  return nullptr;
}

void Scheduler::remove_from_instance(Thread& thread) {
  thread.task->instance.threads.remove(thread.index);
  thread.task->threads.remove(thread);
}

TrapPointer Scheduler::start(RunTask& task, ComponentInstance* caller) {
  ComponentInstance& instance = task.instance;
  if (!instance.may_enter_from(caller)) return make_trap(TrapCode::cannot_enter_component);
  auto made = make<Thread>(task);
  if (!made) return std::move(made).error();
  Thread& thread = **made;
  task.references++;
  task.implicit_thread = &thread;
  thread.next = Thread::Next::enter;
  thread.cancellable = true;
  if (caller) {
    if (auto trap = finish_turn(task, *caller)) return trap;
  }
  if (canon::has_backpressure(task) || instance.num_waiting_to_enter > 0) {
    thread.wait_for = WaitFor::entry;
    canon::start_waiting(queue_, thread);
    return nullptr;
  }
  return resume_from(thread, false, caller);
}

// A thread that keeps the new task out, and could go on, gets its turn first.
TrapPointer Scheduler::finish_turn(const Task& task, ComponentInstance& caller) {
  const ComponentInstance& instance = task.instance;
  Thread* holder = instance.exclusive_thread;
  bool is_in_the_way = holder && task.needs_exclusive() && instance.backpressure == 0 &&
                       instance.num_waiting_to_enter == 0;
  if (!is_in_the_way || !canon::RunQueue::is_ready(*holder)) return nullptr;
  return resume_from(*holder, false, &caller);
}

// The flags stay as they are after a trap: nothing enters the instance again.
TrapPointer Scheduler::resume_from(Thread& thread, bool cancelled, ComponentInstance* caller) {
  ComponentInstance& instance = thread.task->instance;
  instance.enter_from(caller);
  if (auto trap = resume(thread, cancelled, nullptr)) return trap;
  instance.leave_to(caller);
  return nullptr;
}

TrapPointer Scheduler::cancel(Task& task, ComponentInstance& caller) {
  ComponentInstance& instance = task.instance;
  if (task.state == Task::State::initial) {
    task.state = Task::State::cancel_delivered;
    return resume(*task.implicit_thread, true, nullptr);
  }
  bool is_held = task.needs_exclusive() && instance.exclusive_thread &&
                 instance.exclusive_thread != task.implicit_thread;
  for (Thread* thread = task.threads.first(); thread; thread = task.threads.next(*thread)) {
    if (thread->state == Thread::State::running || !thread->cancellable) continue;
    if (is_held && thread == task.implicit_thread) continue;
    if (!instance.may_enter_from(&caller)) break;
    task.state = Task::State::cancel_delivered;
    return resume_from(*thread, true, &caller);
  }
  task.state = Task::State::pending_cancel;
  return nullptr;
}

// canon: Store.tick
TrapPointer Scheduler::run_until_resolved(const Task& task) {
  auto is_resolved = [](const void* of) { return static_cast<const Task*>(of)->is_resolved(); };
  return run_until(is_resolved, &task, Waits::guests);
}

TrapPointer Scheduler::run_until(bool (*is_done)(const void* of), const void* of, Waits waits) {
  if (is_done(of)) return nullptr;
  if (core_.context().call.activation != nullptr) {
    return make_trap(
        "a host function that a guest has called cannot wait for an async function of a guest");
  }
  while (!is_done(of)) {
    // What the host is told may be what it waits for.
    if (auto trap = store_.copies().deliver(nullptr)) return trap;
    if (is_done(of)) break;
    if (auto trap = take_turn(waits)) return trap;
  }
  return nullptr;
}

TrapPointer Scheduler::take_turn(Waits waits) {
  PendingCalls& host = store_.pending_calls();
  canon::HostCopies& copies = store_.copies();
  if (auto trap = host.deliver(nullptr)) return trap;
  Thread* thread =
      queue_.find([](const Thread& it) { return it.task->instance.may_enter_from(nullptr); });
  if (thread) return resume_from(*thread, false, nullptr);
  if (copies.has_ready() || copies.settle()) return nullptr;
  bool may_come =
      host.is_awaited() || (host.has_on_wait() && (waits == Waits::host || copies.is_awaited()));
  if (may_come && host.wait()) return nullptr;
  return make_trap("deadlock detected: event loop cannot make further progress");
}

// canon: Thread.resume
TrapPointer Scheduler::resume(Thread& first, bool cancelled, Thread* sync_caller) {
  for (Thread* thread = &first; thread; thread = std::exchange(switch_to_, nullptr)) {
    if (thread->is_inline) {
      resume_inline_ = thread;
      return nullptr;
    }
    if (thread->next == Thread::Next::callback) {
      thread->event = cancelled          ? canon::Event{canon::EventCode::task_cancelled, 0, 0}
                      : thread->wait_set ? thread->wait_set->take_event()
                                         : canon::Event{};
    }
    canon::stop_waiting(queue_, *thread);
    thread->is_cancelled = std::exchange(cancelled, false);
    thread->sync_caller = sync_caller;
    if (thread->next == Thread::Next::enter) {
      if (auto trap = begin(*thread, thread->is_cancelled)) return trap;
      if (thread->has_ended) {
        Task& task = *thread->task;
        objects_.destroy(thread);
        release(task);
        continue;
      }
    }
    if (auto trap = run(*thread)) return trap;
  }
  return nullptr;
}

// canon: enter_implicit_thread
TrapPointer Scheduler::begin(Thread& thread, bool cancelled) {
  Task& task = *thread.task;
  if (cancelled) {
    thread.has_ended = true;
    resolve(task, canon::Subtask::State::cancelled_before_started);
    return nullptr;
  }
  thread.next = Thread::Next::start;
  thread.cancellable = false;
  if (task.needs_exclusive()) task.instance.exclusive_thread = &thread;
  return add_to_instance(thread);
}

TrapPointer Scheduler::run(Thread& thread) {
  if (!thread.fiber) {
    auto fiber = core_.take_fiber();
    if (!fiber) return make_trap(fiber.error().to_string());
    (*fiber)->start(
        [](void* self) {
          auto& scheduler = *static_cast<Scheduler*>(self);
          scheduler.main(*scheduler.current_);
        },
        this);
    thread.fiber = *fiber;
    thread.scopes.base = &thread.task->scope;
  }
  auto& fiber = *static_cast<os::Fiber*>(thread.fiber);
  thread.state = Thread::State::running;
  thread.outer = std::exchange(current_, &thread);
  canon::ScopeStack* outer_scopes = store_.exchange_scopes(&thread.scopes);
  core_.resume(fiber);
  store_.exchange_scopes(outer_scopes);
  unwind_to(&thread);
  current_ = thread.outer;
  if (!fiber.is_idle()) return nullptr;
  core_.give_fiber(fiber);
  thread.fiber = nullptr;
  if (trap_) return std::move(trap_);
  if (thread.has_ended) {
    Task& task = *thread.task;
    objects_.destroy(&thread);
    release(task);
  }
  return nullptr;
}

void Scheduler::main(Thread& thread) {
  TrapPointer trap;
  if (thread.is_explicit) {
    trap = run_function(thread);
  } else if (thread.next == Thread::Next::start) {
    trap = run_start(thread);
  } else {
    trap = run_callback(thread);
  }
  if (trap) {
    store_.drop_scopes(0);
    const auto& task = static_cast<const RunTask&>(*thread.task);
    if (task.lift) name_place(*trap, task.plan->path_of(task.lift->instance), task.lift->name);
  }
  trap_ = std::move(trap);
}

// canon: canon_lift, thread_func
TrapPointer Scheduler::run_start(Thread& thread) {
  auto& task = static_cast<RunTask&>(*thread.task);
  task.state = Task::State::started;
  if (task.subtask) task.subtask->start();
  if (auto trap = task.call()) return trap;
  if (!task.is_async_lift) resolve(task, canon::Subtask::State::returned);
  if (!task.has_callback) return exit(thread);
  return after_callback(thread, static_cast<uint32_t>(core_.context().call.gpr[0]));
}

TrapPointer Scheduler::run_callback(Thread& thread) {
  auto& task = static_cast<RunTask&>(*thread.task);
  task.instance.exclusive_thread = &thread;
  uint64_t* arguments = core_.context().call.gpr;
  arguments[0] = static_cast<uint32_t>(thread.event.code);
  arguments[1] = thread.event.index;
  arguments[2] = thread.event.payload;
  if (!core_.enter_integer(*task.callback)) return store_.take_trap();
  return after_callback(thread, static_cast<uint32_t>(core_.context().call.gpr[0]));
}

// canon: unpack_callback_result. The thread waits without a stack.
TrapPointer Scheduler::after_callback(Thread& thread, uint32_t packed) {
  enum Code : uint32_t { exit_code = 0, yield_code = 1, wait_code = 2 };
  ComponentInstance& instance = thread.task->instance;
  uint32_t code = packed & 0xf;
  if (code == exit_code) return exit(thread);
  if (code > wait_code) return make_trap(fmt::format("unsupported callback code: {}", code));
  if (code == wait_code) {
    auto set = canon::find_object(instance, packed >> 4, canon::ObjectKind::waitable_set);
    if (!set) return make_trap(std::move(set).error());
    thread.wait_set = static_cast<canon::WaitableSet*>(*set);
    thread.wait_for = WaitFor::events;
  }
  instance.exclusive_thread = nullptr;
  thread.next = Thread::Next::callback;
  thread.cancellable = true;
  thread.wait_exclusive = true;
  if (thread.task->deliver_pending_cancel(true)) {
    // canon: wait_until. There is nothing to wait for.
    thread.wait_set = nullptr;
    thread.wait_for = WaitFor::nothing;
    thread.wait_exclusive = false;
    thread.event = {canon::EventCode::task_cancelled, 0, 0};
    canon::wake_waiting(queue_, instance);
    return run_callback(thread);
  }
  canon::wake_waiting(queue_, instance);
  canon::start_waiting(queue_, thread);
  return nullptr;
}

TrapPointer Scheduler::run_function(Thread& thread) {
  core_.context().call.gpr[0] = thread.argument;
  if (!core_.enter_integer(*static_cast<const compiler::FuncRef*>(thread.function)))
    return store_.take_trap();
  return exit(thread);
}

// canon: exit_implicit_thread, unregister_thread
TrapPointer Scheduler::exit(Thread& thread) {
  Task& task = *thread.task;
  remove_from_instance(thread);
  if (task.threads.is_empty() && !task.is_resolved())
    return make_trap("async-lifted export failed to produce a result");
  if (task.instance.exclusive_thread == &thread) {
    task.instance.exclusive_thread = nullptr;
    canon::wake_waiting(queue_, task.instance);
  }
  thread.has_ended = true;
  return nullptr;
}

}  // namespace tenon::runtime
