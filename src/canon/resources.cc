#include "tenon/abi/resource.h"

#include "canon/handles.h"

// The host's own objects as resources: the representation is an index of the store's table.
namespace tenon::abi {
namespace {

canon::ResourceTable& objects_of(Context& cx) {
  return cx.options().embedder->resources();
}
canon::ComponentInstance& instance_of(Context& cx) {
  return *cx.options().instance;
}

// A guest cannot bring this about: its handles name only objects that were put there.
void* checked(Context& cx, void* object) {
  if (!object) cx.fail("the resource is no longer there");
  return object;
}

uint32_t handle_or_fail(Context& cx, canon::HandleResult<uint32_t> handle) {
  if (handle) return *handle;
  cx.fail(handle.error());
  return 0;
}

}  // namespace

void* lift_own_object(Context& cx, uint32_t handle, const ResourceType& type) {
  if (cx.failed()) return nullptr;
  auto rep = canon::lift_own(instance_of(cx), handle, type);
  if (!rep) {
    cx.fail(rep.error());
    return nullptr;
  }
  return checked(cx, objects_of(cx).take(*rep, type));
}

void* lift_borrow_object(Context& cx, uint32_t handle, const ResourceType& type) {
  if (cx.failed()) return nullptr;
  auto rep = canon::lift_borrow(instance_of(cx), handle, type);
  if (!rep) {
    cx.fail(rep.error());
    return nullptr;
  }
  cx.add_lender(handle);
  return checked(cx, objects_of(cx).get(*rep, type));
}

uint32_t lower_own_object(Context& cx, void* object, const ResourceType& type) {
  if (!object) cx.fail("the host returned a resource that is empty");
  if (cx.failed()) {
    if (object) type.destroy(object);
    return 0;
  }
  uint32_t rep = objects_of(cx).add(object, type);
  if (rep == 0) {
    cx.fail("the store has too many resources");
    return 0;
  }
  uint32_t handle = handle_or_fail(cx, canon::lower_own(instance_of(cx), rep, type));
  if (handle == 0) objects_of(cx).destroy(rep);
  return handle;
}

uint32_t lower_borrow_object(Context& cx, void* object, const ResourceType& type) {
  if (!object) cx.fail("the host lends a resource that is empty");
  if (cx.failed()) return 0;
  canon::CallScope* scope = cx.options().embedder->call_scope();
  if (!scope) {
    cx.fail("a host function cannot return a borrowed resource");
    return 0;
  }
  uint32_t rep = objects_of(cx).add_lent(object, type);
  if (rep == 0) {
    cx.fail("the store has too many resources");
    return 0;
  }
  scope->lent_objects.push_back(rep);
  return handle_or_fail(cx, canon::lower_borrow(instance_of(cx), rep, type, *scope));
}

}  // namespace tenon::abi
