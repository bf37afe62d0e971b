#pragma once

#include <memory>

#include "wasi/common/stream.h"
#include "wasi/p2/io.h"

// wasi:io over the streams of common/. Every resource holds a ticket, so that a guest has no more
// of them than it may.
namespace tenon::wasi::p2 {

// Traps where the guest has too many resources.
CallResult<ResourceTicket> admit(Context& context);

class HostError final : public io::Error {
 public:
  HostError(Errno code, ResourceTicket ticket) : code_(code), ticket_(std::move(ticket)) {}
  std::string to_debug_string() const override { return std::string(os::to_string(code_)); }
  Errno code() const { return code_; }

 private:
  Errno code_;
  ResourceTicket ticket_;
};

class HostPollable final : public io::Pollable {
 public:
  HostPollable(Context& context, wasi::Pollable pollable, ResourceTicket ticket)
      : context_(context), pollable_(std::move(pollable)), ticket_(std::move(ticket)) {}
  CallResult<bool> ready() override;
  CallResult<void> block() override;
  const wasi::Pollable& pollable() const { return pollable_; }

 private:
  Context& context_;
  wasi::Pollable pollable_;
  ResourceTicket ticket_;
};
CallResult<Own<io::Pollable>> make_pollable(Context& context, wasi::Pollable pollable);

class HostInputStream final : public io::InputStream {
 public:
  HostInputStream(Context& context, std::shared_ptr<wasi::InputStream> stream,
                  ResourceTicket ticket)
      : context_(context), stream_(std::move(stream)), ticket_(std::move(ticket)) {}
  io::StreamResult<std::vector<uint8_t>> read(uint64_t len) override;
  io::StreamResult<std::vector<uint8_t>> blocking_read(uint64_t len) override;
  io::StreamResult<uint64_t> skip(uint64_t len) override;
  io::StreamResult<uint64_t> blocking_skip(uint64_t len) override;
  CallResult<Own<io::Pollable>> subscribe() override;
  wasi::InputStream& stream() { return *stream_; }

 private:
  Context& context_;
  std::shared_ptr<wasi::InputStream> stream_;
  ResourceTicket ticket_;
};
CallResult<Own<io::InputStream>> make_input_stream(Context& context,
                                                   std::shared_ptr<wasi::InputStream> stream);

class HostOutputStream final : public io::OutputStream {
 public:
  HostOutputStream(Context& context, std::shared_ptr<wasi::OutputStream> stream,
                   ResourceTicket ticket)
      : context_(context), stream_(std::move(stream)), ticket_(std::move(ticket)) {}
  io::StreamResult<uint64_t> check_write() override;
  io::StreamResult<void> write(std::span<const uint8_t> contents) override;
  io::StreamResult<void> blocking_write_and_flush(std::span<const uint8_t> contents) override;
  io::StreamResult<void> flush() override;
  io::StreamResult<void> blocking_flush() override;
  CallResult<Own<io::Pollable>> subscribe() override;
  io::StreamResult<void> write_zeroes(uint64_t len) override;
  io::StreamResult<void> blocking_write_zeroes_and_flush(uint64_t len) override;
  io::StreamResult<uint64_t> splice(Borrow<io::InputStream> src, uint64_t len) override;
  io::StreamResult<uint64_t> blocking_splice(Borrow<io::InputStream> src, uint64_t len) override;

 private:
  Context& context_;
  std::shared_ptr<wasi::OutputStream> stream_;
  ResourceTicket ticket_;
};
CallResult<Own<io::OutputStream>> make_output_stream(Context& context,
                                                     std::shared_ptr<wasi::OutputStream> stream);

class HostPoll final : public io::Poll {
 public:
  explicit HostPoll(Context& context) : context_(context) {}
  CallResult<std::vector<uint32_t>> poll(std::span<const Borrow<io::Pollable>> in) override;

 private:
  Context& context_;
};

}  // namespace tenon::wasi::p2
