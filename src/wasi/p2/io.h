#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tenon/abi/record.h"
#include "tenon/abi/resource.h"
#include "tenon/trap.h"

// The package wasi:io@0.2.12 in C++: an abstract class for each resource and, for functions, one
// for each interface. A CallResult that fails is a trap.
namespace tenon::wasi::p2::io {

// wasi: wasi:io/error
class Error {
 public:
  virtual ~Error() = default;
  virtual std::string to_debug_string() const = 0;
};

// wasi: wasi:io/poll
class Pollable {
 public:
  virtual ~Pollable() = default;
  virtual CallResult<bool> ready() = 0;
  virtual CallResult<void> block() = 0;
};

struct Poll {
  virtual ~Poll() = default;
  virtual CallResult<std::vector<uint32_t>> poll(std::span<const Borrow<Pollable>> in) = 0;
};

// wasi: wasi:io/streams
struct StreamError : std::variant<Own<Error>, std::monostate> {
  using variant::variant;
  enum Case : size_t { last_operation_failed, closed };
};

// canon: trap or result<T, stream-error>
template <typename T>
using StreamResult = CallResult<std::expected<T, StreamError>>;

class InputStream {
 public:
  virtual ~InputStream() = default;
  virtual StreamResult<std::vector<uint8_t>> read(uint64_t len) = 0;
  virtual StreamResult<std::vector<uint8_t>> blocking_read(uint64_t len) = 0;
  virtual StreamResult<uint64_t> skip(uint64_t len) = 0;
  virtual StreamResult<uint64_t> blocking_skip(uint64_t len) = 0;
  virtual CallResult<Own<Pollable>> subscribe() = 0;
};

class OutputStream {
 public:
  virtual ~OutputStream() = default;
  virtual StreamResult<uint64_t> check_write() = 0;
  virtual StreamResult<void> write(std::span<const uint8_t> contents) = 0;
  virtual StreamResult<void> blocking_write_and_flush(std::span<const uint8_t> contents) = 0;
  virtual StreamResult<void> flush() = 0;
  virtual StreamResult<void> blocking_flush() = 0;
  virtual CallResult<Own<Pollable>> subscribe() = 0;
  virtual StreamResult<void> write_zeroes(uint64_t len) = 0;
  virtual StreamResult<void> blocking_write_zeroes_and_flush(uint64_t len) = 0;
  virtual StreamResult<uint64_t> splice(Borrow<InputStream> src, uint64_t len) = 0;
  virtual StreamResult<uint64_t> blocking_splice(Borrow<InputStream> src, uint64_t len) = 0;
};

}  // namespace tenon::wasi::p2::io

TENON_VARIANT(tenon::wasi::p2::io::StreamError, last_operation_failed, closed)
