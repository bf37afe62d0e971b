#pragma once

#include <array>
#include <optional>
#include <string>

#include "os/file.h"

// Reading the entries of a directory. `.` and `..` are among them.
namespace tenon::os {

struct DirectoryEntry {
  std::string name;
  FileType type = FileType::unknown;
  uint64_t inode = 0;
  uint64_t next = 0;  // the cookie of the entry behind this one
};

class DirectoryEntries {
 public:
  // `directory` must be open for reading, and be used for nothing else.
  explicit DirectoryEntries(FileDescriptor directory) : directory_(std::move(directory)) {}

  // Goes to the entry with this cookie; 0 is the start. Cookies stay valid while entries come and
  // go. A cookie that was never given out ends up at some place of the same directory, or is an
  // error.
  Io<void> seek(uint64_t cookie);
  // The next entry; nothing at the end.
  Io<std::optional<DirectoryEntry>> next();

 private:
  FileDescriptor directory_;
  alignas(8) std::array<char, 16384> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace tenon::os
