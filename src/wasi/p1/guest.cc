#include "wasi/p1/guest.h"

#include "base/limits.h"
#include "base/result.h"
#include "base/utf8.h"
#include "host/path.h"

namespace tenon::wasi::p1 {

Outcome<std::span<uint8_t>> Guest::bytes(uint32_t pointer, uint64_t size, uint32_t alignment) {
  if (pointer % alignment != 0) {
    return std::unexpected(raise(Trap::host("pointer not aligned: " + std::to_string(pointer) +
                                            " to " + std::to_string(alignment) + " bytes")));
  }
  if (pointer > memory_.size() || size > memory_.size() - pointer) {
    return std::unexpected(raise(Trap::host(
        "pointer out of bounds: " + std::to_string(size) + " bytes at " + std::to_string(pointer) +
        " of a memory of " + std::to_string(memory_.size()) + " bytes")));
  }
  return memory_.subspan(pointer, size);
}

Outcome<std::string> Guest::path(uint32_t pointer, uint32_t size) {
  std::span<uint8_t> range = TRY(bytes(pointer, size));
  if (size > host::max_path_bytes) return std::unexpected(Error::nametoolong);
  std::string text(reinterpret_cast<const char*>(range.data()), range.size());
  if (!is_utf8(text)) return std::unexpected(Error::ilseq);
  return text;
}

template <typename Buffer>
Outcome<std::vector<Buffer>> Guest::buffers(uint32_t pointer, uint32_t count) {
  uint64_t size = uint64_t{count} * iovec_size;
  std::span<uint8_t> array = TRY(bytes(pointer, size, alignof(uint32_t)));
  std::vector<Buffer> result;
  // Also counted: empty buffers, of which there may be as many as memory has room for.
  if (size > limits::max_host_call_bytes) return std::unexpected(Error::inval);
  for (uint64_t at = 0; at < size && result.size() < os::max_buffers; at += iovec_size) {
    uint32_t buffer[2];
    std::memcpy(buffer, array.data() + at, sizeof buffer);
    Buffer range = TRY(bytes(buffer[0], buffer[1]));
    if (!range.empty()) result.push_back(range);
  }
  return result;
}

template Outcome<std::vector<host::ReadBuffer>> Guest::buffers(uint32_t pointer, uint32_t count);
template Outcome<std::vector<host::WriteBuffer>> Guest::buffers(uint32_t pointer, uint32_t count);

Error Guest::raise(Trap trap) {
  if (!trap_) trap_ = std::move(trap);
  return Error::fault;
}

}  // namespace tenon::wasi::p1
