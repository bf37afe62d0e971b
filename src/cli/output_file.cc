#include "cli/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace tenon::cli {
namespace {

mode_t new_file_mode() {
  mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

}  // namespace

Result<OutputFile> OutputFile::create(std::string path) {
  OutputFile file(std::move(path));
  struct stat found;
  bool exists = file.path_ != "-" && stat(file.path_.c_str(), &found) == 0;
  if (exists && S_ISDIR(found.st_mode)) return file.io_error("create", EISDIR);
  if (file.path_ == "-") {
    file.fd_ = dup(STDOUT_FILENO);
  } else if (exists && !S_ISREG(found.st_mode)) {
    file.fd_ = open(file.path_.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    // What a link leads to is replaced, not the link.
    std::error_code ignored;
    if (exists) file.path_ = std::filesystem::canonical(file.path_, ignored).string();
    file.temporary_ = file.path_ + ".XXXXXX";
    file.fd_ = mkstemp(file.temporary_.data());
    if (file.fd_ < 0) file.temporary_.clear();
  }
  if (file.fd_ < 0) return file.io_error("create", errno);
  return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::exchange(other.fd_, -1)) {}

OutputFile::~OutputFile() {
  if (fd_ >= 0) close(fd_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Result<void> OutputFile::finish(std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    ssize_t n = write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    // A reader that has seen enough, as in `tenon print x.wasm | head`, needs no message.
    if (n < 0 && errno == EPIPE && path_ == "-") return {};
    if (n < 0) return io_error("write", errno);
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  if (!temporary_.empty() && fchmod(fd_, new_file_mode()) != 0) return io_error("write", errno);
  if (close(std::exchange(fd_, -1)) != 0) return io_error("write", errno);
  if (temporary_.empty()) return {};
  if (rename(temporary_.c_str(), path_.c_str()) != 0) return io_error("write", errno);
  temporary_.clear();
  return {};
}

std::unexpected<Error> OutputFile::io_error(const char* verb, int code) const {
  return fail(ErrorCode::io, fmt::format("cannot {} `{}`: {}", verb, path_, std::strerror(code)));
}

}  // namespace tenon::cli
