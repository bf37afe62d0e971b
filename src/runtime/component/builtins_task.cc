#include "canon/async_handles.h"
#include "runtime/component/async_builtins.h"

// canon: task, context, backpressure and error-context built-ins
namespace tenon::runtime {
namespace {

using canon::ObjectKind;
using canon::Task;
using component::Builtin;

constexpr const char* resolved_twice =
    "`task.return` or `task.cancel` called more than once for current task";
constexpr const char* has_borrows = "borrow handles still remain at the end of the call";

// canon: trap_if(result_type != task.ft.result), trap_if(not LiftOptions.equal(opts, task.opts))
bool fits(const AsyncEnvironment& env, const RunTask& task) {
  if (!task.is_async_lift || task.result != env.kind->payload) return false;
  const abi::Options& lift = *task.lift_options;
  if (env.options.memory && env.options.memory != lift.memory) return false;
  return env.options.string_encoding == lift.string_encoding;
}

// canon: canon_task_return
uint32_t task_return(BuiltinCall& call) {
  // One too long, since an array has an element.
  [[clang::uninitialized]] uint64_t flat[abi::max_flat_values + 1];
  abi::read_params(call.env().params, call.store().core_call(), flat);
  RunTask* own = call.own_task();
  if (!own || !fits(call.env(), *own))
    return call.fail("invalid `task.return` signature and/or options for current task");
  RunTask& task = *own;
  if (task.is_resolved()) return call.fail(resolved_twice);
  if (task.scope.num_borrows > 0) return call.fail(has_borrows);
  if (auto trap = task.move_result(flat)) return call.fail(std::move(trap));
  call.scheduler().resolve(task, canon::Subtask::State::returned);
  return call.done();
}

// canon: canon_task_cancel
uint32_t task_cancel(BuiltinCall& call) {
  RunTask* own = call.own_task();
  if (!own || !own->is_async_lift)
    return call.fail("`task.cancel` called by a task that is not async");
  RunTask& task = *own;
  if (task.is_resolved()) return call.fail(resolved_twice);
  if (task.state != Task::State::cancel_delivered)
    return call.fail("`task.cancel` called by task which has not been cancelled");
  if (task.scope.num_borrows > 0) return call.fail(has_borrows);
  call.scheduler().resolve(task, canon::Subtask::State::cancelled_before_returned);
  return call.done();
}

// canon: canon_context_get, canon_context_set
uint32_t context_get(BuiltinCall& call) {
  return call.done(call.thread().storage[call.env().kind->slot]);
}
uint32_t context_set(BuiltinCall& call) {
  bool is_narrow = call.env().params.types[0] == abi::CoreType::i32;
  call.thread().storage[call.env().kind->slot] = is_narrow ? call.argument(0) : call.argument64(0);
  return call.done();
}

// canon: canon_backpressure_inc, canon_backpressure_dec
uint32_t backpressure_inc(BuiltinCall& call) {
  constexpr uint32_t limit = 1 << 16;
  if (++call.instance().backpressure == limit) return call.fail("backpressure counter overflow");
  return call.done();
}
uint32_t backpressure_dec(BuiltinCall& call) {
  canon::ComponentInstance& instance = call.instance();
  if (instance.backpressure == 0) return call.fail("backpressure counter underflow");
  if (--instance.backpressure == 0) canon::wake_waiting(call.scheduler().queue(), instance);
  return call.done();
}

// canon: canon_error_context_new
uint32_t error_new(BuiltinCall& call) {
  abi::Context cx(call.env().options);
  std::string message = abi::load_string_from_range(cx, call.pointer(0), call.pointer(1));
  if (cx.failed()) return cx.raise();
  auto made = call.scheduler().make<canon::ErrorContext>(std::move(message));
  if (!made) return call.fail(std::move(made).error());
  auto index = canon::add_object(call.instance(), **made);
  if (!index) return call.fail(std::move(index).error());
  (*made)->references = 1;
  return call.done(*index);
}

// canon: canon_error_context_debug_message
uint32_t error_message(BuiltinCall& call) {
  auto found = canon::find_object(call.instance(), call.argument(0), ObjectKind::error_context);
  if (!found) return call.fail(std::move(found).error());
  abi::Context cx(call.env().options);
  uint64_t pointer = call.pointer(1);
  abi::Layout pair = abi::pointer_pair_layout(cx.pointer_type());
  if (cx.check_range(pointer, pair.size, pair.alignment,
                     "the pointer to a string is out of bounds of memory")) {
    const auto& message = static_cast<canon::ErrorContext*>(*found)->debug_message;
    abi::detail::store_pair(cx, abi::store_string_into_range(cx, message), pointer);
  }
  if (cx.failed()) return cx.raise();
  return call.done();
}

// canon: canon_error_context_drop
uint32_t error_drop(BuiltinCall& call) {
  auto found = canon::find_object(call.instance(), call.argument(0), ObjectKind::error_context);
  if (!found) return call.fail(std::move(found).error());
  canon::remove_object(call.instance(), call.argument(0));
  auto* error = static_cast<canon::ErrorContext*>(*found);
  if (--error->references == 0) call.scheduler().objects().destroy(error);
  return call.done();
}

}  // namespace

BuiltinFunction task_builtin(Builtin builtin) {
  switch (builtin) {
    case Builtin::task_return: return task_return;
    case Builtin::task_cancel: return task_cancel;
    case Builtin::context_get: return context_get;
    case Builtin::context_set: return context_set;
    case Builtin::backpressure_inc: return backpressure_inc;
    case Builtin::backpressure_dec: return backpressure_dec;
    default: return nullptr;
  }
}

BuiltinFunction error_context_builtin(Builtin builtin) {
  switch (builtin) {
    case Builtin::error_context_new: return error_new;
    case Builtin::error_context_debug_message: return error_message;
    case Builtin::error_context_drop: return error_drop;
    default: return nullptr;
  }
}

}  // namespace tenon::runtime
