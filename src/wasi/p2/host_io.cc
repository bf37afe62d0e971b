#include "wasi/p2/host_io.h"

#include "base/result.h"

namespace tenon::wasi::p2 {
namespace {

std::unexpected<Trap> trap(std::string message) {
  return std::unexpected(Trap::host(std::move(message)));
}

CallResult<void> check(const Io<void>& waited) {
  if (!waited) return trap("waiting failed: " + std::string(os::to_string(waited.error())));
  return {};
}

// A stream's answer as the interface has it.
template <typename T>
io::StreamResult<T> answer(Context& context, wasi::StreamResult<T> result) {
  using Value = std::expected<T, io::StreamError>;
  if (result) {
    if constexpr (std::is_void_v<T>) {
      return Value();
    } else {
      return Value(std::move(*result));
    }
  }
  StreamError error = result.error();
  switch (error.kind) {
    case StreamError::Kind::misuse: return trap(error.message);
    case StreamError::Kind::closed:
      return Value(std::unexpect, std::in_place_index<io::StreamError::closed>);
    case StreamError::Kind::failed: break;
  }
  ResourceTicket ticket = TRY(admit(context));
  Own<io::Error> handle = make_own<HostError>(error.code, std::move(ticket));
  return Value(std::unexpect, std::in_place_index<io::StreamError::last_operation_failed>,
               std::move(handle));
}

template <typename Made, typename Interface, typename Source>
CallResult<Own<Interface>> make(Context& context, Source source) {
  ResourceTicket ticket = TRY(admit(context));
  return Own<Interface>(std::make_unique<Made>(context, std::move(source), std::move(ticket)));
}

// Streams of this host alone can be spliced, and their pollables polled; there are no others.
template <typename Host, typename Interface>
CallResult<Host*> host_object(const Borrow<Interface>& object) {
  auto* host = dynamic_cast<Host*>(object.get());
  if (host == nullptr) return trap("a resource of another implementation of wasi:io");
  return host;
}

}  // namespace

CallResult<ResourceTicket> admit(Context& context) {
  std::optional<ResourceTicket> ticket = context.admit_resource();
  if (!ticket) {
    return trap("too many WASI resources: at most " +
                std::to_string(context.config().max_resources) + " at a time");
  }
  return std::move(*ticket);
}

CallResult<bool> HostPollable::ready() {
  Io<bool> result = is_ready(context_, pollable_.wait());
  if (!result) return trap("polling failed: " + std::string(os::to_string(result.error())));
  return *result;
}

CallResult<void> HostPollable::block() {
  return check(wasi::block(context_, pollable_.wait()));
}

CallResult<Own<io::Pollable>> make_pollable(Context& context, wasi::Pollable pollable) {
  return make<HostPollable, io::Pollable>(context, std::move(pollable));
}

io::StreamResult<std::vector<uint8_t>> HostInputStream::read(uint64_t len) {
  return answer(context_, stream_->read(context_, len, Blocking::no));
}

io::StreamResult<std::vector<uint8_t>> HostInputStream::blocking_read(uint64_t len) {
  return answer(context_, stream_->read(context_, len, Blocking::yes));
}

io::StreamResult<uint64_t> HostInputStream::skip(uint64_t len) {
  return answer(context_, stream_->skip(context_, len, Blocking::no));
}

io::StreamResult<uint64_t> HostInputStream::blocking_skip(uint64_t len) {
  return answer(context_, stream_->skip(context_, len, Blocking::yes));
}

CallResult<Own<io::Pollable>> HostInputStream::subscribe() {
  return make_pollable(context_, wasi::Pollable(stream_));
}

CallResult<Own<io::InputStream>> make_input_stream(Context& context,
                                                   std::shared_ptr<wasi::InputStream> stream) {
  return make<HostInputStream, io::InputStream>(context, std::move(stream));
}

io::StreamResult<uint64_t> HostOutputStream::check_write() {
  return answer(context_, stream_->check_write());
}

io::StreamResult<void> HostOutputStream::write(std::span<const uint8_t> contents) {
  return answer(context_, stream_->write(contents));
}

io::StreamResult<void> HostOutputStream::blocking_write_and_flush(
    std::span<const uint8_t> contents) {
  return answer(context_, stream_->blocking_write(contents));
}

io::StreamResult<void> HostOutputStream::flush() {
  return answer(context_, stream_->flush());
}

io::StreamResult<void> HostOutputStream::blocking_flush() {
  return answer(context_, stream_->flush());
}

CallResult<Own<io::Pollable>> HostOutputStream::subscribe() {
  return make_pollable(context_, wasi::Pollable(stream_));
}

io::StreamResult<void> HostOutputStream::write_zeroes(uint64_t len) {
  return answer(context_, stream_->write_zeroes(len));
}

io::StreamResult<void> HostOutputStream::blocking_write_zeroes_and_flush(uint64_t len) {
  return answer(context_, stream_->blocking_write_zeroes(len));
}

io::StreamResult<uint64_t> HostOutputStream::splice(Borrow<io::InputStream> src, uint64_t len) {
  HostInputStream* source = TRY(host_object<HostInputStream>(src));
  return answer(context_, stream_->splice(context_, source->stream(), len, Blocking::no));
}

io::StreamResult<uint64_t> HostOutputStream::blocking_splice(Borrow<io::InputStream> src,
                                                             uint64_t len) {
  HostInputStream* source = TRY(host_object<HostInputStream>(src));
  return answer(context_, stream_->splice(context_, source->stream(), len, Blocking::yes));
}

CallResult<Own<io::OutputStream>> make_output_stream(Context& context,
                                                     std::shared_ptr<wasi::OutputStream> stream) {
  return make<HostOutputStream, io::OutputStream>(context, std::move(stream));
}

CallResult<std::vector<uint32_t>> HostPoll::poll(std::span<const Borrow<io::Pollable>> in) {
  if (in.empty()) return trap("poll of an empty list");
  std::vector<const wasi::Pollable*> pollables;
  pollables.reserve(in.size());
  for (const Borrow<io::Pollable>& pollable : in) {
    HostPollable* host = TRY(host_object<HostPollable>(pollable));
    pollables.push_back(&host->pollable());
  }
  Io<std::vector<uint32_t>> ready = wasi::poll(context_, pollables);
  if (!ready) return trap("polling failed: " + std::string(os::to_string(ready.error())));
  return std::move(*ready);
}

}  // namespace tenon::wasi::p2
