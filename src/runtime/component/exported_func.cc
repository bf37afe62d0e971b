#include "runtime/component/exported_func.h"

#include "runtime/component/instantiated.h"

namespace tenon::runtime {
namespace {

bool is_float(component::FlatType type) {
  return type == component::FlatType::f32 || type == component::FlatType::f64;
}

bool any_float(const component::CoreSignature& signature) {
  for (component::FlatType type : signature.params) {
    if (is_float(type)) return true;
  }
  return !signature.results.empty() && is_float(signature.results.front());
}

}  // namespace

ExportedFunc::ExportedFunc(InstantiatedComponent& owner, const component::ExportedFunction& function,
                           const compiler::FuncRef& callee, const compiler::FuncRef* post_return,
                           const abi::Options& options)
    : owner_(owner),
      store_(owner.store()),
      types_(owner.plan().types),
      type_(types_.func(function.type)),
      callee_(callee),
      post_return_(post_return),
      options_(options),
      has_floats_(any_float(function.signature)) {
  for (const component::Field& param : type_.params) has_borrows_ |= types_.info(param.type).has_borrow;
  if (!function.signature.results.empty()) flat_result_ = function.signature.results.front();
}

std::unique_ptr<Trap> ExportedFunc::enter() {
  if (!options_.instance->may_enter_from(nullptr)) return make_trap(TrapCode::cannot_enter_component);
  options_.instance->enter_from(nullptr);
  scopes_before_ = store_.scope_depth();
  if (has_borrows_) store_.push_scope();
  return nullptr;
}

std::unique_ptr<Trap> ExportedFunc::run() {
  runtime::Store& core = store_.core();
  bool returned = has_floats_ ? core.enter(callee_) : core.enter_integer(callee_);
  if (returned) return nullptr;
  return std::make_unique<Trap>(core.take_trap());
}

// canon: canon_lift, from Task.return_ on
std::unique_ptr<Trap> ExportedFunc::leave(uint64_t flat_result) {
  if (has_borrows_) {
    if (auto trap = store_.pop_scope()) return trap;
  }
  if (post_return_) {
    *options_.may_leave = 0;
    runtime::Store& core = store_.core();
    os::CallState& call = core.context().call;
    (is_float(flat_result_) ? call.xmm[0][0] : call.gpr[0]) = flat_result;
    bool returned = is_float(flat_result_) ? core.enter(*post_return_) : core.enter_integer(*post_return_);
    if (!returned) return std::make_unique<Trap>(core.take_trap());
    *options_.may_leave = 1;
  }
  options_.instance->leave_to(nullptr);
  return nullptr;
}

// The flags stay as they were when it failed: nothing enters the instance again.
void ExportedFunc::abandon() { store_.drop_scopes(scopes_before_); }

}  // namespace tenon::runtime
