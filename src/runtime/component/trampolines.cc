#include "runtime/component/trampolines.h"

#include "canon/handles.h"

namespace tenon::runtime {
namespace {

using compiler::HostFunc;
using compiler::StoreContext;

HandleBuiltin& builtin_of(HostFunc* self) {
  return *static_cast<HandleBuiltin*>(self->environment);
}

uint32_t raise(HandleBuiltin& builtin, std::string message) {
  builtin.store->raise(Trap::host(std::move(message)));
  return 1;
}
uint32_t raise(HandleBuiltin& builtin, TrapCode code) {
  builtin.store->core().raise(code);
  return 1;
}

// Leaves the result, or the trap.
uint32_t finish(HandleBuiltin& builtin, StoreContext* context,
                canon::HandleResult<uint32_t> result) {
  if (!result) return raise(builtin, std::move(result).error());
  context->call.gpr[0] = *result;
  return 0;
}

uint32_t finish(HandleBuiltin& builtin, std::unique_ptr<Trap> trap) {
  if (!trap) return 0;
  builtin.store->raise(std::move(*trap));
  return 1;
}

uint32_t argument(const StoreContext* context) {
  return static_cast<uint32_t>(context->call.gpr[0]);
}

bool may_leave(const HandleBuiltin& builtin) {
  return builtin.from->may_leave.value != 0;
}

// canon: canon_resource_new
uint32_t resource_new(HostFunc* self, StoreContext* context) {
  HandleBuiltin& builtin = builtin_of(self);
  if (!may_leave(builtin)) return raise(builtin, TrapCode::cannot_leave_component);
  return finish(builtin, context,
                canon::lower_own(*builtin.from, argument(context), *builtin.type));
}

// canon: canon_resource_rep
uint32_t resource_rep(HostFunc* self, StoreContext* context) {
  HandleBuiltin& builtin = builtin_of(self);
  return finish(builtin, context,
                canon::lift_borrow(*builtin.from, argument(context), *builtin.type));
}

// canon: canon_resource_drop
uint32_t resource_drop(HostFunc* self, StoreContext* context) {
  HandleBuiltin& builtin = builtin_of(self);
  if (!may_leave(builtin)) return raise(builtin, TrapCode::cannot_leave_component);
  auto removed = canon::remove_handle(*builtin.from, argument(context), *builtin.type);
  if (!removed) return raise(builtin, std::move(removed).error());
  if (!removed->is_own()) return 0;
  return finish(builtin,
                destroy_resource(*builtin.store, builtin.guest_type, removed->rep, builtin.from));
}

uint32_t transfer_own(HostFunc* self, StoreContext* context) {
  HandleBuiltin& builtin = builtin_of(self);
  auto rep = canon::lift_own(*builtin.from, argument(context), *builtin.type);
  if (!rep) return raise(builtin, std::move(rep).error());
  return finish(builtin, context, canon::lower_own(*builtin.to, *rep, *builtin.type));
}

uint32_t transfer_borrow(HostFunc* self, StoreContext* context) {
  HandleBuiltin& builtin = builtin_of(self);
  uint32_t handle = argument(context);
  auto rep = canon::lift_borrow(*builtin.from, handle, *builtin.type);
  if (!rep) return raise(builtin, std::move(rep).error());
  canon::CallScope& scope = *builtin.store->call_scope();
  canon::lend(*builtin.from, handle);
  scope.add_lender(*builtin.from, handle);
  // canon: lower_borrow. Who defines the resource gets the representation.
  if (builtin.to_definer) return finish(builtin, context, rep);
  return finish(builtin, context, canon::lower_borrow(*builtin.to, *rep, *builtin.type, scope));
}

uint32_t enter_call(HostFunc* self, StoreContext*) {
  builtin_of(self).store->push_scope();
  return 0;
}

uint32_t enter_and_transfer_borrow(HostFunc* self, StoreContext* context) {
  builtin_of(self).store->push_scope();
  return transfer_borrow(self, context);
}

uint32_t exit_call(HostFunc* self, StoreContext*) {
  HandleBuiltin& builtin = builtin_of(self);
  return finish(builtin, builtin.store->pop_scope());
}

uint32_t drop_borrows(HostFunc* self, StoreContext*) {
  HandleBuiltin& builtin = builtin_of(self);
  canon::drop_borrows(*builtin.from, *builtin.store->call_scope());
  return 0;
}

uint32_t trap(HostFunc* self, StoreContext* context) {
  HandleBuiltin& builtin = builtin_of(self);
  auto cause = static_cast<component::AdapterTrap>(argument(context));
  switch (cause) {
    case component::AdapterTrap::cannot_leave:
      return raise(builtin, TrapCode::cannot_leave_component);
    case component::AdapterTrap::cannot_enter:
      return raise(builtin, TrapCode::cannot_enter_component);
    default: return raise(builtin, component::message_of(cause));
  }
}

}  // namespace

std::unique_ptr<Trap> destroy_resource(ComponentStore& store, const GuestResource* guest_type,
                                       uint32_t rep, const canon::ComponentInstance* caller) {
  if (!guest_type) {
    store.resources().destroy(rep);
    return nullptr;
  }
  canon::ComponentInstance& impl = *guest_type->impl;
  if (!impl.may_enter_from(caller)) return make_trap(TrapCode::cannot_enter_component);
  if (!guest_type->destructor) return nullptr;
  TaskScope task(store.scheduler(), impl);
  if (auto failed = task.enter()) return failed;
  impl.enter_from(caller);
  if (auto failed = store.call(**guest_type->destructor, rep)) return failed;
  impl.leave_to(caller);
  return nullptr;
}

TrampolineFunction function_of(const component::ResourceNew&) {
  return resource_new;
}
TrampolineFunction function_of(const component::ResourceRep&) {
  return resource_rep;
}
TrampolineFunction function_of(const component::ResourceDrop&) {
  return resource_drop;
}
TrampolineFunction function_of(const component::TransferOwn&) {
  return transfer_own;
}
TrampolineFunction function_of(const component::TransferBorrow& kind) {
  return kind.enters_call ? enter_and_transfer_borrow : transfer_borrow;
}
TrampolineFunction function_of(const component::EnterCall&) {
  return enter_call;
}
TrampolineFunction function_of(const component::ExitCall&) {
  return exit_call;
}
TrampolineFunction function_of(const component::DropBorrows&) {
  return drop_borrows;
}
TrampolineFunction function_of(const component::Trap&) {
  return trap;
}

}  // namespace tenon::runtime
