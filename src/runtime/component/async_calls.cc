#include "runtime/component/async_calls.h"

#include <algorithm>

#include "canon/async_handles.h"

namespace tenon::runtime {
namespace {

using canon::Subtask;
using compiler::HostFunc;
using compiler::StoreContext;

// A call by another guest; what moves values was compiled for this pair of functions.
class GuestCall final : public RunTask {
 public:
  GuestCall(const AsyncImport& import, const uint64_t* arguments)
      : RunTask(*import.lift.options.instance), import_(import) {
    std::copy_n(arguments, import.params.count, arguments_);
    import.lift.describe(*this);
  }

  TrapPointer call() override {
    ComponentStore& store = *import_.store;
    abi::write_params(import_.params, store.core_call(), arguments_);
    if (!store.core().enter(*import_.start)) return store.take_trap();
    if (!is_async_lift) take_result();
    return nullptr;
  }

  TrapPointer move_result(const uint64_t* flat) override {
    if (!import_.finish) return nullptr;
    ComponentStore& store = *import_.store;
    uint64_t params[abi::max_flat_values + 1];
    std::copy_n(flat, import_.finish_params.count, params);
    if (import_.result_in_memory)
      params[import_.finish_params.count - 1] = arguments_[import_.params.count - 1];
    abi::write_params(import_.finish_params, store.core_call(), params);
    if (!store.core().enter(*import_.finish)) return store.take_trap();
    take_result();
    return nullptr;
  }

 private:
  void take_result() {
    if (subtask && import_.results.count > 0)
      subtask->flat_result = abi::result_of(import_.results, import_.store->core_call());
  }

  const AsyncImport& import_;
  uint64_t arguments_[abi::max_flat_values] = {};
};

class StartCall {
 public:
  StartCall(const AsyncImport& import, StoreContext* context)
      : import_(import), store_(*import.store), scheduler_(store_.scheduler()), context_(context) {}

  // canon: canon_lower
  TrapPointer run() {
    uint64_t arguments[abi::max_flat_values + 1];
    abi::read_params(import_.params, store_.core_call(), arguments);
    if (import_.caller->may_leave.value == 0) return make_trap(TrapCode::cannot_leave_component);
    if (!import_.is_async) {
      if (!scheduler_.current()) return make_trap("there is no current task");
      if (auto trap = scheduler_.check_may_wait(*import_.caller)) return trap;
    }
    auto task = scheduler_.make<GuestCall>(import_, arguments);
    if (!task) return std::move(task).error();
    auto subtask = scheduler_.make<Subtask>(scheduler_.queue());
    if (!subtask) return std::move(subtask).error();
    (*subtask)->task = *task;
    (*task)->subtask = *subtask;
    (*task)->references++;
    if (auto trap = scheduler_.start(**task, import_.caller)) return trap;
    return import_.is_async ? hand_out(**subtask) : wait_for(**subtask);
  }

 private:
  TrapPointer wait_for(Subtask& subtask) {
    if (!subtask.is_resolved()) {
      canon::Thread& thread = *scheduler_.current();
      thread.wait_for = canon::WaitFor::resolve;
      thread.wait_waitable = &subtask;
      if (auto trap = scheduler_.wait(false)) return trap;
    }
    if (import_.results.count > 0)
      abi::result_of(import_.results, store_.core_call()) = subtask.flat_result;
    finish(subtask);
    return nullptr;
  }

  TrapPointer hand_out(Subtask& subtask) {
    if (subtask.is_resolved()) {
      context_->call.gpr[0] = static_cast<uint32_t>(subtask.state);
      finish(subtask);
      return nullptr;
    }
    auto index = canon::add_object(*import_.caller, subtask);
    if (!index) return make_trap(std::move(index).error());
    subtask.enter_table(*index);
    context_->call.gpr[0] = static_cast<uint32_t>(subtask.state) | *index << 4;
    return nullptr;
  }

  void finish(Subtask& subtask) {
    subtask.deliver_resolve();
    scheduler_.release(*subtask.task);
    scheduler_.objects().destroy(&subtask);
  }

  const AsyncImport& import_;
  ComponentStore& store_;
  Scheduler& scheduler_;
  StoreContext* context_;
};

uint32_t raise(ComponentStore& store, TrapPointer trap) {
  if (!trap) return 0;
  store.raise(std::move(*trap));
  return 1;
}

uint32_t start_async(HostFunc* self, StoreContext* context) {
  auto& import = *static_cast<AsyncImport*>(self->environment);
  return raise(*import.store, StartCall(import, context).run());
}

uint32_t enter_task(HostFunc* self, StoreContext*) {
  auto& env = *static_cast<TaskEnvironment*>(self->environment);
  return raise(*env.store, env.store->scheduler().enter_sync(*env.instance));
}

uint32_t exit_task(HostFunc* self, StoreContext*) {
  auto& env = *static_cast<TaskEnvironment*>(self->environment);
  env.store->scheduler().exit_sync();
  return 0;
}

uint32_t check_borrows(HostFunc* self, StoreContext*) {
  auto& env = *static_cast<TaskEnvironment*>(self->environment);
  canon::Task& task = *env.store->scheduler().current()->task;
  if (task.scope.num_borrows == 0) return 0;
  return raise(*env.store, make_trap("borrow handles still remain at the end of the call"));
}

}  // namespace

void AsyncLift::describe(RunTask& task) const {
  task.is_async = true;
  task.is_async_lift = is_async;
  task.has_callback = callback != nullptr;
  task.callback = callback;
  task.lift_options = &options;
  task.result = result;
  if (!lifted) return;
  task.plan = plan;
  task.lift = &plan->lifts[*lifted];
}

TrampolineFunction function_of(const component::StartAsync&) {
  return start_async;
}
TrampolineFunction function_of(const component::EnterTask&) {
  return enter_task;
}
TrampolineFunction function_of(const component::ExitTask&) {
  return exit_task;
}
TrampolineFunction function_of(const component::CheckBorrows&) {
  return check_borrows;
}

}  // namespace tenon::runtime
