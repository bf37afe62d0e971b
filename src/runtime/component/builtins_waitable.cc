#include "canon/async_handles.h"
#include "runtime/component/async_builtins.h"

// canon: waitable-set and subtask built-ins
namespace tenon::runtime {
namespace {

using canon::Event;
using canon::ObjectKind;
using canon::Subtask;
using canon::WaitableSet;
using component::Builtin;

constexpr uint32_t blocked = 0xffff'ffff;

// canon: canon_waitable_set_new
uint32_t set_new(BuiltinCall& call) {
  auto set = call.scheduler().make<WaitableSet>(call.scheduler().queue());
  if (!set) return call.fail(std::move(set).error());
  auto index = canon::add_object(call.instance(), **set);
  if (!index) return call.fail(std::move(index).error());
  return call.done(*index);
}

canon::HandleResult<WaitableSet*> find_set(BuiltinCall& call, uint32_t handle) {
  auto found = canon::find_object(call.instance(), handle, ObjectKind::waitable_set);
  if (!found) return std::unexpected(std::move(found).error());
  return static_cast<WaitableSet*>(*found);
}

// canon: unpack_event
uint32_t finish(BuiltinCall& call, Event event) {
  abi::Context cx(call.env().options);
  uint64_t pointer = call.pointer(1);
  if (cx.check_range(pointer, 8, 4, "the pointer to an event is out of bounds of memory")) {
    cx.store(pointer, event.index);
    cx.store(pointer + 4, event.payload);
  }
  if (cx.failed()) return cx.raise();
  return call.done(static_cast<uint32_t>(event.code));
}

constexpr Event cancelled{canon::EventCode::task_cancelled, 0, 0};

// canon: canon_waitable_set_wait
uint32_t set_wait(BuiltinCall& call) {
  if (auto trap = call.scheduler().check_may_wait(call.instance()))
    return call.fail(std::move(trap));
  auto set = find_set(call, call.argument(0));
  if (!set) return call.fail(std::move(set).error());
  if (call.task().deliver_pending_cancel(call.is_cancellable())) return finish(call, cancelled);
  if (!(*set)->has_pending_event()) {
    canon::Thread& thread = call.thread();
    thread.wait_for = canon::WaitFor::events;
    thread.wait_set = *set;
    if (auto trap = call.scheduler().wait(call.is_cancellable())) return call.fail(std::move(trap));
    if (thread.is_cancelled) return finish(call, cancelled);
  }
  return finish(call, (*set)->take_event());
}

// canon: canon_waitable_set_poll
uint32_t set_poll(BuiltinCall& call) {
  auto set = find_set(call, call.argument(0));
  if (!set) return call.fail(std::move(set).error());
  RunTask* task = call.own_task();
  if (task && task->deliver_pending_cancel(call.is_cancellable())) return finish(call, cancelled);
  return finish(call, (*set)->has_pending_event() ? (*set)->take_event() : Event{});
}

// canon: canon_waitable_set_drop
uint32_t set_drop(BuiltinCall& call) {
  auto set = find_set(call, call.argument(0));
  if (!set) return call.fail(std::move(set).error());
  if (!(*set)->is_empty()) return call.fail("cannot drop waitable set with waitables in it");
  if ((*set)->has_waiters()) return call.fail("cannot drop waitable set with waiters");
  canon::remove_object(call.instance(), call.argument(0));
  call.scheduler().objects().destroy(*set);
  return call.done();
}

// canon: canon_waitable_join
uint32_t join(BuiltinCall& call) {
  auto waitable = canon::find_waitable(call.instance(), call.argument(0));
  if (!waitable) return call.fail(std::move(waitable).error());
  if ((*waitable)->sync_waiter)
    return call.fail("waitable cannot be used synchronously while added to a waitable set");
  if (call.argument(1) == 0) {
    (*waitable)->join(nullptr);
    return call.done();
  }
  auto set = find_set(call, call.argument(1));
  if (!set) return call.fail(std::move(set).error());
  (*waitable)->join(*set);
  return call.done();
}

canon::HandleResult<Subtask*> find_subtask(BuiltinCall& call) {
  auto found = canon::find_object(call.instance(), call.argument(0), ObjectKind::subtask);
  if (!found) return std::unexpected(std::move(found).error());
  return static_cast<Subtask*>(*found);
}

// canon: canon_subtask_cancel
uint32_t subtask_cancel(BuiltinCall& call) {
  if (!call.is_async()) {
    if (auto trap = call.scheduler().check_may_wait(call.instance()))
      return call.fail(std::move(trap));
  }
  auto found = find_subtask(call);
  if (!found) return call.fail(std::move(found).error());
  Subtask& subtask = **found;
  if (subtask.is_resolve_delivered())
    return call.fail("`subtask.cancel` called after terminal status delivered");
  if (subtask.cancellation_requested)
    return call.fail("`subtask.cancel` called more than once for one subtask");
  if (subtask.set() && !call.is_async())
    return call.fail("waitable cannot be used synchronously while added to a waitable set");
  if (!subtask.is_resolved()) {
    subtask.cancellation_requested = true;
    auto failed = subtask.task ? call.scheduler().cancel(*subtask.task, call.instance())
                               : call.store().pending_calls().cancel(*subtask.pending);
    if (failed) return call.fail(std::move(failed));
    if (!subtask.is_resolved() && call.is_async()) return call.done(blocked);
    if (!subtask.is_resolved()) {
      canon::Thread& thread = call.thread();
      thread.wait_for = canon::WaitFor::resolve;
      thread.wait_waitable = &subtask;
      if (auto trap = call.scheduler().wait(false)) return call.fail(std::move(trap));
    }
  }
  return call.done(subtask.take_event().payload);
}

// canon: canon_subtask_drop
uint32_t subtask_drop(BuiltinCall& call) {
  auto found = find_subtask(call);
  if (!found) return call.fail(std::move(found).error());
  Subtask& subtask = **found;
  if (!subtask.is_resolve_delivered())
    return call.fail("cannot drop a subtask which has not yet resolved");
  canon::remove_object(call.instance(), call.argument(0));
  subtask.join(nullptr);
  if (subtask.task) call.scheduler().release(*subtask.task);
  if (subtask.pending) call.scheduler().objects().destroy(subtask.pending);
  call.scheduler().objects().destroy(&subtask);
  return call.done();
}

}  // namespace

BuiltinFunction waitable_builtin(Builtin builtin) {
  switch (builtin) {
    case Builtin::waitable_set_new: return set_new;
    case Builtin::waitable_set_wait: return set_wait;
    case Builtin::waitable_set_poll: return set_poll;
    case Builtin::waitable_set_drop: return set_drop;
    case Builtin::waitable_join: return join;
    case Builtin::subtask_cancel: return subtask_cancel;
    case Builtin::subtask_drop: return subtask_drop;
    default: return nullptr;
  }
}

}  // namespace tenon::runtime
