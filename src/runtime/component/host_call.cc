#include "runtime/component/host_call.h"

#include <algorithm>
#include <iterator>

#include "runtime/component/component_store.h"

namespace tenon::runtime {
namespace {

class HostCall final : public RunTask {
 public:
  HostCall(const AsyncExport& function, abi::CallValues& values)
      : RunTask(*function.lift.options.instance), function_(function), values_(&values) {
    function.lift.describe(*this);
  }

  // The caller has gone, with its values.
  void forget_values() { values_ = nullptr; }

  TrapPointer call() override {
    abi::Context cx(function_.lift.options);
    [[clang::uninitialized]] uint64_t flat[abi::max_flat_values];
    values_->lower_params(cx, flat);
    if (cx.failed()) return std::make_unique<Trap>(cx.take_trap());
    abi::CoreCall& call = function_.store->core_call();
    if (!function_.has_floats && function_.params.count <= std::size(call.gpr)) {
      std::copy_n(flat, function_.params.count, call.gpr);
    } else {
      abi::write_params(function_.params, call, flat);
    }
    bool returned = function_.has_floats ? core().enter(*function_.callee)
                                         : core().enter_integer(*function_.callee);
    if (!returned) return function_.store->take_trap();
    return is_async_lift ? nullptr : finish_sync();
  }

  TrapPointer move_result(const uint64_t* flat) override {
    return move_result(flat, abi::max_flat_params);
  }

 private:
  Store& core() { return function_.store->core(); }

  TrapPointer move_result(const uint64_t* flat, uint32_t max_flat) {
    if (!values_ || !result) return nullptr;
    abi::Context cx(function_.lift.options);
    values_->lift_result(cx, flat, max_flat);
    return cx.failed() ? std::make_unique<Trap>(cx.take_trap()) : nullptr;
  }

  // canon: canon_lift of a function that is not lifted async
  TrapPointer finish_sync() {
    uint64_t flat = 0;
    if (function_.results.count > 0)
      flat = abi::result_of(function_.results, function_.store->core_call());
    if (scope.num_borrows > 0)
      return make_trap("borrow handles still remain at the end of the call");
    if (auto trap = move_result(&flat, abi::max_flat_results)) return trap;
    if (!function_.post_return) return nullptr;
    instance.may_leave.value = 0;
    abi::write_params(function_.results, function_.store->core_call(), &flat);
    if (!core().enter(*function_.post_return)) return function_.store->take_trap();
    instance.may_leave.value = 1;
    return nullptr;
  }

  const AsyncExport& function_;
  abi::CallValues* values_;
};

}  // namespace

TrapPointer call_async(const AsyncExport& function, abi::CallValues& values) {
  ComponentStore& store = *function.store;
  Scheduler& scheduler = store.scheduler();
  // What the host has not been told yet: it may have run nothing but calls that return at once.
  bool is_outside = store.core().context().call.activation == nullptr;
  if (is_outside) {
    if (auto trap = store.copies().deliver(nullptr)) return trap;
  }
  auto made = scheduler.make<HostCall>(function, values);
  if (!made) return std::move(made).error();
  HostCall& task = **made;
  task.references++;
  TrapPointer trap = scheduler.start(task, nullptr);
  if (!trap) trap = scheduler.run_until_resolved(task);
  for (uint32_t rep : task.scope.lent_objects) store.resources().forget(rep);
  task.forget_values();
  if (trap) {
    scheduler.abandon(task);
  } else {
    scheduler.release(task);
  }
  return trap;
}

}  // namespace tenon::runtime
