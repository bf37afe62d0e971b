#include "runtime/component/host_call.h"

namespace tenon::runtime {
namespace {

class HostCall final : public RunTask {
 public:
  HostCall(const AsyncExport& function, std::span<const Value> params)
      : RunTask(*function.lift.options.instance), function_(function), params_(params) {
    function.lift.describe(*this);
  }

  TrapPointer call() override {
    abi::Context cx(function_.lift.options);
    uint64_t flat[abi::max_flat_values] = {};
    canon::lower_params(cx, *function_.types, *function_.type, params_, flat);
    params_ = {};
    if (cx.failed()) return std::make_unique<Trap>(cx.take_trap());
    abi::write_params(function_.params, function_.store->core_call(), flat);
    if (!core().enter(*function_.callee)) return function_.store->take_trap();
    return is_async_lift ? nullptr : finish_sync();
  }

  TrapPointer move_result(const uint64_t* flat) override {
    if (!function_.type->result) return nullptr;
    component::ValType type = *function_.type->result;
    abi::Context cx(function_.lift.options);
    const component::TypeInfo info = function_.types->types.info(type);
    if (info.flat.fits(abi::max_flat_params)) {
      results.push_back(canon::lift_flat(cx, *function_.types, type, flat));
    } else {
      auto pointer = static_cast<uint32_t>(*flat);
      if (cx.check_range(pointer, info.layout.size, info.layout.alignment,
                         "pointer out of bounds of memory"))
        results.push_back(canon::load(cx, *function_.types, type, pointer));
    }
    if (cx.failed()) return std::make_unique<Trap>(cx.take_trap());
    return nullptr;
  }

  std::vector<Value> results;

 private:
  Store& core() { return function_.store->core(); }

  // canon: canon_lift of a function that is not lifted async
  TrapPointer finish_sync() {
    uint64_t flat = 0;
    if (function_.results.count > 0)
      flat = abi::result_of(function_.results, function_.store->core_call());
    if (scope.num_borrows > 0)
      return make_trap("borrow handles still remain at the end of the call");
    if (function_.type->result) {
      abi::Context cx(function_.lift.options);
      results.push_back(canon::lift_result(cx, *function_.types, *function_.type->result, flat));
      if (cx.failed()) return std::make_unique<Trap>(cx.take_trap());
    }
    if (!function_.post_return) return nullptr;
    instance.may_leave.value = 0;
    abi::write_params(function_.results, function_.store->core_call(), &flat);
    if (!core().enter(*function_.post_return)) return function_.store->take_trap();
    instance.may_leave.value = 1;
    return nullptr;
  }

  const AsyncExport& function_;
  std::span<const Value> params_;  // until the call has started
};

}  // namespace

CallResult<std::vector<Value>> call_async(const AsyncExport& function,
                                          std::span<const Value> params) {
  ComponentStore& store = *function.store;
  Scheduler& scheduler = store.scheduler();
  auto made = scheduler.make<HostCall>(function, params);
  if (!made) return std::unexpected(std::move(*made.error()));
  HostCall& task = **made;
  task.references++;
  TrapPointer trap = scheduler.start(task, nullptr);
  if (!trap) trap = scheduler.run_until_resolved(task);
  for (uint32_t rep : task.scope.lent_objects) store.resources().forget(rep);
  if (trap) {
    scheduler.abandon(task);
    return std::unexpected(std::move(*trap));
  }
  std::vector<Value> results = std::move(task.results);
  scheduler.release(task);
  return results;
}

}  // namespace tenon::runtime
