#pragma once

#include "canon/handles.h"
#include "canon/host_copies.h"
#include "canon/stream.h"

// Streams, futures and error contexts as they enter and leave the table of an instance.
namespace tenon::canon {

// canon: ErrorContext
struct ErrorContext final : TableObject {
  explicit ErrorContext(std::string message)
      : TableObject(ObjectKind::error_context), debug_message(std::move(message)) {}
  const std::string debug_message;
  uint32_t references = 0;  // by tables
};

// The object of that kind; what goes wrong is a sentence.
HandleResult<TableObject*> find_object(ComponentInstance& instance, uint32_t handle,
                                       ObjectKind kind);
// Takes it out of the table.
void remove_object(ComponentInstance& instance, uint32_t handle);
HandleResult<uint32_t> add_object(ComponentInstance& instance, TableObject& object);
// Any waitable.
HandleResult<Waitable*> find_waitable(ComponentInstance& instance, uint32_t handle);

// canon: lift_async_value. The end, out of the table.
HandleResult<CopyEnd*> take_copy_end(ComponentInstance& from, uint32_t handle, ObjectKind kind,
                                     const ValueTypes& types,
                                     std::optional<component::ValType> payload);
// The same where the host takes it.
HandleResult<CopyEnd*> take_copy_end(ComponentInstance& from, uint32_t handle, ObjectKind kind,
                                     const Payload& payload);
// canon: lower_stream, lower_future. Of the host's end, which has no `problem_of`; the new handle.
HandleResult<uint32_t> lower_copy_end(ComponentInstance& to, abi::HostEnd& host,
                                      const Payload& payload);
// canon: lift_stream, lift_future, then lower_stream, lower_future. The new handle.
HandleResult<uint32_t> move_copy_end(ComponentInstance& from, uint32_t handle,
                                     ComponentInstance& to, ObjectKind kind,
                                     const ValueTypes& types,
                                     std::optional<component::ValType> payload);
// canon: lift_error_context, lower_error_context. Both tables have it afterwards.
HandleResult<uint32_t> copy_error_context(ComponentInstance& from, uint32_t handle,
                                          ComponentInstance& to);

}  // namespace tenon::canon
