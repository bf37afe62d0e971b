#include "canon/async_handles.h"

#include <fmt/format.h>

namespace tenon::canon {

HandleResult<TableObject*> find_object(ComponentInstance& instance, uint32_t handle,
                                       ObjectKind kind) {
  const Handle* found = instance.handles.get(handle);
  if (!found) return std::unexpected(unknown_handle(handle));
  if (!found->object || found->object->kind != kind)
    return std::unexpected(wrong_kind(handle, name_of(kind), *found));
  return found->object;
}

HandleResult<Waitable*> find_waitable(ComponentInstance& instance, uint32_t handle) {
  const Handle* found = instance.handles.get(handle);
  if (!found) return std::unexpected(unknown_handle(handle));
  if (!found->object || found->object->kind > ObjectKind::subtask)
    return std::unexpected(wrong_kind(handle, "a waitable", *found));
  return static_cast<Waitable*>(found->object);
}

void remove_object(ComponentInstance& instance, uint32_t handle) {
  instance.handles.remove(handle);
}

HandleResult<uint32_t> add_object(ComponentInstance& instance, TableObject& object) {
  Handle handle;
  handle.object = &object;
  uint32_t index = instance.handles.add(handle);
  if (index == 0) return std::unexpected(no_room(instance));
  return index;
}

namespace {

// An end of whatever items `fits` accepts.
template <typename Fits>
HandleResult<CopyEnd*> take_if(ComponentInstance& from, uint32_t handle, ObjectKind kind,
                               Fits fits) {
  auto found = find_object(from, handle, kind);
  if (!found) return std::unexpected(std::move(found).error());
  auto& end = static_cast<CopyEnd&>(**found);
  const char* name = canon::name_of(*end.shared);
  if (!fits(end)) {
    return std::unexpected(
        fmt::format("handle index {} is a {} with another payload", handle, name));
  }
  if (end.state == CopyEnd::State::done) {
    return std::unexpected(
        end.shared->is_future
            ? "cannot lift future after previous read succeeded"
            : "cannot lift stream after being notified that the writable end dropped");
  }
  if (end.is_copying()) return std::unexpected(fmt::format("cannot lift busy {}", name));
  if (end.set())
    return std::unexpected(fmt::format("cannot lift {} while it's in a waitable set", name));
  remove_object(from, handle);
  end.instance = nullptr;
  return &end;
}

}  // namespace

HandleResult<CopyEnd*> take_copy_end(ComponentInstance& from, uint32_t handle, ObjectKind kind,
                                     const ValueTypes& types,
                                     std::optional<component::ValType> payload) {
  return take_if(from, handle, kind, [&](CopyEnd& end) {
    const Payload& actual = end.payload;
    bool is_known = actual.types && actual.type == payload &&
                    (!payload || &actual.types->types == &types.types);
    return is_known || end.carries(Payload::of(types, payload));
  });
}

HandleResult<CopyEnd*> take_copy_end(ComponentInstance& from, uint32_t handle, ObjectKind kind,
                                     const Payload& payload) {
  return take_if(from, handle, kind,
                 [&](const CopyEnd& end) { return is_same(end.payload, payload); });
}

HandleResult<uint32_t> lower_copy_end(ComponentInstance& to, abi::HostEnd& host,
                                      const Payload& payload) {
  auto index = add_object(to, *HostCopies::end_of(host));
  if (!index) return index;
  CopyEnd& end = HostCopies::release(host);
  end.payload = payload;
  give_to(to, *index, end);
  return index;
}

HandleResult<uint32_t> move_copy_end(ComponentInstance& from, uint32_t handle,
                                     ComponentInstance& to, ObjectKind kind,
                                     const ValueTypes& types,
                                     std::optional<component::ValType> payload) {
  auto end = take_copy_end(from, handle, kind, types, payload);
  if (!end) return std::unexpected(std::move(end).error());
  auto index = add_object(to, **end);
  if (index) give_to(to, *index, **end);
  return index;
}

HandleResult<uint32_t> copy_error_context(ComponentInstance& from, uint32_t handle,
                                          ComponentInstance& to) {
  auto found = find_object(from, handle, ObjectKind::error_context);
  if (!found) return std::unexpected(std::move(found).error());
  auto index = add_object(to, **found);
  if (index) static_cast<ErrorContext&>(**found).references++;
  return index;
}

}  // namespace tenon::canon
