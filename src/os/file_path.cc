#include "os/file_path.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace tenon::os {
namespace {

constexpr mode_t new_file_mode = 0666;
constexpr mode_t new_directory_mode = 0777;

int open_flags(const OpenOptions& options) {
  int flags = O_CLOEXEC;
  if (options.directory) flags |= O_DIRECTORY;
  if (!options.follow) flags |= O_NOFOLLOW;
  if (options.path_only) return flags | O_PATH;
  flags |= O_NONBLOCK | O_NOCTTY;
  if (options.write) {
    flags |= options.read ? O_RDWR : O_WRONLY;
  } else {
    flags |= O_RDONLY;
  }
  if (options.create) flags |= O_CREAT;
  if (options.exclusive) flags |= O_EXCL;
  if (options.truncate) flags |= O_TRUNC;
  if (options.sync) flags |= O_SYNC;
  if (options.data_sync) flags |= O_DSYNC;
  return flags;
}

Io<FileDescriptor> opened(long fd) {
  if (fd < 0) return std::unexpected(last_errno());
  return FileDescriptor(static_cast<int>(fd));
}

Io<void> status(int result) {
  if (result < 0) return std::unexpected(last_errno());
  return {};
}

long openat2(int directory, const char* path, int flags) {
  open_how how = {};
  how.flags = static_cast<uint64_t>(flags);
  how.mode = (flags & O_CREAT) ? new_file_mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return ::syscall(SYS_openat2, directory, path, &how, sizeof how);
}

}  // namespace

Io<FileDescriptor> open_host_directory(const std::string& path) {
  return opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

bool has_open_beneath() {
  return static_cast<bool>(opened(openat2(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC)));
}

Io<FileDescriptor> open_beneath(int directory, const std::string& path,
                                const OpenOptions& options) {
  for (;;) {
    Io<FileDescriptor> file = opened(openat2(directory, path.c_str(), open_flags(options)));
    if (file || file.error() != Errno::interrupted) return file;
  }
}

Io<FileDescriptor> open_child(int directory, const std::string& name, const OpenOptions& options) {
  for (;;) {
    int flags = open_flags(options) | O_NOFOLLOW;
    Io<FileDescriptor> file = opened(::openat(directory, name.c_str(), flags, new_file_mode));
    if (file || file.error() != Errno::interrupted) return file;
  }
}

Io<FileStat> stat_child(int directory, const std::string& name) {
  Io<FileDescriptor> file = open_child(directory, name, {.path_only = true});
  if (!file) return std::unexpected(file.error());
  return stat(file->get());
}

Io<std::string> read_link(int directory, const std::string& name) {
  char text[4096];
  ssize_t size = ::readlinkat(directory, name.c_str(), text, sizeof text);
  if (size < 0) return std::unexpected(last_errno());
  if (static_cast<size_t>(size) == sizeof text) return std::unexpected(Errno::name_too_long);
  return std::string(text, static_cast<size_t>(size));
}

Io<void> create_directory(int directory, const std::string& name) {
  return status(::mkdirat(directory, name.c_str(), new_directory_mode));
}

Io<void> remove_directory(int directory, const std::string& name) {
  return status(::unlinkat(directory, name.c_str(), AT_REMOVEDIR));
}

Io<void> unlink_file(int directory, const std::string& name) {
  return status(::unlinkat(directory, name.c_str(), 0));
}

Io<void> rename(int from_directory, const std::string& from, int to_directory,
                const std::string& to) {
  return status(::renameat(from_directory, from.c_str(), to_directory, to.c_str()));
}

Io<void> link(int from_directory, const std::string& from, int to_directory,
              const std::string& to) {
  return status(::linkat(from_directory, from.c_str(), to_directory, to.c_str(), 0));
}

Io<void> symlink(const std::string& target, int directory, const std::string& name) {
  return status(::symlinkat(target.c_str(), directory, name.c_str()));
}

}  // namespace tenon::os
