#include "runtime/component/light_handles.h"

// What these do is in trampolines.cc in full, with what can go wrong; here only what is done by
// every call that goes well, in a few instructions.
namespace tenon::runtime {
namespace {

using canon::Handle;
using compiler::HostFunc;
using os::LightResult;

constexpr LightResult declined{0, 0};
constexpr LightResult done(uint32_t value = 0) {
  return {value, 1};
}

HandleBuiltin& builtin_of(HostFunc* self) {
  return *static_cast<HandleBuiltin*>(self->environment);
}

Handle* find(const HandleBuiltin& builtin, uint64_t handle) {
  Handle* found = builtin.from->handles.get(static_cast<uint32_t>(handle));
  return found && found->rt == builtin.type ? found : nullptr;
}

uint32_t add_own(canon::ComponentInstance& instance, const abi::ResourceType& type, uint32_t rep) {
  Handle made;
  made.rt = &type;
  made.rep = rep;
  made.own = true;
  return instance.handles.add(made);
}

LightResult resource_new(HostFunc* self, uint64_t rep) {
  HandleBuiltin& builtin = builtin_of(self);
  if (builtin.from->may_leave.value == 0 || !builtin.from->handles.has_room()) return declined;
  return done(add_own(*builtin.from, *builtin.type, static_cast<uint32_t>(rep)));
}

LightResult resource_rep(HostFunc* self, uint64_t handle) {
  Handle* found = find(builtin_of(self), handle);
  return found ? done(found->rep) : declined;
}

// Whether dropping the owned resource runs nothing.
bool is_destroyed_silently(const HandleBuiltin& builtin) {
  const GuestResource* type = builtin.guest_type;
  return type && !type->destructor && type->impl->may_enter_from(builtin.from);
}

LightResult resource_drop(HostFunc* self, uint64_t handle) {
  HandleBuiltin& builtin = builtin_of(self);
  Handle* found = find(builtin, handle);
  if (!found || found->num_lends != 0 || builtin.from->may_leave.value == 0) return declined;
  if (found->own) {
    if (!is_destroyed_silently(builtin)) return declined;
  } else {
    found->borrow_scope->num_borrows--;
  }
  builtin.from->handles.remove(static_cast<uint32_t>(handle));
  return done();
}

LightResult transfer_own(HostFunc* self, uint64_t handle) {
  HandleBuiltin& builtin = builtin_of(self);
  Handle* found = find(builtin, handle);
  if (!found || found->num_lends != 0 || !found->own || !builtin.to->handles.has_room())
    return declined;
  uint32_t rep = found->rep;
  builtin.from->handles.remove(static_cast<uint32_t>(handle));
  return done(add_own(*builtin.to, *builtin.type, rep));
}

LightResult transfer_borrow(HostFunc* self, uint64_t handle) {
  HandleBuiltin& builtin = builtin_of(self);
  Handle* found = find(builtin, handle);
  canon::CallScope* scope = builtin.store->scopes().innermost();
  if (!found || !scope) return declined;
  bool is_definer = builtin.guest_type && builtin.guest_type->impl == builtin.to;
  if (!is_definer && !builtin.to->handles.has_room()) return declined;
  found->num_lends++;
  scope->add_lender(*builtin.from, static_cast<uint32_t>(handle));
  if (is_definer) return done(found->rep);
  Handle lent;
  lent.rt = builtin.type;
  lent.rep = found->rep;
  lent.borrow_scope = scope;
  scope->num_borrows++;
  return done(builtin.to->handles.add(lent));
}

LightResult enter_call(HostFunc* self, uint64_t) {
  canon::ScopeStack& scopes = builtin_of(self).store->scopes();
  if (!scopes.has_spare()) return declined;
  scopes.push();
  return done();
}

LightResult exit_call(HostFunc* self, uint64_t) {
  canon::ScopeStack& scopes = builtin_of(self).store->scopes();
  canon::CallScope& scope = *scopes.innermost();
  if (scope.num_borrows != 0 || !scope.lent_objects.empty()) return declined;
  scope.return_lent();
  scopes.pop();
  return done();
}

}  // namespace

LightFunction light(const component::ResourceNew&) {
  return resource_new;
}
LightFunction light(const component::ResourceRep&) {
  return resource_rep;
}
LightFunction light(const component::ResourceDrop&) {
  return resource_drop;
}
LightFunction light(const component::TransferOwn&) {
  return transfer_own;
}
LightFunction light(const component::TransferBorrow&) {
  return transfer_borrow;
}
LightFunction light(const component::EnterCall&) {
  return enter_call;
}
LightFunction light(const component::ExitCall&) {
  return exit_call;
}

}  // namespace tenon::runtime
