#include "os/input.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/limits.h"

namespace tenon::os {

Result<FileDescriptor> open_input(const std::string& path) {
  FileDescriptor file(path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail(ErrorCode::io, std::strerror(errno));
  return file;
}

Result<std::vector<uint8_t>> read_all(int fd) {
  std::vector<uint8_t> bytes;
  for (size_t size = 0;;) {
    if (size == bytes.size()) bytes.resize(std::max<size_t>(size * 2, 1 << 16));
    const ReadBuffer rest[] = {std::span(bytes).subspan(size)};
    auto n = read(fd, rest);
    if (!n) return fail(ErrorCode::io, "cannot read it: " + std::string(to_string(n.error())));
    size += *n;
    if (size > limits::max_module_bytes) {
      return fail(ErrorCode::limit,
                  "it is larger than " + std::to_string(limits::max_module_bytes >> 20) + " MiB");
    }
    if (*n == 0) {
      bytes.resize(size);
      return bytes;
    }
  }
}

Result<std::vector<uint8_t>> read_input(const std::string& path) {
  auto read = [&]() -> Result<std::vector<uint8_t>> {
    return read_all(TRY(open_input(path)).get());
  };
  auto bytes = read();
  if (!bytes) return std::unexpected(std::move(bytes).error().in("`" + path + "`"));
  return bytes;
}

}  // namespace tenon::os
