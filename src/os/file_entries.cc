#include "os/file_entries.h"

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <limits>

#include "os/file_path.h"

namespace tenon::os {
namespace {

// The kernel's record, followed by the name and a NUL.
struct EntryHeader {
  uint64_t inode;
  int64_t next;
  uint16_t size;
  uint8_t type;
};
constexpr size_t name_offset = 19;
static_assert(offsetof(EntryHeader, type) + 1 == name_offset);

FileType file_type(uint8_t type) {
  switch (type) {
    case DT_BLK: return FileType::block_device;
    case DT_CHR: return FileType::character_device;
    case DT_DIR: return FileType::directory;
    case DT_FIFO: return FileType::fifo;
    case DT_LNK: return FileType::symbolic_link;
    case DT_REG: return FileType::regular_file;
    case DT_SOCK: return FileType::socket;
    default: return FileType::unknown;
  }
}

}  // namespace

Io<void> DirectoryEntries::seek(uint64_t cookie) {
  if (cookie > static_cast<uint64_t>(std::numeric_limits<off_t>::max()))
    return std::unexpected(Errno::invalid);
  begin_ = end_ = 0;
  if (::lseek(directory_.get(), static_cast<off_t>(cookie), SEEK_SET) < 0)
    return std::unexpected(last_errno());
  return {};
}

Io<std::optional<DirectoryEntry>> DirectoryEntries::next() {
  if (begin_ == end_) {
    long size = ::syscall(SYS_getdents64, directory_.get(), buffer_.data(), buffer_.size());
    // A directory that was removed while it is being read has no more entries.
    if (size < 0 && last_errno() == Errno::no_entry) size = 0;
    if (size < 0) return std::unexpected(last_errno());
    if (size == 0) return std::nullopt;
    begin_ = 0;
    end_ = static_cast<size_t>(size);
  }
  EntryHeader header;
  std::memcpy(&header, buffer_.data() + begin_, name_offset);
  DirectoryEntry entry{
      .name = std::string(buffer_.data() + begin_ + name_offset),
      .type = file_type(header.type),
      .inode = header.inode,
      .next = static_cast<uint64_t>(header.next),
  };
  begin_ += header.size;
  if (entry.type == FileType::unknown) {
    if (Io<FileStat> found = stat_child(directory_.get(), entry.name)) entry.type = found->type;
  }
  return entry;
}

}  // namespace tenon::os
