#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "os/file_error.h"

// Open files. Every function retries when a signal interrupts it, and none allocates. Buffers may
// be guest memory: the kernel checks them, so that a fault there is an error and not a signal.
namespace tenon::os {

// Owns an open file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

enum class FileType : uint8_t {
  unknown,
  block_device,
  character_device,
  directory,
  fifo,
  symbolic_link,
  regular_file,
  socket,
};

// Time since 1970-01-01T00:00:00Z. Nanoseconds are below 10^9.
struct Timestamp {
  int64_t seconds = 0;
  uint32_t nanoseconds = 0;
  friend bool operator==(const Timestamp&, const Timestamp&) = default;
};

struct FileStat {
  FileType type = FileType::unknown;
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t links = 0;
  uint64_t size = 0;
  Timestamp accessed;
  Timestamp modified;
  Timestamp changed;
};

// What to set a timestamp to.
struct NewTimestamp {
  enum class Kind : uint8_t { no_change, now, value } kind = Kind::no_change;
  Timestamp value;
};

enum class Advice : uint8_t { normal, sequential, random, will_need, dont_need, no_reuse };

using ReadBuffer = std::span<uint8_t>;
using WriteBuffer = std::span<const uint8_t>;

// A transfer uses at most this many buffers, and is short when there are more.
constexpr size_t max_buffers = 128;

// From and to the current position: for pipes, terminals and the like. A read of 0 bytes is the
// end.
Io<size_t> read(int fd, std::span<const ReadBuffer> buffers);
Io<size_t> write(int fd, std::span<const WriteBuffer> buffers);
Io<size_t> read_at(int fd, std::span<const ReadBuffer> buffers, uint64_t offset);
Io<size_t> write_at(int fd, std::span<const WriteBuffer> buffers, uint64_t offset);
// All of the bytes. More than the process may write to a file (`ulimit -f`) is an error, and no
// signal.
Io<void> write_all(int fd, WriteBuffer bytes);
// Writes behind the last byte, as one step where the file system can.
Io<size_t> append(int fd, std::span<const WriteBuffer> buffers);

// These four also take a descriptor that stands for a path only.
Io<FileStat> stat(int fd);
Io<void> set_times(int fd, NewTimestamp accessed, NewTimestamp modified);
bool is_terminal(int fd);
Io<FileDescriptor> duplicate(int fd);

Io<void> set_size(int fd, uint64_t size);
Io<void> allocate(int fd, uint64_t offset, uint64_t length);
Io<void> advise(int fd, uint64_t offset, uint64_t length, Advice advice);
Io<void> sync(int fd);
Io<void> sync_data(int fd);

// Asks for a larger buffer where `fd` is a pipe; no effect elsewhere.
void widen_pipe(int fd);

}  // namespace tenon::os
