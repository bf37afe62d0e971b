#include <fmt/format.h>

#include "runtime/component/async_builtins.h"

// canon: thread built-ins
namespace tenon::runtime {
namespace {

using canon::Thread;
using component::Builtin;

// canon: canon_thread_index
uint32_t thread_index(BuiltinCall& call) {
  return call.done(call.thread().index);
}

// canon: canon_thread_new_indirect
uint32_t new_indirect(BuiltinCall& call) {
  Table& table = *call.env().table;
  uint64_t index = table.type().limits.is_64 ? call.argument64(0) : call.argument(0);
  if (!table.holds(index, 1))
    return call.fail(
        fmt::format("the function of a thread is at index {} of a table that ends at {}", index,
                    table.length()));
  compiler::FuncRef* function = table.resolve(index);
  if (!function) return call.fail("the function of a thread is null");
  if (function->type_id != call.env().function_type)
    return call.fail("the function of a thread has another type");
  auto made = call.scheduler().add_thread(*function->self, call.argument64(1));
  if (!made) return call.fail(std::move(made).error());
  return call.done((*made)->index);
}

Thread* find_thread(BuiltinCall& call) {
  canon::ThreadEntry* entry = call.instance().threads.get(call.argument(0));
  return entry ? entry->thread : nullptr;
}

uint32_t unknown_thread(BuiltinCall& call) {
  return call.fail(fmt::format("unknown thread index {}", call.argument(0)));
}
constexpr const char* not_suspended = "cannot resume thread which is not suspended";

// canon: canon_thread_resume_later
uint32_t resume_later(BuiltinCall& call) {
  Thread* other = find_thread(call);
  if (!other) return unknown_thread(call);
  if (other->state != Thread::State::suspended) return call.fail(not_suspended);
  call.scheduler().resume_later(*other);
  return call.done();
}

// Suspends, or waits for its turn, after `next` has run where there is one.
uint32_t stop(BuiltinCall& call, bool is_yield, Thread* next) {
  Thread& thread = call.thread();
  if (thread.task->deliver_pending_cancel(call.is_cancellable())) return call.done(1);
  TrapPointer trap = is_yield ? call.scheduler().wait(call.is_cancellable(), next)
                              : call.scheduler().suspend(call.is_cancellable(), next);
  if (trap) return call.fail(std::move(trap));
  return call.done(thread.is_cancelled ? 1 : 0);
}

// canon: canon_thread_suspend
uint32_t suspend(BuiltinCall& call) {
  if (auto trap = call.scheduler().check_may_wait(call.instance()))
    return call.fail(std::move(trap));
  return stop(call, false, nullptr);
}

// canon: canon_thread_yield
uint32_t yield(BuiltinCall& call) {
  return stop(call, true, nullptr);
}

// canon: canon_thread_suspend_then_resume, canon_thread_yield_then_resume
template <bool is_yield>
uint32_t then_resume(BuiltinCall& call) {
  Thread* other = find_thread(call);
  if (!other) return unknown_thread(call);
  if (other->state != Thread::State::suspended) return call.fail(not_suspended);
  return stop(call, is_yield, other);
}

// canon: canon_thread_suspend_then_promote, canon_thread_yield_then_promote
template <bool is_yield>
uint32_t then_promote(BuiltinCall& call) {
  Thread* other = find_thread(call);
  if (!other) return unknown_thread(call);
  bool is_ready = canon::RunQueue::is_ready(*other);
  if (!is_ready && !is_yield) return suspend(call);
  return stop(call, is_yield, is_ready ? other : nullptr);
}

}  // namespace

BuiltinFunction thread_builtin(Builtin builtin) {
  switch (builtin) {
    case Builtin::thread_index: return thread_index;
    case Builtin::thread_new_indirect: return new_indirect;
    case Builtin::thread_resume_later: return resume_later;
    case Builtin::thread_suspend: return suspend;
    case Builtin::thread_yield: return yield;
    case Builtin::thread_suspend_then_resume: return then_resume<false>;
    case Builtin::thread_yield_then_resume: return then_resume<true>;
    case Builtin::thread_suspend_then_promote: return then_promote<false>;
    case Builtin::thread_yield_then_promote: return then_promote<true>;
    default: return nullptr;
  }
}

}  // namespace tenon::runtime
