#pragma once

#include <string>

#include "os/file.h"

// Names in directories. Except for `open_host_path`, which takes what the user typed, a `name` is
// one path component: no slash in it, and never `..`; none of these functions follows a symbolic
// link at `name`. Only `open_beneath` takes a path, and the kernel confines it.
namespace tenon::os {

struct OpenOptions {
  bool read = false;
  bool write = false;
  bool create = false;
  bool exclusive = false;
  bool truncate = false;
  bool directory = false;  // fail on anything but a directory
  bool follow = false;     // follow a symbolic link at the end of a path
  bool path_only = false;  // a handle to stat and to start from; the file itself is not opened
  bool sync = false;
  bool data_sync = false;
};

// A directory on the host, by any path.
Io<FileDescriptor> open_host_directory(const std::string& path);

// Whether this kernel, and whatever filters its system calls, has `open_beneath`.
bool has_open_beneath();

// Opens `path` below `directory`: neither `..` nor an absolute path nor any symbolic link leads out
// of it, and the links of /proc that are none are refused. Leaving is `cross_device`. Where the
// path has `..` and something, anywhere, is renamed meanwhile, the kernel cannot tell and the
// answer is `would_block`: nothing was opened. Never blocks on a fifo.
Io<FileDescriptor> open_beneath(int directory, const std::string& path, const OpenOptions& options);

// Opens `name`, which may also be `.`, in `directory`. A symbolic link is `loop`, or
// `not_directory` where a directory is asked for, or is itself opened where `path_only` is.
Io<FileDescriptor> open_child(int directory, const std::string& name, const OpenOptions& options);

Io<FileStat> stat_child(int directory, const std::string& name);
// `invalid` where `name` is no symbolic link.
Io<std::string> read_link(int directory, const std::string& name);
Io<void> create_directory(int directory, const std::string& name);
Io<void> remove_directory(int directory, const std::string& name);
Io<void> unlink_file(int directory, const std::string& name);
Io<void> rename(int from_directory, const std::string& from, int to_directory,
                const std::string& to);
Io<void> link(int from_directory, const std::string& from, int to_directory, const std::string& to);
Io<void> symlink(const std::string& target, int directory, const std::string& name);

}  // namespace tenon::os
