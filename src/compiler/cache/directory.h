#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/file.h"

// A directory that only its owner can enter, and the files in it. Files are made whole under
// another name and renamed, removed by unlinking, and never changed in place, so that one who has a
// file open or mapped keeps what it was. Safe for any number of threads and processes at once.
namespace tenon::compiler {

class PrivateDirectory {
 public:
  // Makes the directory where it is missing (and those above it). One that belongs to somebody
  // else, that others may enter, or that is a symbolic link is an error.
  static Result<PrivateDirectory> open(const std::string& path);

  struct File {
    os::FileDescriptor fd;
    struct stat stat;
  };
  // A file of ours with one name, which nobody else may read or write. Empty: there is none. An
  // Error of kind malformed: there is something else under that name; io: the system says no.
  Result<std::optional<File>> open_file(const std::string& name) const;
  // All of a small file. Of another size: malformed.
  Result<std::optional<std::vector<uint8_t>>> read_small(const std::string& name,
                                                         size_t size) const;

  enum class Durable : uint8_t { no, yes };
  // Replaces the file. `yes`: not before its bytes are on the disk.
  Result<void> write_file(const std::string& name, std::span<const uint8_t> bytes,
                          Durable durable) const;
  // Makes the file, or leaves one that is there already.
  Result<void> write_new_file(const std::string& name, std::span<const uint8_t> bytes) const;
  void remove(const std::string& name) const;

  struct Entry {
    std::string name;
    struct stat stat;
  };
  std::vector<Entry> list() const;  // regular files that are finished
  // Removes what writers left behind that were killed, and nothing of those that still write.
  void remove_unfinished() const;

 private:
  // A file that is being written. Its lock tells that the writer lives.
  struct Unfinished {
    std::string name;
    os::FileDescriptor fd;
  };

  explicit PrivateDirectory(os::FileDescriptor fd) : fd_(std::move(fd)) {}
  Result<Unfinished> make_unfinished() const;
  Result<Unfinished> write_unfinished(std::span<const uint8_t> bytes, Durable durable) const;
  void remove_if_abandoned(const std::string& name) const;
  std::vector<Entry> list_all() const;

  os::FileDescriptor fd_;
};

}  // namespace tenon::compiler
