#include "runtime/component/exported_func.h"

#include <fmt/format.h>

#include "canon/host_copies.h"
#include "canon/values.h"
#include "runtime/component/instantiated.h"
#include "runtime/component/trap_place.h"

namespace tenon::runtime {
namespace {

abi::FlatTypes flat_types(const std::vector<component::FlatType>& types) {
  abi::FlatTypes result;
  for (component::FlatType type : types) result.push(type);
  return result;
}

bool any_float(const abi::FlatTypes& types) {
  for (uint32_t i = 0; i < types.count; i++) {
    if (types.types[i] == abi::CoreType::f32 || types.types[i] == abi::CoreType::f64) return true;
  }
  return false;
}

class AsyncValues final : public abi::CallValues {
 public:
  AsyncValues(const canon::ValueTypes& types, const component::FuncType& function,
              std::span<const Value> params)
      : types_(types), function_(function), params_(params) {}

  void lower_params(abi::Context& cx, uint64_t* flat) override {
    canon::lower_params(cx, types_, function_, params_, flat);
  }
  void lift_result(abi::Context& cx, const uint64_t* flat, uint32_t max_flat) override {
    if (function_.result)
      results.push_back(canon::lift_result(cx, types_, *function_.result, flat, max_flat));
  }

  std::vector<Value> results;

 private:
  const canon::ValueTypes& types_;
  const component::FuncType& function_;
  const std::span<const Value> params_;
};

}  // namespace

ExportedFunc::ExportedFunc(InstantiatedComponent& owner,
                           const component::ExportedFunction& function, std::string name,
                           const compiler::FuncRef& callee, const compiler::FuncRef* post_return,
                           const AsyncLift& lift)
    : GuestFunc(lift.options, owner.store().core_call(),
                owner.plan().types.func(function.type).is_async),
      owner_(owner),
      store_(owner.store()),
      core_(store_.core()),
      types_(owner.plan().types),
      type_(types_.func(function.type)),
      path_(owner.plan().path_of(function.options.instance)),
      name_(std::move(name)),
      callee_(callee),
      post_return_(post_return),
      flat_params_(flat_types(function.signature.params)),
      flat_results_(flat_types(function.signature.results)),
      value_types_{types_, [this](component::ResourceId id) { return owner_.resource(id); }} {
  for (canon::ComponentInstance* it = lift.options.instance; it; it = it->parent)
    entered_.push_back(&it->may_enter.value);
  has_floats_ = any_float(flat_params_) || any_float(flat_results_);
  for (const component::Field& param : type_.params)
    has_borrows_ |= types_.info(param.type).has_borrow;
  if (type_.is_async) {
    async_ = std::make_unique<AsyncExport>(AsyncExport{&store_, lift, &callee_, post_return,
                                                       flat_params_, flat_results_, has_floats_});
  } else if (!has_borrows_ && !post_return && !lift.options.instance->tracks_tasks &&
             entered_.size() <= 2) {
    entered_pair_[0] = entered_.front();
    entered_pair_[1] = entered_.back();
  }
}

std::unique_ptr<Trap> ExportedFunc::call_async(abi::CallValues& values) {
  auto trap = runtime::call_async(*async_, values);
  return trap ? with_context(std::move(trap)) : nullptr;
}

bool ExportedFunc::call() {
  auto [inner, outer] = entered_pair_;
  bool may_enter = inner && *inner != 0 && *outer != 0;
  if (__builtin_expect(!may_enter, false)) return call_in_steps();
  *inner = 0;
  *outer = 0;
  scopes_before_ = store_.scope_depth();
  thread_before_ = store_.scheduler().current();
  bool returned = has_floats_ ? core_.enter(callee_) : core_.enter_integer(callee_);
  if (__builtin_expect(!returned, false)) return call_failed();
  *entered_pair_[0] = 1;
  *entered_pair_[1] = 1;
  return true;
}

bool ExportedFunc::call_failed() {
  trap_ = store_.take_trap();
  abandon(*trap_);
  return false;
}

bool ExportedFunc::call_in_steps() {
  trap_ = enter();
  if (trap_) return false;
  bool returned = has_floats_ ? core_.enter(callee_) : core_.enter_integer(callee_);
  if (!returned) return call_failed();
  uint64_t result = flat_results_.count > 0 ? abi::result_of(flat_results_, core_call()) : 0;
  trap_ = leave(result);
  if (trap_) return false;
  // A function that runs after the result has been returned overwrites it.
  if (flat_results_.count > 0) abi::result_of(flat_results_, core_call()) = result;
  return true;
}

std::unique_ptr<Trap> ExportedFunc::enter() {
  for (const uint32_t* may_enter : entered_) {
    if (*may_enter == 0) return with_context(make_trap(TrapCode::cannot_enter_component));
  }
  for (uint32_t* may_enter : entered_) *may_enter = 0;
  scopes_before_ = store_.scope_depth();
  if (has_borrows_) store_.push_scope();
  thread_before_ = store_.scheduler().current();
  if (!options().instance->tracks_tasks) return nullptr;
  return store_.scheduler().enter_sync(*options().instance);
}

std::unique_ptr<Trap> ExportedFunc::with_context(std::unique_ptr<Trap> trap) const {
  place(*trap);
  return trap;
}

std::unique_ptr<Trap> ExportedFunc::run() {
  bool returned = has_floats_ ? core_.enter(callee_) : core_.enter_integer(callee_);
  if (returned) return nullptr;
  return store_.take_trap();
}

std::unique_ptr<Trap> ExportedFunc::leave(uint64_t flat_result) {
  if (has_borrows_ || post_return_) {
    if (auto trap = finish(flat_result)) {
      abandon(*trap);
      return trap;
    }
  }
  store_.scheduler().unwind_to(thread_before_);
  for (uint32_t* may_enter : entered_) *may_enter = 1;
  return nullptr;
}

// canon: canon_lift, from Task.return_ on
std::unique_ptr<Trap> ExportedFunc::finish(uint64_t flat_result) {
  if (has_borrows_) {
    if (auto trap = store_.pop_scope()) return trap;
  }
  if (!post_return_) return nullptr;
  *options().may_leave = 0;
  abi::write_params(flat_results_, core_call(), &flat_result);
  bool returned =
      any_float(flat_results_) ? core_.enter(*post_return_) : core_.enter_integer(*post_return_);
  if (!returned) return store_.take_trap();
  *options().may_leave = 1;
  return nullptr;
}

// The flags stay as they were when it failed: nothing enters the instance again.
void ExportedFunc::abandon(Trap& trap) {
  place(trap);
  store_.drop_scopes(scopes_before_);
  store_.scheduler().unwind_to(thread_before_);
}

void ExportedFunc::place(Trap& trap) const {
  name_place(trap, path_, name_);
}

CallResult<std::vector<Value>> ExportedFunc::call_entered(std::span<const Value> params,
                                                          uint64_t& flat_result) {
  abi::Context cx(options());
  uint64_t flat[abi::max_flat_values] = {};
  canon::lower_params(cx, value_types_, type_, params, flat);
  if (cx.failed()) return std::unexpected(cx.take_trap());
  abi::write_params(flat_params_, core_call(), flat);
  if (auto trap = run()) return std::unexpected(std::move(*trap));
  std::vector<Value> results;
  if (flat_results_.count > 0) flat_result = abi::result_of(flat_results_, core_call());
  if (type_.result)
    results.push_back(
        canon::lift_result(cx, value_types_, *type_.result, &flat_result, abi::max_flat_results));
  if (cx.failed()) return std::unexpected(cx.take_trap());
  return results;
}

Result<void> ExportedFunc::check(std::span<const Value> params) const {
  if (params.size() != type_.params.size()) {
    return fail(ErrorCode::usage, fmt::format("the function takes {} arguments, {} are given",
                                              type_.params.size(), params.size()));
  }
  canon::CheckHandles check_handles;
  check_handles.resource = [&](component::ResourceId id, const ResourceValue& resource) {
    return canon::problem_of(resource, owner_.resource(id), &store_);
  };
  check_handles.end = [&](const abi::HostEnd* end, bool is_future,
                          std::optional<component::ValType> payload) {
    return canon::problem_of(end, is_future, canon::Payload::of(value_types_, payload), &store_);
  };
  for (size_t i = 0; i < params.size(); i++) {
    const component::Field& param = type_.params[i];
    Result<void> checked = canon::check_value(types_, param.type, params[i], check_handles);
    if (!checked) {
      return std::unexpected(
          std::move(checked).error().in(fmt::format("argument {} (`{}`)", i + 1, param.name)));
    }
  }
  return {};
}

CallResult<std::vector<Value>> ExportedFunc::call(std::span<const Value> params) {
  if (async_) {
    AsyncValues values(value_types_, type_, params);
    if (auto trap = call_async(values)) return std::unexpected(std::move(*trap));
    return std::move(values.results);
  }
  if (auto trap = enter()) return std::unexpected(std::move(*trap));
  uint64_t flat_result = 0;
  auto results = call_entered(params, flat_result);
  if (!results) {
    abandon(results.error());
    return results;
  }
  if (auto trap = leave(flat_result)) return std::unexpected(std::move(*trap));
  return results;
}

}  // namespace tenon::runtime
