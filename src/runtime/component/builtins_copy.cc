#include <fmt/format.h>

#include "canon/async_handles.h"
#include "runtime/component/async_builtins.h"

// canon: stream and future built-ins
namespace tenon::runtime {
namespace {

using canon::CopyEnd;
using canon::ObjectKind;
using canon::SharedCopy;
using component::Builtin;
using State = CopyEnd::State;

constexpr uint32_t blocked = 0xffff'ffff;

struct Ends {
  ObjectKind readable;
  ObjectKind writable;
};
constexpr Ends stream_ends{ObjectKind::readable_stream, ObjectKind::writable_stream};
constexpr Ends future_ends{ObjectKind::readable_future, ObjectKind::writable_future};

// canon: canon_stream_new, canon_future_new
template <const Ends& ends>
uint32_t make_ends(BuiltinCall& call) {
  auto shared = std::make_shared<SharedCopy>();
  shared->is_future = ends.readable == ObjectKind::readable_future;
  uint64_t indices[2] = {};
  for (int i = 0; i < 2; i++) {
    auto end = call.scheduler().make<CopyEnd>(i == 0 ? ends.readable : ends.writable,
                                              call.scheduler().queue(), shared, call.env().payload);
    if (!end) return call.fail(std::move(end).error());
    auto index = canon::add_object(call.instance(), **end);
    if (!index) return call.fail(std::move(index).error());
    canon::give_to(call.instance(), *index, **end);
    indices[i] = *index;
  }
  return call.done(indices[0] | indices[1] << 32);
}

// The end that is the first argument.
canon::HandleResult<CopyEnd*> find_end(BuiltinCall& call, ObjectKind kind) {
  auto found = canon::find_object(call.instance(), call.argument(0), kind);
  if (!found) return std::unexpected(std::move(found).error());
  auto* end = static_cast<CopyEnd*>(*found);
  if (end->carries(call.env().payload)) return end;
  return std::unexpected(fmt::format("handle index {} is a {} with another payload",
                                     call.argument(0), canon::name_of(*end->shared)));
}

// The same, of a built-in that waits unless it is async.
std::expected<CopyEnd*, TrapPointer> find_end_to_wait_for(BuiltinCall& call, ObjectKind kind) {
  if (!call.is_async()) {
    if (auto trap = call.scheduler().check_may_wait(call.instance()))
      return std::unexpected(std::move(trap));
  }
  auto found = find_end(call, kind);
  if (!found) return std::unexpected(make_trap(std::move(found).error()));
  return *found;
}

std::string done_message(const CopyEnd& end) {
  if (end.shared->is_future) {
    return end.is_writable()
               ? "cannot write to future after previous write succeeded or readable end dropped"
               : "cannot read from future after previous read succeeded";
  }
  return end.is_writable()
             ? "cannot write to stream after being notified that the readable end dropped"
             : "cannot read from stream after being notified that the writable end dropped";
}

// The result of a copy that is over, or once it is.
uint32_t finish(BuiltinCall& call, CopyEnd& end) {
  if (!end.has_pending_event()) {
    if (call.is_async()) return call.done(blocked);
    canon::Thread& thread = call.thread();
    thread.wait_for = canon::WaitFor::waitable;
    thread.wait_waitable = &end;
    if (auto trap = call.scheduler().wait(false)) return call.fail(std::move(trap));
  }
  return call.done(end.take_event().payload);
}

// canon: stream_copy, future_copy
template <ObjectKind kind>
uint32_t copy(BuiltinCall& call) {
  constexpr bool is_future =
      kind == ObjectKind::readable_future || kind == ObjectKind::writable_future;
  auto found = find_end_to_wait_for(call, kind);
  if (!found) return call.fail(std::move(found).error());
  CopyEnd& end = **found;
  if (end.is_copying())
    return call.fail("cannot have concurrent operations active on a future/stream");
  if (end.state == State::done) return call.fail(done_message(end));
  if (end.set() && !call.is_async())
    return call.fail("waitable cannot be used synchronously while added to a waitable set");
  uint64_t pointer = call.pointer(1);
  uint64_t length = is_future ? 1 : call.pointer(2);
  const abi::Options& options = call.env().options;
  std::string problem = canon::check_buffer(end.payload, options, pointer, length);
  if (!problem.empty()) return call.fail(std::move(problem));
  if (auto trap = end.start(options, pointer, static_cast<uint32_t>(length)))
    return call.fail(std::move(trap));
  return finish(call, end);
}

// canon: cancel_copy
template <ObjectKind kind>
uint32_t cancel(BuiltinCall& call) {
  auto found = find_end_to_wait_for(call, kind);
  if (!found) return call.fail(std::move(found).error());
  CopyEnd& end = **found;
  if (end.state != State::copying || end.sync_waiter)
    return call.fail(fmt::format("cannot cancel a {} of a {} when none is in progress",
                                 end.is_writable() ? "write" : "read",
                                 canon::name_of(*end.shared)));
  if (end.set() && !call.is_async())
    return call.fail("waitable cannot be used synchronously while added to a waitable set");
  end.state = State::cancelling_copy;
  end.cancel();
  return finish(call, end);
}

// canon: drop
template <ObjectKind kind>
uint32_t drop(BuiltinCall& call) {
  auto found = find_end(call, kind);
  if (!found) return call.fail(std::move(found).error());
  CopyEnd& end = **found;
  if (end.is_copying())
    return call.fail(fmt::format("cannot {} busy {}", end.is_writable() ? "drop" : "remove",
                                 canon::name_of(*end.shared)));
  if (kind == ObjectKind::writable_future && end.state != State::done)
    return call.fail("cannot drop future write end without first writing a value");
  canon::remove_object(call.instance(), call.argument(0));
  end.join(nullptr);
  end.drop();
  call.scheduler().objects().destroy(&end);
  return call.done();
}

}  // namespace

BuiltinFunction copy_builtin(Builtin builtin) {
  switch (builtin) {
    case Builtin::stream_new: return make_ends<stream_ends>;
    case Builtin::stream_read: return copy<ObjectKind::readable_stream>;
    case Builtin::stream_write: return copy<ObjectKind::writable_stream>;
    case Builtin::stream_cancel_read: return cancel<ObjectKind::readable_stream>;
    case Builtin::stream_cancel_write: return cancel<ObjectKind::writable_stream>;
    case Builtin::stream_drop_readable: return drop<ObjectKind::readable_stream>;
    case Builtin::stream_drop_writable: return drop<ObjectKind::writable_stream>;
    case Builtin::future_new: return make_ends<future_ends>;
    case Builtin::future_read: return copy<ObjectKind::readable_future>;
    case Builtin::future_write: return copy<ObjectKind::writable_future>;
    case Builtin::future_cancel_read: return cancel<ObjectKind::readable_future>;
    case Builtin::future_cancel_write: return cancel<ObjectKind::writable_future>;
    case Builtin::future_drop_readable: return drop<ObjectKind::readable_future>;
    case Builtin::future_drop_writable: return drop<ObjectKind::writable_future>;
    default: return nullptr;
  }
}

}  // namespace tenon::runtime
