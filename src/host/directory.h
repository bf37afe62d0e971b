#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "host/poll.h"
#include "os/file_entries.h"

// Files and directories as guests may reach them. An implementation confines every path to the
// directory that it is given to: `..`, absolute paths and symbolic links that lead out are
// `not_permitted`, whatever anybody does to the tree at the same time. What a guest may do to a
// file that it can reach (write, for one) is decided by the caller.
// Names are bytes, which the file system compares in its own way: where it folds case or
// normalizes, two of them may mean one file.
namespace tenon::host {

using os::DirectoryEntry;

class File {
 public:
  virtual ~File() = default;
  // Whether positions mean something; a pipe or a terminal has none, and offsets are ignored.
  virtual bool is_seekable() const = 0;
  // 0 bytes are the end. A file that is not seekable may answer `would_block`; wait for `readable`
  // then.
  virtual Io<size_t> read_at(ReadBuffers buffers, uint64_t offset) = 0;
  virtual Io<size_t> write_at(WriteBuffers buffers, uint64_t offset) = 0;
  virtual Io<size_t> append(WriteBuffers buffers) = 0;
  virtual Wait readable() const = 0;
  virtual Wait writable() const = 0;
  virtual bool is_terminal() const = 0;

  virtual Io<FileStat> stat() = 0;
  virtual Io<void> set_times(NewTimestamp accessed, NewTimestamp modified) = 0;
  virtual Io<void> set_size(uint64_t size) = 0;
  virtual Io<void> allocate(uint64_t offset, uint64_t length) = 0;
  virtual Io<void> advise(uint64_t offset, uint64_t length, Advice advice) = 0;
  virtual Io<void> sync() = 0;
  virtual Io<void> sync_data() = 0;
};

// The entries of a directory, `.` and `..` first or among them; `..` carries the inode of the
// directory itself, so that nothing outside shows.
class Entries {
 public:
  virtual ~Entries() = default;
  // Goes to the entry with this cookie (DirectoryEntry::next of the one before); 0 is the start.
  virtual Io<void> seek(uint64_t cookie) = 0;
  virtual Io<std::optional<DirectoryEntry>> next() = 0;
};

// How to open a file. One of `read` and `write` is set.
struct OpenHow {
  bool read = false;
  bool write = false;
  bool create = false;
  bool exclusive = false;
  bool truncate = false;
  bool directory = false;  // fail on anything but a directory
  bool follow = false;     // follow a symbolic link at the end of the path
  bool sync = false;
  bool data_sync = false;
};

class Directory;
using Opened = std::variant<std::unique_ptr<File>, std::unique_ptr<Directory>>;

class Directory {
 public:
  virtual ~Directory() = default;
  virtual Io<Opened> open(std::string_view path, const OpenHow& how) = 0;
  virtual Io<std::unique_ptr<Entries>> entries() = 0;

  virtual Io<FileStat> stat() = 0;
  virtual Io<FileStat> stat_at(std::string_view path, bool follow) = 0;
  virtual Io<void> set_times(NewTimestamp accessed, NewTimestamp modified) = 0;
  virtual Io<void> set_times_at(std::string_view path, bool follow, NewTimestamp accessed,
                                NewTimestamp modified) = 0;
  virtual Io<void> sync() = 0;
  virtual Io<void> sync_data() = 0;

  virtual Io<void> create_directory(std::string_view path) = 0;
  virtual Io<void> remove_directory(std::string_view path) = 0;
  virtual Io<void> unlink_file(std::string_view path) = 0;
  // Where `to` is a directory of another kind: `cross_device`.
  virtual Io<void> rename(std::string_view from, Directory& to, std::string_view to_path) = 0;
  virtual Io<void> link(std::string_view from, Directory& to, std::string_view to_path) = 0;
  // Absolute targets are `not_permitted`, here and when a link that has one is read.
  virtual Io<void> symlink(std::string_view target, std::string_view path) = 0;
  virtual Io<std::string> read_link(std::string_view path) = 0;
};

}  // namespace tenon::host
