#include "runtime/component/light_handles.h"

// What these do is in trampolines.cc in full, with what can go wrong; here only what is done by
// every call that goes well, in a few instructions.
namespace tenon::runtime {
namespace {

using canon::Handle;

HandleBuiltin& builtin_of(void* self) {
  return *static_cast<HandleBuiltin*>(static_cast<compiler::HostFunc*>(self)->environment);
}

Handle* find(const HandleBuiltin& builtin, uint64_t handle) {
  Handle* found = builtin.from->handles.get_or_hole(static_cast<uint32_t>(handle));
  return found && found->rt == builtin.type ? found : nullptr;
}

// `instance` has room.
uint32_t add(canon::ComponentInstance& instance, const abi::ResourceType& type, uint32_t rep,
             canon::CallScope* borrow_scope = nullptr) {
  Handle made;
  made.rt = &type;
  made.borrow_scope = borrow_scope;
  made.rep = rep;
  return instance.handles.add_to_room(made);
}

TENON_LIGHT uint64_t resource_new(uint64_t rep, void* self) {
  HandleBuiltin& builtin = builtin_of(self);
  if (builtin.from->may_leave.value == 0 || !builtin.from->handles.has_room())
    TENON_DECLINE_LIGHT_CALL(rep, self);
  return add(*builtin.from, *builtin.type, static_cast<uint32_t>(rep));
}

TENON_LIGHT uint64_t resource_rep(uint64_t handle, void* self) {
  Handle* found = find(builtin_of(self), handle);
  if (!found) TENON_DECLINE_LIGHT_CALL(handle, self);
  return found->rep;
}

// Of a handle that may be dropped. Only where dropping the resource runs nothing.
TENON_LIGHT uint64_t drop_own(uint64_t handle, void* self) {
  HandleBuiltin& builtin = builtin_of(self);
  const GuestResource* type = builtin.guest_type;
  if (!type || type->destructor || !type->impl->may_enter_from(builtin.from))
    TENON_DECLINE_LIGHT_CALL(handle, self);
  builtin.from->handles.remove(static_cast<uint32_t>(handle));
  return 0;
}

TENON_LIGHT uint64_t resource_drop(uint64_t handle, void* self) {
  HandleBuiltin& builtin = builtin_of(self);
  Handle* found = find(builtin, handle);
  if (!found || found->num_lends != 0 || builtin.from->may_leave.value == 0)
    TENON_DECLINE_LIGHT_CALL(handle, self);
  if (found->is_own()) [[clang::musttail]]
    return drop_own(handle, self);
  found->borrow_scope->num_borrows--;
  builtin.from->handles.remove(static_cast<uint32_t>(handle));
  return 0;
}

TENON_LIGHT uint64_t transfer_own(uint64_t handle, void* self) {
  HandleBuiltin& builtin = builtin_of(self);
  Handle* found = find(builtin, handle);
  if (!found || found->num_lends != 0 || !found->is_own() || !builtin.to->handles.has_room())
    TENON_DECLINE_LIGHT_CALL(handle, self);
  uint32_t rep = found->rep;
  builtin.from->handles.remove(static_cast<uint32_t>(handle));
  return add(*builtin.to, *builtin.type, rep);
}

// `find_to_lend` has found the handle. `scope` has room for a lender.
[[gnu::always_inline]] inline uint32_t lend(HandleBuiltin& builtin, uint64_t handle, Handle& found,
                                            canon::CallScope& scope) {
  found.num_lends++;
  scope.add_lender_to_room(*builtin.from, static_cast<uint32_t>(handle));
  uint32_t rep = found.rep;
  if (builtin.to_definer) return rep;
  scope.num_borrows++;
  return add(*builtin.to, *builtin.type, rep, &scope);
}

// The handle, if it can be lent and `to` has room for another.
Handle* find_to_lend(const HandleBuiltin& builtin, uint64_t handle) {
  return builtin.to_definer || builtin.to->handles.has_room() ? find(builtin, handle) : nullptr;
}

TENON_LIGHT uint64_t transfer_borrow(uint64_t handle, void* self) {
  HandleBuiltin& builtin = builtin_of(self);
  Handle* found = find_to_lend(builtin, handle);
  canon::CallScope* scope = builtin.store->scopes().innermost();
  if (!found || !scope || !scope->has_room()) TENON_DECLINE_LIGHT_CALL(handle, self);
  return lend(builtin, handle, *found, *scope);
}

TENON_LIGHT uint64_t enter_and_transfer_borrow(uint64_t handle, void* self) {
  HandleBuiltin& builtin = builtin_of(self);
  Handle* found = find_to_lend(builtin, handle);
  canon::ScopeStack& scopes = builtin.store->scopes();
  if (!found || !scopes.has_spare()) TENON_DECLINE_LIGHT_CALL(handle, self);
  return lend(builtin, handle, *found, scopes.push_spare());
}

TENON_LIGHT uint64_t enter_call(uint64_t argument, void* self) {
  canon::ScopeStack& scopes = builtin_of(self).store->scopes();
  if (!scopes.has_spare()) TENON_DECLINE_LIGHT_CALL(argument, self);
  scopes.push_spare();
  return 0;
}

TENON_LIGHT uint64_t exit_call(uint64_t argument, void* self) {
  canon::ScopeStack& scopes = builtin_of(self).store->scopes();
  canon::CallScope& scope = scopes.top();
  if (scope.num_borrows != 0 || !scope.lent_objects.empty())
    TENON_DECLINE_LIGHT_CALL(argument, self);
  scope.return_lent();
  scopes.pop();
  return 0;
}

}  // namespace

os::LightFunction light(const component::ResourceNew&) {
  return resource_new;
}
os::LightFunction light(const component::ResourceRep&) {
  return resource_rep;
}
os::LightFunction light(const component::ResourceDrop&) {
  return resource_drop;
}
os::LightFunction light(const component::TransferOwn&) {
  return transfer_own;
}
os::LightFunction light(const component::TransferBorrow& kind) {
  return kind.enters_call ? enter_and_transfer_borrow : transfer_borrow;
}
os::LightFunction light(const component::EnterCall&) {
  return enter_call;
}
os::LightFunction light(const component::ExitCall&) {
  return exit_call;
}

}  // namespace tenon::runtime
