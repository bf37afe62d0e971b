#include "host/memory/stdio.h"

#include <algorithm>
#include <cstring>

namespace tenon::host::memory {

Io<size_t> MemoryInput::read(ReadBuffers buffers) {
  size_t total = 0;
  for (ReadBuffer buffer : buffers) {
    size_t size = std::min(buffer.size(), text_.size() - position_);
    if (size > 0) std::memcpy(buffer.data(), text_.data() + position_, size);
    position_ += size;
    total += size;
  }
  return total;
}

Io<size_t> MemoryOutput::write(WriteBuffers buffers) {
  size_t total = 0;
  for (WriteBuffer buffer : buffers) {
    size_t size = std::min(buffer.size(), max_size_ - text_.size());
    text_.append(reinterpret_cast<const char*>(buffer.data()), size);
    total += size;
    if (size < buffer.size()) {
      if (total == 0) return std::unexpected(Errno::insufficient_space);
      break;
    }
  }
  return total;
}

}  // namespace tenon::host::memory
