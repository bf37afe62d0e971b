#include "canon/stream.h"

#include <algorithm>
#include <cstring>

#include "canon/host_copies.h"
#include "canon/move_value.h"
#include "canon/type_desc.h"
#include "component/despecialize.h"

namespace tenon::canon {
namespace {

std::unique_ptr<Trap> trap(std::string message) {
  return std::make_unique<Trap>(Trap::host(std::move(message)));
}

bool is_numeric(component::Primitive primitive) {
  return primitive >= component::Primitive::s8 && primitive <= component::Primitive::f64;
}

}  // namespace

const char* name_of(const SharedCopy& shared) {
  return shared.is_future ? "future" : "stream";
}

Payload Payload::of(const ValueTypes& types, std::optional<component::ValType> type) {
  Payload payload;
  payload.types = &types;
  payload.type = type;
  if (!type) {
    payload.is_plain = payload.is_number = true;
    return payload;
  }
  payload.layouts = types.types.info(*type).layouts;
  payload.is_plain = component::is_plain(types.types, *type);
  component::ValType canonical = types.types.canonical(*type);
  payload.is_number = canonical.is_primitive() && is_numeric(canonical.primitive());
  return payload;
}

Payload Payload::of_host(const abi::TypeDesc* type) {
  Payload payload;
  payload.described = type;
  if (!type) payload.is_plain = payload.is_number = true;
  return payload;
}

bool is_same(const Payload& a, const Payload& b) {
  if (a.type && b.type) return is_same_type(*a.types, *a.type, *b.types, *b.type);
  if (a.described && b.described) return is_same_type(*a.described, *b.described);
  const Payload& known = a.type ? a : b;
  const Payload& described = a.type ? b : a;
  if (!known.type || !described.described) return !known.type && !described.described;
  return check_type(known.types->types, *known.type, *described.described, known.types->resource)
      .has_value();
}

bool CopyEnd::carries(const Payload& wanted) {
  if (payload == wanted) return true;
  if (payload.types || !is_same(payload, wanted)) return false;
  payload = wanted;
  return true;
}

void give_to(ComponentInstance& instance, uint32_t handle, CopyEnd& end) {
  end.instance = &instance;
  end.index = handle;
}

std::string check_buffer(const Payload& payload, const abi::Options& options, uint64_t pointer,
                         uint64_t length) {
  if (length > limits::max_handles) return "the buffer of a copy is too long";
  if (!payload.type || length == 0) return {};
  abi::Layout layout = payload.layouts.of(options.pointer);
  if ((pointer & (layout.alignment - 1)) != 0) return "unaligned pointer";
  uint64_t bytes = layout.size * length;  // below 2^56
  if (!options.memory || bytes > options.memory->byte_length ||
      pointer > options.memory->byte_length - bytes) {
    return "the buffer of a copy is out of bounds of memory";
  }
  return {};
}

void CopyEnd::finish(CopyResult result) {
  if (shared->pending == this) shared->pending = nullptr;
  tell(result);
}

void CopyEnd::tell(CopyResult result) {
  result_ = result;
  set_event();
  if (host) host->copies().add_ready(*this);
}

// canon: stream_event, future_event
Event CopyEnd::make_event() {
  // A partial copy is over when its event is seen. canon: reclaim_buffer
  if (shared->pending == this) shared->pending = nullptr;
  bool is_over =
      result_ == CopyResult::dropped || (shared->is_future && result_ == CopyResult::completed);
  state = is_over ? State::done : State::idle;
  auto result = static_cast<uint32_t>(result_);
  if (shared->is_future) {
    return {is_writable() ? EventCode::future_write : EventCode::future_read, index, result};
  }
  return {is_writable() ? EventCode::stream_write : EventCode::stream_read, index,
          result | progress << 4};
}

std::unique_ptr<Trap> CopyEnd::start(const abi::Options& buffer_options, uint64_t buffer_pointer,
                                     uint32_t buffer_length) {
  begin(buffer_length);
  options = &buffer_options;
  pointer = buffer_pointer;
  return meet();
}

void CopyEnd::begin(uint32_t buffer_length) {
  options = nullptr;
  pointer = 0;
  length = buffer_length;
  progress = 0;
  state = State::copying;
}

std::unique_ptr<Trap> CopyEnd::meet() {
  if (shared->is_broken && !is_writable() && !host)
    return trap("the host has dropped the future without writing to it");
  if (shared->is_dropped) {
    finish(CopyResult::dropped);
    return nullptr;
  }
  CopyEnd* with = shared->pending;
  if (!with) {
    shared->pending = this;
    return nullptr;
  }
  bool is_within_instance =
      options && with->options && with->options->instance == options->instance;
  if (is_within_instance && !payload.is_number) {
    return trap(std::string("cannot read from and write to intra-component ") + name_of(*shared) +
                " with a payload that is not a number");
  }
  return shared->is_future ? start_future(*with) : start_stream(*with);
}

std::unique_ptr<Trap> CopyEnd::start_stream(CopyEnd& with) {
  if (with.remaining() > 0) {
    uint32_t count = std::min(remaining(), with.remaining());
    if (count > 0) {
      if (auto failed = exchange(with, count)) return failed;
      // It stays pending, so that more can follow until its event is seen.
      if (!with.is_to_go_on()) with.tell(CopyResult::completed);
    }
    if (is_to_go_on() && with.remaining() == 0) {
      with.finish(CopyResult::completed);
      shared->pending = this;
      return nullptr;
    }
    finish(CopyResult::completed);
    return nullptr;
  }
  if (is_writable() && length == 0 && with.length == 0) {
    finish(CopyResult::completed);
    return nullptr;
  }
  with.finish(CopyResult::completed);
  shared->pending = this;
  return nullptr;
}

std::unique_ptr<Trap> CopyEnd::start_future(CopyEnd& with) {
  if (auto failed = exchange(with, 1)) return failed;
  with.finish(CopyResult::completed);
  finish(CopyResult::completed);
  return nullptr;
}

// What the host writes is written whole.
bool CopyEnd::is_to_go_on() const {
  return host && is_writable() && !shared->is_future && remaining() > 0;
}

uint64_t CopyEnd::bytes_of(uint32_t count) const {
  return options && payload.type ? payload.layouts.of(options->pointer).size * count : 0;
}

std::unique_ptr<Trap> CopyEnd::exchange(CopyEnd& with, uint32_t count) {
  CopyEnd& from = is_writable() ? *this : with;
  CopyEnd& to = is_writable() ? with : *this;
  auto failed =
      from.host || to.host ? exchange_with_host(from, to, count) : exchange_guests(from, to, count);
  if (failed) return failed;
  for (CopyEnd* end : {&from, &to}) {
    end->pointer += end->bytes_of(count);
    end->progress += count;
  }
  return nullptr;
}

std::unique_ptr<Trap> CopyEnd::exchange_guests(CopyEnd& from, CopyEnd& to, uint32_t count) {
  const Payload& payload = from.payload;
  if (!payload.type) return nullptr;  // nothing but the number
  if (!payload.is_plain) {
    return move_values(*payload.types, *payload.type, count, {*from.options, from.pointer},
                       {*to.options, to.pointer});
  }
  // Buffers of one instance may overlap.
  std::memmove(to.options->memory->base + to.pointer, from.options->memory->base + from.pointer,
               from.bytes_of(count));
  return nullptr;
}

std::unique_ptr<Trap> CopyEnd::exchange_with_host(CopyEnd& from, CopyEnd& to, uint32_t count) {
  if (from.host && to.host) {
    if (to.host->buffer().take(from.host->buffer(), count)) return nullptr;
    return trap("both ends of a stream or future are the host's, with items of different types");
  }
  abi::Context cx(from.host ? *to.options : *from.options);
  if (from.host) {
    from.host->buffer().store(cx, to.payload, to.pointer, count);
  } else {
    to.host->buffer().load(cx, from.payload, from.pointer, count);
  }
  return cx.failed() ? std::make_unique<Trap>(cx.take_trap()) : nullptr;
}

// What was copied before stays copied, and is told with the cancellation.
void CopyEnd::cancel() {
  bool is_over = has_pending_event() && (shared->is_future || result_ == CopyResult::dropped);
  if (!is_over) finish(CopyResult::cancelled);
}

CopyEnd::~CopyEnd() {
  if (shared->ends[is_writable()] == this) shared->ends[is_writable()] = nullptr;
  if (shared->pending == this) shared->pending = nullptr;
}

void CopyEnd::drop() {
  shared->ends[is_writable()] = nullptr;
  if (shared->is_dropped) return;
  shared->is_dropped = true;
  if (shared->pending) shared->pending->finish(CopyResult::dropped);
}

}  // namespace tenon::canon
