#include "wasi/common/stream.h"

#include <algorithm>

#include "base/result.h"

namespace tenon::wasi {
namespace {

constexpr size_t zeroes_chunk = 4096;

std::unexpected<StreamError> closed() {
  return std::unexpected(StreamError{});
}

std::unexpected<StreamError> failed(Errno code) {
  return std::unexpected(StreamError{.kind = StreamError::Kind::failed, .code = code});
}

std::unexpected<StreamError> misuse(const char* message) {
  return std::unexpected(StreamError{.kind = StreamError::Kind::misuse, .message = message});
}

}  // namespace

// Reading into scratch first costs a copy of what came; a buffer of the guest's size would have to
// be cleared, however little comes.
StreamResult<std::vector<uint8_t>> InputStream::read(Context& context, uint64_t max,
                                                     Blocking blocking) {
  std::span<uint8_t> buffer = context.scratch().first(std::min(max, max_stream_read));
  size_t size = TRY(read(buffer, blocking));
  return std::vector<uint8_t>(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(size));
}

StreamResult<uint64_t> InputStream::skip(Context& context, uint64_t max, Blocking blocking) {
  return read(context.scratch().first(std::min(max, max_stream_read)), blocking);
}

StreamResult<uint64_t> OutputStream::check_write() {
  if (closed_) return closed();
  permit_ = is_ready() ? max_stream_permit : 0;
  return permit_;
}

StreamResult<void> OutputStream::put_all(std::span<const uint8_t> bytes) {
  if (closed_) return closed();
  Io<void> done = put(bytes);
  if (done) return {};
  closed_ = true;
  if (done.error() == Errno::pipe) return closed();
  return failed(done.error());
}

StreamResult<void> OutputStream::write(std::span<const uint8_t> bytes) {
  if (bytes.size() > permit_) return misuse("write of more bytes than check-write permitted");
  permit_ -= bytes.size();
  return put_all(bytes);
}

StreamResult<void> OutputStream::write_zeroes(uint64_t count) {
  if (count > permit_) return misuse("write of more zeroes than check-write permitted");
  permit_ -= count;
  static constexpr uint8_t zeroes[zeroes_chunk] = {};
  while (count > 0) {
    size_t n = std::min<uint64_t>(count, zeroes_chunk);
    TRY_VOID(put_all({zeroes, n}));
    count -= n;
  }
  return {};
}

StreamResult<void> OutputStream::flush() {
  if (closed_) return closed();
  return {};
}

StreamResult<void> OutputStream::blocking_write(std::span<const uint8_t> bytes) {
  if (bytes.size() > max_blocking_write) return misuse("blocking write of more than 4096 bytes");
  return put_all(bytes);
}

StreamResult<void> OutputStream::blocking_write_zeroes(uint64_t count) {
  if (count > max_blocking_write) return misuse("blocking write of more than 4096 zeroes");
  permit_ = std::max(permit_, count);
  return write_zeroes(count);
}

StreamResult<uint64_t> OutputStream::splice(Context& context, InputStream& source, uint64_t max,
                                            Blocking blocking) {
  uint64_t permit = TRY(check_write());
  // `write` blocks by itself.
  if (blocking == Blocking::yes) permit_ = permit = max_stream_permit;
  std::span<uint8_t> buffer = context.scratch().first(std::min({max, permit, max_stream_read}));
  size_t size = TRY(source.read(buffer, blocking));
  TRY_VOID(write(buffer.first(size)));
  return size;
}

namespace {

class EmptyInput final : public InputStream {
 public:
  StreamResult<size_t> read(std::span<uint8_t>, Blocking) override { return closed(); }
  host::Wait ready() const override { return {}; }
};

// A stream from something that can be waited for.
class SourceStream : public InputStream {
 public:
  explicit SourceStream(Context& context) : context_(context) {}

  StreamResult<size_t> read(std::span<uint8_t> bytes, Blocking blocking) final {
    if (closed_) return closed();
    if (bytes.empty()) return 0;
    for (;;) {
      if (blocking == Blocking::no) {
        Io<bool> ready = is_ready(context_, source_ready());
        if (!ready) return close_with(ready.error());
        if (!*ready) return 0;
      }
      Io<size_t> size = take(bytes);
      if (size && *size > 0) return *size;
      if (size) break;
      if (size.error() != Errno::would_block) return close_with(size.error());
      if (blocking == Blocking::no) return 0;
      Io<void> waited = block(context_, source_ready());
      if (!waited) return close_with(waited.error());
    }
    closed_ = true;
    return closed();
  }

  host::Wait ready() const final { return closed_ ? host::Wait{} : source_ready(); }

 protected:
  virtual host::Wait source_ready() const = 0;
  // 0 bytes are the end. Blocks, or answers `would_block`.
  virtual Io<size_t> take(std::span<uint8_t> bytes) = 0;

 private:
  std::unexpected<StreamError> close_with(Errno code) {
    closed_ = true;
    return failed(code);
  }

  Context& context_;
  bool closed_ = false;
};

class StandardInputStream final : public SourceStream {
 public:
  explicit StandardInputStream(Context& context)
      : SourceStream(context), input_(*context.world().input) {}

 private:
  host::Wait source_ready() const override { return input_.readable(); }
  Io<size_t> take(std::span<uint8_t> bytes) override { return input_.read({&bytes, 1}); }

  host::Input& input_;
};

class FileInputStream final : public SourceStream {
 public:
  FileInputStream(Context& context, Descriptor file, uint64_t offset)
      : SourceStream(context), file_(std::move(file)), offset_(offset) {}

 private:
  host::Wait source_ready() const override { return file_.file()->readable(); }
  Io<size_t> take(std::span<uint8_t> bytes) override {
    size_t size = TRY(file_.read_at({&bytes, 1}, offset_));
    offset_ += size;
    return size;
  }

  Descriptor file_;
  uint64_t offset_;
};

class DroppedOutput final : public OutputStream {
 public:
  host::Wait ready() const override { return {}; }

 protected:
  bool is_ready() override { return true; }
  Io<void> put(std::span<const uint8_t>) override { return {}; }
};

// A stream to something that can be waited for.
class SinkStream : public OutputStream {
 public:
  explicit SinkStream(Context& context) : context_(context) {}

 protected:
  // Takes some of `bytes`, blocks, or answers `would_block`.
  virtual Io<size_t> give(std::span<const uint8_t> bytes) = 0;

 private:
  bool is_ready() final { return wasi::is_ready(context_, ready()).value_or(true); }

  Io<void> put(std::span<const uint8_t> bytes) final {
    while (!bytes.empty()) {
      Io<size_t> size = give(bytes);
      if (!size && size.error() == Errno::would_block) {
        TRY_VOID(block(context_, ready()));
        continue;
      }
      if (!size) return std::unexpected(size.error());
      if (*size == 0) return std::unexpected(Errno::io);  // it would never end
      bytes = bytes.subspan(*size);
    }
    return {};
  }

  Context& context_;
};

class StandardOutputStream final : public SinkStream {
 public:
  StandardOutputStream(Context& context, host::Output& output)
      : SinkStream(context), output_(output) {}
  host::Wait ready() const override { return output_.writable(); }

 private:
  Io<size_t> give(std::span<const uint8_t> bytes) override { return output_.write({&bytes, 1}); }

  host::Output& output_;
};

class FileOutputStream final : public SinkStream {
 public:
  // Without an offset it appends.
  FileOutputStream(Context& context, Descriptor file, std::optional<uint64_t> offset)
      : SinkStream(context), file_(std::move(file)), offset_(offset) {}
  host::Wait ready() const override { return file_.file()->writable(); }

 private:
  Io<size_t> give(std::span<const uint8_t> bytes) override {
    if (!offset_) return file_.append({&bytes, 1});
    size_t size = TRY(file_.write_at({&bytes, 1}, *offset_));
    *offset_ += size;
    return size;
  }

  Descriptor file_;
  std::optional<uint64_t> offset_;
};

}  // namespace

std::shared_ptr<InputStream> standard_input_stream(Context& context) {
  if (context.world().input == nullptr) return std::make_shared<EmptyInput>();
  return std::make_shared<StandardInputStream>(context);
}

std::shared_ptr<OutputStream> standard_output_stream(Context& context, StandardOutput which) {
  World& world = context.world();
  host::Output* output = which == StandardOutput::output ? world.output.get() : world.error.get();
  if (output == nullptr) return std::make_shared<DroppedOutput>();
  return std::make_shared<StandardOutputStream>(context, *output);
}

std::shared_ptr<InputStream> file_input_stream(Context& context, Descriptor file, uint64_t offset) {
  return std::make_shared<FileInputStream>(context, std::move(file), offset);
}

std::shared_ptr<OutputStream> file_output_stream(Context& context, Descriptor file,
                                                 uint64_t offset) {
  return std::make_shared<FileOutputStream>(context, std::move(file), offset);
}

std::shared_ptr<OutputStream> file_append_stream(Context& context, Descriptor file) {
  return std::make_shared<FileOutputStream>(context, std::move(file), std::nullopt);
}

host::Wait Pollable::wait() const {
  if (auto* deadline = std::get_if<uint64_t>(&source_)) return host::Wait::until(*deadline);
  if (auto* input = std::get_if<std::shared_ptr<InputStream>>(&source_)) return (*input)->ready();
  if (auto* output = std::get_if<std::shared_ptr<OutputStream>>(&source_))
    return (*output)->ready();
  return {};
}

Io<std::vector<uint32_t>> poll(Context& context, std::span<const Pollable* const> pollables) {
  std::vector<host::Wait> waits;
  waits.reserve(pollables.size());
  for (const Pollable* pollable : pollables) waits.push_back(pollable->wait());
  std::vector<host::WaitResult> results = TRY(context.world().poller->wait(waits));
  std::vector<uint32_t> ready;
  for (uint32_t i = 0; i < results.size(); ++i) {
    if (results[i].ready) ready.push_back(i);
  }
  return ready;
}

Io<void> block(Context& context, const host::Wait& wait) {
  TRY_VOID(context.world().poller->wait({&wait, 1}));
  return {};
}

Io<bool> is_ready(Context& context, const host::Wait& wait) {
  if (wait.kind == host::Wait::Kind::ready) return true;
  std::vector<host::WaitResult> results = TRY(context.world().poller->look({&wait, 1}));
  return results[0].ready;
}

}  // namespace tenon::wasi
