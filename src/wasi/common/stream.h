#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "wasi/common/context.h"
#include "wasi/common/descriptor.h"

// Streams of bytes with the rules of wasi:io/streams, over files and the standard streams. Reading
// does not block unless it is asked to; writing is done when the call returns, and blocks where the
// file behind it does.
namespace tenon::wasi {

struct StreamError {
  enum class Kind : uint8_t {
    closed,
    failed,  // the stream is closed from now on; `code` says why
    misuse,  // the guest broke a rule of the interface, which traps; `message` says which
  };
  Kind kind = Kind::closed;
  Errno code = Errno::io;
  const char* message = nullptr;
};

template <typename T>
using StreamResult = std::expected<T, StreamError>;

enum class Blocking : bool { no, yes };

constexpr uint64_t max_stream_read = Context::scratch_size;  // bytes, by one call
constexpr uint64_t max_stream_permit = 1 << 20;              // bytes that one call may write
constexpr uint64_t max_blocking_write =
    4096;  // wasi:io/streams.output-stream.blocking-write-and-flush

class InputStream {
 public:
  virtual ~InputStream() = default;
  // 0 bytes: there is nothing now.
  virtual StreamResult<size_t> read(std::span<uint8_t> bytes, Blocking blocking) = 0;
  virtual host::Wait ready() const = 0;

  // At most max_stream_read bytes.
  StreamResult<std::vector<uint8_t>> read(Context& context, uint64_t max, Blocking blocking);
  StreamResult<uint64_t> skip(Context& context, uint64_t max, Blocking blocking);
};

class OutputStream {
 public:
  virtual ~OutputStream() = default;
  virtual host::Wait ready() const = 0;

  // How many bytes the next write may have.
  StreamResult<uint64_t> check_write();
  StreamResult<void> write(std::span<const uint8_t> bytes);
  StreamResult<void> write_zeroes(uint64_t count);
  StreamResult<void> flush();
  // Without a permit, and of at most max_blocking_write bytes.
  StreamResult<void> blocking_write(std::span<const uint8_t> bytes);
  StreamResult<void> blocking_write_zeroes(uint64_t count);
  StreamResult<uint64_t> splice(Context& context, InputStream& source, uint64_t max,
                                Blocking blocking);

 protected:
  // Whether a write would take something at once.
  virtual bool is_ready() = 0;
  // Takes all of `bytes`.
  virtual Io<void> put(std::span<const uint8_t> bytes) = 0;

 private:
  StreamResult<void> put_all(std::span<const uint8_t> bytes);

  uint64_t permit_ = 0;
  bool closed_ = false;
};

// The context outlives the streams.
std::shared_ptr<InputStream> standard_input_stream(Context& context);
enum class StandardOutput : uint8_t { output, error };
std::shared_ptr<OutputStream> standard_output_stream(Context& context, StandardOutput which);

std::shared_ptr<InputStream> file_input_stream(Context& context, Descriptor file, uint64_t offset);
std::shared_ptr<OutputStream> file_output_stream(Context& context, Descriptor file,
                                                 uint64_t offset);
std::shared_ptr<OutputStream> file_append_stream(Context& context, Descriptor file);

// Something to wait for: nothing, a moment of the monotonic clock, or a stream.
class Pollable {
 public:
  Pollable() = default;
  explicit Pollable(uint64_t deadline) : source_(deadline) {}
  explicit Pollable(std::shared_ptr<InputStream> stream) : source_(std::move(stream)) {}
  explicit Pollable(std::shared_ptr<OutputStream> stream) : source_(std::move(stream)) {}

  host::Wait wait() const;

 private:
  std::variant<std::monostate, uint64_t, std::shared_ptr<InputStream>,
               std::shared_ptr<OutputStream>>
      source_;
};

// The indices of those that are ready; blocks until there is one.
Io<std::vector<uint32_t>> poll(Context& context, std::span<const Pollable* const> pollables);

// Blocks until `wait` is over.
Io<void> block(Context& context, const host::Wait& wait);
Io<bool> is_ready(Context& context, const host::Wait& wait);

}  // namespace tenon::wasi
