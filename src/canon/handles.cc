#include "canon/handles.h"

#include <fmt/format.h>

namespace tenon::canon {
namespace {

const char* kind_of(const abi::ResourceType& type) {
  return type.destroy ? "host-defined" : "guest-defined";
}

// canon: handles.get(i), trap_if(h.rt is not t.rt)
HandleResult<Handle*> find(ComponentInstance& instance, uint32_t handle,
                           const abi::ResourceType& type) {
  Handle* found = instance.handles.get(handle);
  if (!found) return std::unexpected(unknown_handle(handle));
  if (!found->rt) return std::unexpected(wrong_kind(handle, "a resource", *found));
  if (found->rt == &type) return found;
  const char* expected = kind_of(type);
  const char* actual = kind_of(*found->rt);
  return std::unexpected(fmt::format(
      "handle index {} used with the wrong type, expected {} resource but found a {}{} resource",
      handle, expected, expected == actual ? "different " : "", actual));
}

HandleResult<uint32_t> add(ComponentInstance& instance, const Handle& handle) {
  uint32_t index = instance.handles.add(handle);
  if (index == 0) return std::unexpected(no_room(instance));
  return index;
}

}  // namespace

std::string no_room(const ComponentInstance& instance) {
  if (instance.handles.is_full()) return "the handle table is full";
  return fmt::format("the handles of one store take more than {} bytes",
                     limits::max_store_table_bytes);
}

std::string unknown_handle(uint32_t handle) {
  return fmt::format("unknown handle index {}", handle);
}

const char* name_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::readable_stream: return "a readable stream end";
    case ObjectKind::writable_stream: return "a writable stream end";
    case ObjectKind::readable_future: return "a readable future end";
    case ObjectKind::writable_future: return "a writable future end";
    case ObjectKind::subtask: return "a subtask";
    case ObjectKind::waitable_set: return "a waitable set";
    case ObjectKind::error_context: return "an error context";
    case ObjectKind::other: break;
  }
  return "a handle";
}

std::string wrong_kind(uint32_t handle, const char* wanted, const Handle& found) {
  return fmt::format("handle index {} is {}, expected {}", handle,
                     found.object ? name_of(found.object->kind) : "a resource", wanted);
}

HandleResult<uint32_t> lift_own(ComponentInstance& instance, uint32_t handle,
                                const abi::ResourceType& type) {
  auto found = find(instance, handle, type);
  if (!found) return std::unexpected(std::move(found).error());
  if ((*found)->num_lends != 0)
    return std::unexpected("cannot remove owned resource while borrowed");
  if (!(*found)->is_own()) return std::unexpected("cannot lift own resource from a borrow");
  return instance.handles.remove(handle).rep;
}

HandleResult<uint32_t> lift_borrow(ComponentInstance& instance, uint32_t handle,
                                   const abi::ResourceType& type) {
  auto found = find(instance, handle, type);
  if (!found) return std::unexpected(std::move(found).error());
  return (*found)->rep;
}

HandleResult<uint32_t> lower_own(ComponentInstance& instance, uint32_t rep,
                                 const abi::ResourceType& type) {
  Handle handle;
  handle.rt = &type;
  handle.rep = rep;
  return add(instance, handle);
}

HandleResult<uint32_t> lower_borrow(ComponentInstance& instance, uint32_t rep,
                                    const abi::ResourceType& type, CallScope& scope) {
  Handle handle;
  handle.rt = &type;
  handle.rep = rep;
  handle.borrow_scope = &scope;
  auto index = add(instance, handle);
  if (index) scope.num_borrows++;
  return index;
}

void drop_borrows(ComponentInstance& instance, CallScope& scope) {
  instance.handles.for_each([&](uint32_t index, const Handle& handle) {
    if (handle.borrow_scope != &scope) return;
    instance.handles.remove(index);
    scope.num_borrows--;
  });
}

HandleResult<Handle> remove_handle(ComponentInstance& instance, uint32_t handle,
                                   const abi::ResourceType& type) {
  auto found = find(instance, handle, type);
  if (!found) return std::unexpected(std::move(found).error());
  if ((*found)->num_lends != 0)
    return std::unexpected("cannot remove owned resource while borrowed");
  Handle removed = instance.handles.remove(handle);
  if (!removed.is_own()) removed.borrow_scope->num_borrows--;
  return removed;
}

}  // namespace tenon::canon
