#pragma once

#include <string>

#include "host/stdio.h"

// Standard streams that are texts in memory.
namespace tenon::host::memory {

class MemoryInput final : public Input {
 public:
  explicit MemoryInput(std::string text) : text_(std::move(text)) {}
  Io<size_t> read(ReadBuffers buffers) override;
  Wait readable() const override { return {}; }
  bool is_terminal() const override { return false; }

 private:
  std::string text_;
  size_t position_ = 0;
};

class MemoryOutput final : public Output {
 public:
  // `text`, which must live as long, grows to at most `max_size`; then there is no more space.
  explicit MemoryOutput(std::string& text, size_t max_size = size_t{64} << 20)
      : text_(text), max_size_(max_size) {}
  Io<size_t> write(WriteBuffers buffers) override;
  Wait writable() const override { return {}; }
  bool is_terminal() const override { return false; }

 private:
  std::string& text_;
  size_t max_size_;
};

}  // namespace tenon::host::memory
