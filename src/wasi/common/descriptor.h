#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/hash.h"
#include "host/directory.h"

// Open files and directories as a guest holds them. This is where it is decided what a guest may do
// to what it can reach: a descriptor that came through a read-only grant changes nothing, by
// whatever combination of flags, and what comes through it does not either. Which paths can be
// reached is decided in host/.
namespace tenon::wasi {

using host::Errno;
using host::Io;

struct OpenFlags {
  bool create = false;
  bool directory = false;
  bool exclusive = false;
  bool truncate = false;
};

struct Access {
  bool read = false;
  bool write = false;
  bool sync = false;       // every write is on disk, with its metadata, when it returns
  bool data_sync = false;  // every write is on disk when it returns
};

struct MetadataHash {
  uint64_t lower = 0;
  uint64_t upper = 0;
};

// A value; copies share the open file. Operations of files are `bad_descriptor` on directories and
// where the file was not opened for them; those of directories are `not_directory` on files.
class Descriptor {
 public:
  Descriptor(std::shared_ptr<host::Directory> directory, bool read_only)
      : object_(std::move(directory)), access_{.read = true}, read_only_(read_only) {}

  bool is_directory() const { return std::holds_alternative<DirectoryPointer>(object_); }
  bool is_read_only() const { return read_only_; }
  const Access& access() const { return access_; }
  // The open file; null for a directory.
  host::File* file() const;

  Io<size_t> read_at(host::ReadBuffers buffers, uint64_t offset) const;
  Io<size_t> write_at(host::WriteBuffers buffers, uint64_t offset) const;
  Io<size_t> append(host::WriteBuffers buffers) const;
  Io<void> set_size(uint64_t size) const;
  Io<void> allocate(uint64_t offset, uint64_t length) const;
  Io<void> advise(uint64_t offset, uint64_t length, host::Advice advice) const;

  // Of both.
  Io<host::FileStat> stat() const;
  Io<void> set_times(host::NewTimestamp accessed, host::NewTimestamp modified) const;
  // No effect unless there may be something to write.
  Io<void> sync() const;
  Io<void> sync_data() const;

  Io<Descriptor> open_at(std::string_view path, bool follow, OpenFlags flags, Access access) const;
  Io<std::unique_ptr<host::Entries>> entries() const;
  Io<host::FileStat> stat_at(std::string_view path, bool follow) const;
  Io<void> set_times_at(std::string_view path, bool follow, host::NewTimestamp accessed,
                        host::NewTimestamp modified) const;
  Io<void> create_directory_at(std::string_view path) const;
  Io<void> remove_directory_at(std::string_view path) const;
  Io<void> unlink_file_at(std::string_view path) const;
  Io<void> rename_at(std::string_view from, const Descriptor& to, std::string_view to_path) const;
  Io<void> link_at(std::string_view from, const Descriptor& to, std::string_view to_path) const;
  Io<void> symlink_at(std::string_view target, std::string_view path) const;
  Io<std::string> read_link_at(std::string_view path) const;

 private:
  using FilePointer = std::shared_ptr<host::File>;
  using DirectoryPointer = std::shared_ptr<host::Directory>;

  Descriptor(std::variant<FilePointer, DirectoryPointer> object, Access access, bool read_only)
      : object_(std::move(object)), access_(access), read_only_(read_only) {}

  Io<host::File*> readable_file() const;
  Io<host::File*> writable_file() const;
  Io<host::Directory*> directory() const;
  Io<host::Directory*> mutable_directory() const;

  std::variant<FilePointer, DirectoryPointer> object_;
  Access access_;   // of a file
  bool read_only_;  // granted for reading alone
};

// Changes, for all that one can tell, when the object is changed or another stands in its place;
// tells nothing about the object without the key.
MetadataHash metadata_hash(const MacKey& key, const host::FileStat& stat);

inline bool is_same_object(const host::FileStat& a, const host::FileStat& b) {
  return a.device == b.device && a.inode == b.inode;
}

}  // namespace tenon::wasi
