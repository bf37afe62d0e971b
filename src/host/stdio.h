#pragma once

#include "host/io.h"
#include "host/poll.h"

namespace tenon::host {

// A source of bytes: standard input.
class Input {
 public:
  virtual ~Input() = default;
  // Blocks until there is something; 0 bytes are the end.
  virtual Io<size_t> read(ReadBuffers buffers) = 0;
  // Ready when `read` would not block.
  virtual Wait readable() const = 0;
  virtual bool is_terminal() const = 0;
};

// A sink for bytes: standard output and error.
class Output {
 public:
  virtual ~Output() = default;
  // Blocks until some bytes, not always all, are taken.
  virtual Io<size_t> write(WriteBuffers buffers) = 0;
  virtual Wait writable() const = 0;
  virtual bool is_terminal() const = 0;
};

}  // namespace tenon::host
