#include "canon/component_instance.h"

#include "canon/handles.h"

namespace tenon::canon {

bool ComponentInstance::is_self_or_ancestor_of(const ComponentInstance* other) const {
  for (; other; other = other->parent) {
    if (other == this) return true;
  }
  return false;
}

// canon: entering_set. This instance and its ancestors, up to the first that the caller is inside
// of.
bool ComponentInstance::may_enter_from(const ComponentInstance* caller) const {
  for (const ComponentInstance* it = this; it && !it->is_self_or_ancestor_of(caller);
       it = it->parent) {
    if (it->may_enter.value == 0) return false;
  }
  return true;
}

void ComponentInstance::set_may_enter(const ComponentInstance* caller, uint32_t value) {
  for (ComponentInstance* it = this; it && !it->is_self_or_ancestor_of(caller); it = it->parent) {
    it->may_enter.value = value;
  }
}

ResourceTable::~ResourceTable() {
  // Newest first: an object may refer to those that were there when it was made.
  objects_.for_each([](uint32_t, Object& it) {
    if (it.owned) it.type->destroy(it.object);
  });
}

uint32_t ResourceTable::insert(void* object, const abi::ResourceType& type, bool owned) {
  Object entry;
  entry.object = object;
  entry.type = &type;
  entry.owned = owned;
  return objects_.add(entry);
}

uint32_t ResourceTable::add(void* object, const abi::ResourceType& type) {
  uint32_t rep = insert(object, type, true);
  if (rep == 0) type.destroy(object);
  return rep;
}

uint32_t ResourceTable::add_lent(void* object, const abi::ResourceType& type) {
  return insert(object, type, false);
}

void* ResourceTable::get(uint32_t rep, const abi::ResourceType& type) {
  Object* found = objects_.get(rep);
  return found && found->type == &type ? found->object : nullptr;
}

void* ResourceTable::take(uint32_t rep, const abi::ResourceType& type) {
  Object* found = objects_.get(rep);
  if (!found || found->type != &type || !found->owned) return nullptr;
  return objects_.remove(rep).object;
}

void ResourceTable::destroy(uint32_t rep) {
  if (!objects_.get(rep)) return;
  // Out of the table first: a destructor may use the table.
  Object removed = objects_.remove(rep);
  if (removed.owned) removed.type->destroy(removed.object);
}

void ResourceTable::forget(uint32_t rep) {
  if (objects_.get(rep)) objects_.remove(rep);
}

}  // namespace tenon::canon
