#include "os/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>

namespace tenon::os {
namespace {

template <typename Call>
auto retry(Call call) {
  for (;;) {
    auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

template <typename Call>
Io<size_t> transfer(Call call) {
  ssize_t n = retry(call);
  if (n < 0) return std::unexpected(last_errno());
  return static_cast<size_t>(n);
}

template <typename Call>
Io<void> status(Call call) {
  if (retry(call) < 0) return std::unexpected(last_errno());
  return {};
}

bool fits_off_t(uint64_t value) {
  return value <= static_cast<uint64_t>(std::numeric_limits<off_t>::max());
}

// Buffers in the form of the kernel's interface.
struct Vectors {
  std::array<iovec, max_buffers> items;
  int count = 0;

  template <typename Buffer>
  explicit Vectors(std::span<const Buffer> buffers) {
    for (const Buffer& buffer : buffers) {
      if (buffer.empty()) continue;
      if (count == static_cast<int>(max_buffers)) break;
      items[static_cast<size_t>(count++)] = {const_cast<uint8_t*>(buffer.data()), buffer.size()};
    }
  }
};

Timestamp timestamp(const timespec& time) {
  return {time.tv_sec, static_cast<uint32_t>(time.tv_nsec)};
}

FileType file_type(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFBLK: return FileType::block_device;
    case S_IFCHR: return FileType::character_device;
    case S_IFDIR: return FileType::directory;
    case S_IFIFO: return FileType::fifo;
    case S_IFLNK: return FileType::symbolic_link;
    case S_IFREG: return FileType::regular_file;
    case S_IFSOCK: return FileType::socket;
    default: return FileType::unknown;
  }
}

timespec new_time(NewTimestamp time) {
  switch (time.kind) {
    case NewTimestamp::Kind::no_change: return {0, UTIME_OMIT};
    case NewTimestamp::Kind::now: return {0, UTIME_NOW};
    case NewTimestamp::Kind::value: break;
  }
  return {time.value.seconds, static_cast<long>(time.value.nanoseconds)};
}

int posix_advice(Advice advice) {
  switch (advice) {
    case Advice::normal: return POSIX_FADV_NORMAL;
    case Advice::sequential: return POSIX_FADV_SEQUENTIAL;
    case Advice::random: return POSIX_FADV_RANDOM;
    case Advice::will_need: return POSIX_FADV_WILLNEED;
    case Advice::dont_need: return POSIX_FADV_DONTNEED;
    case Advice::no_reuse: return POSIX_FADV_NOREUSE;
  }
  return POSIX_FADV_NORMAL;
}

// While it lives, a file that would become larger than the process may write (`ulimit -f`) is an
// error of the write and not the end of the process.
class FileSizeSignalHeld {
 public:
  FileSizeSignalHeld() {
    sigemptyset(&held_);
    sigaddset(&held_, SIGXFSZ);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGXFSZ) == 1;
    pthread_sigmask(SIG_BLOCK, &held_, &before_);
  }
  ~FileSizeSignalHeld() {
    const timespec no_time = {};
    if (!was_pending_) sigtimedwait(&held_, nullptr, &no_time);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  FileSizeSignalHeld(const FileSizeSignalHeld&) = delete;
  FileSizeSignalHeld& operator=(const FileSizeSignalHeld&) = delete;

 private:
  sigset_t held_;
  sigset_t before_;
  bool was_pending_;
};

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Io<size_t> read(int fd, std::span<const ReadBuffer> buffers) {
  Vectors vectors(buffers);
  return transfer([&] { return ::readv(fd, vectors.items.data(), vectors.count); });
}

Io<size_t> write(int fd, std::span<const WriteBuffer> buffers) {
  Vectors vectors(buffers);
  return transfer([&] { return ::writev(fd, vectors.items.data(), vectors.count); });
}

Io<size_t> read_at(int fd, std::span<const ReadBuffer> buffers, uint64_t offset) {
  if (!fits_off_t(offset)) return std::unexpected(Errno::invalid);
  Vectors vectors(buffers);
  return transfer([&] {
    return ::preadv(fd, vectors.items.data(), vectors.count, static_cast<off_t>(offset));
  });
}

Io<size_t> write_at(int fd, std::span<const WriteBuffer> buffers, uint64_t offset) {
  if (!fits_off_t(offset)) return std::unexpected(Errno::file_too_large);
  Vectors vectors(buffers);
  return transfer([&] {
    return ::pwritev(fd, vectors.items.data(), vectors.count, static_cast<off_t>(offset));
  });
}

Io<void> write_all(int fd, WriteBuffer bytes) {
  FileSizeSignalHeld held;
  while (!bytes.empty()) {
    const WriteBuffer rest[] = {bytes};
    Io<size_t> written = write(fd, rest);
    if (!written) return std::unexpected(written.error());
    bytes = bytes.subspan(*written);
  }
  return {};
}

Io<size_t> append(int fd, std::span<const WriteBuffer> buffers) {
  Vectors vectors(buffers);
  Io<size_t> written =
      transfer([&] { return ::pwritev2(fd, vectors.items.data(), vectors.count, 0, RWF_APPEND); });
  if (written || written.error() != Errno::unsupported) return written;
  Io<FileStat> now = stat(fd);
  if (!now) return std::unexpected(now.error());
  return write_at(fd, buffers, now->size);
}

Io<FileStat> stat(int fd) {
  struct stat found;
  if (retry([&] { return ::fstat(fd, &found); }) < 0) return std::unexpected(last_errno());
  return FileStat{
      .type = file_type(found.st_mode),
      .device = found.st_dev,
      .inode = found.st_ino,
      .links = found.st_nlink,
      .size = static_cast<uint64_t>(found.st_size),
      .accessed = timestamp(found.st_atim),
      .modified = timestamp(found.st_mtim),
      .changed = timestamp(found.st_ctim),
  };
}

Io<void> set_times(int fd, NewTimestamp accessed, NewTimestamp modified) {
  timespec times[2] = {new_time(accessed), new_time(modified)};
  return status([&] { return ::utimensat(fd, "", times, AT_EMPTY_PATH); });
}

bool is_terminal(int fd) {
  return ::isatty(fd) == 1;
}

Io<FileDescriptor> duplicate(int fd) {
  int copy = retry([&] { return ::fcntl(fd, F_DUPFD_CLOEXEC, 0); });
  if (copy < 0) return std::unexpected(last_errno());
  return FileDescriptor(copy);
}

Io<void> set_size(int fd, uint64_t size) {
  if (!fits_off_t(size)) return std::unexpected(Errno::file_too_large);
  return status([&] { return ::ftruncate(fd, static_cast<off_t>(size)); });
}

Io<void> allocate(int fd, uint64_t offset, uint64_t length) {
  if (length == 0) return std::unexpected(Errno::invalid);
  if (!fits_off_t(offset) || !fits_off_t(length)) return std::unexpected(Errno::file_too_large);
  return status(
      [&] { return ::fallocate(fd, 0, static_cast<off_t>(offset), static_cast<off_t>(length)); });
}

Io<void> advise(int fd, uint64_t offset, uint64_t length, Advice advice) {
  if (!fits_off_t(offset) || !fits_off_t(length)) return std::unexpected(Errno::invalid);
  int error = ::posix_fadvise(fd, static_cast<off_t>(offset), static_cast<off_t>(length),
                              posix_advice(advice));
  if (error != 0) return std::unexpected(errno_from_posix(error));
  return {};
}

Io<void> sync(int fd) {
  return status([&] { return ::fsync(fd); });
}

Io<void> sync_data(int fd) {
  return status([&] { return ::fdatasync(fd); });
}

void widen_pipe(int fd) {
  (void)::fcntl(fd, F_SETPIPE_SZ, 1 << 20);
}

}  // namespace tenon::os
