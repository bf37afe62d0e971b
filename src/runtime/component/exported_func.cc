#include "runtime/component/exported_func.h"

#include "canon/values.h"
#include "runtime/component/instantiated.h"

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

}  // namespace

ExportedFunc::ExportedFunc(InstantiatedComponent& owner,
                           const component::ExportedFunction& function, std::string name,
                           const compiler::FuncRef& callee, const compiler::FuncRef* post_return,
                           const AsyncLift& lift)
    : GuestFunc(lift.options, owner.store().core_call()),
      owner_(owner),
      store_(owner.store()),
      types_(owner.plan().types),
      type_(types_.func(function.type)),
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
  if (!type_.is_async) return;
  async_ = std::make_unique<AsyncExport>(AsyncExport{&store_, lift, &value_types_, &type_, &callee_,
                                                     post_return, flat_params_, flat_results_});
}

std::unique_ptr<Trap> ExportedFunc::enter() {
  if (async_)
    return with_context(make_trap("an async function can be called with values alone for now"));
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

// A trap that crossed several exports keeps the place that is nearest to it.
std::unique_ptr<Trap> ExportedFunc::with_context(std::unique_ptr<Trap> trap) const {
  if (trap->context.empty()) trap->context = context();
  return trap;
}

std::unique_ptr<Trap> ExportedFunc::run() {
  runtime::Store& core = store_.core();
  bool returned = has_floats_ ? core.enter(callee_) : core.enter_integer(callee_);
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
  runtime::Store& core = store_.core();
  abi::write_params(flat_results_, core_call(), &flat_result);
  bool returned =
      any_float(flat_results_) ? core.enter(*post_return_) : core.enter_integer(*post_return_);
  if (!returned) return store_.take_trap();
  *options().may_leave = 1;
  return nullptr;
}

// The flags stay as they were when it failed: nothing enters the instance again.
void ExportedFunc::abandon(Trap& trap) {
  if (trap.context.empty()) trap.context = context();
  store_.drop_scopes(scopes_before_);
  store_.scheduler().unwind_to(thread_before_);
}

std::string ExportedFunc::context() const {
  return "export `" + name_ + "`";
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
    results.push_back(canon::lift_result(cx, value_types_, *type_.result, flat_result));
  if (cx.failed()) return std::unexpected(cx.take_trap());
  return results;
}

CallResult<std::vector<Value>> ExportedFunc::call(std::span<const Value> params) {
  if (async_) {
    auto called = call_async(*async_, params);
    if (!called && called.error().context.empty()) called.error().context = context();
    return called;
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
