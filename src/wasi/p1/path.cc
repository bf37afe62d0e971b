#include <algorithm>

#include "base/result.h"
#include "wasi/p1/process.h"

// Functions that take paths. Which path leads where is decided below Descriptor.
namespace tenon::wasi::p1 {
namespace {

// The directory that a path starts from, and the path.
struct Start {
  const Descriptor* directory;
  std::string path;
};

Outcome<Start> find_start(Process& process, Guest& guest, uint32_t fd, uint32_t path,
                          uint32_t path_len) {
  const Descriptor* directory = TRY(find_descriptor(process, fd));
  return Start{directory, TRY(guest.path(path, path_len))};
}

Outcome<bool> follows(uint32_t lookup_flags) {
  if ((lookup_flags & ~lookupflags_symlink_follow) != 0) return std::unexpected(Error::inval);
  return (lookup_flags & lookupflags_symlink_follow) != 0;
}

}  // namespace

Status path_create_directory(Process& process, Guest& guest, uint32_t fd, uint32_t path,
                             uint32_t path_len) {
  Start at = TRY(find_start(process, guest, fd, path, path_len));
  return outcome(at.directory->create_directory_at(at.path));
}

Status path_filestat_get(Process& process, Guest& guest, uint32_t fd, uint32_t flags, uint32_t path,
                         uint32_t path_len, uint32_t stat) {
  Start at = TRY(find_start(process, guest, fd, path, path_len));
  bool follow = TRY(follows(flags));
  host::FileStat found = TRY(outcome(at.directory->stat_at(at.path, follow)));
  return store_filestat(guest, stat, found);
}

Status path_filestat_set_times(Process& process, Guest& guest, uint32_t fd, uint32_t flags,
                               uint32_t path, uint32_t path_len, uint64_t atim, uint64_t mtim,
                               uint32_t fst_flags) {
  Start at = TRY(find_start(process, guest, fd, path, path_len));
  bool follow = TRY(follows(flags));
  auto times = TRY(new_times(atim, mtim, fst_flags));
  return outcome(at.directory->set_times_at(at.path, follow, times.first, times.second));
}

Status path_link(Process& process, Guest& guest, uint32_t old_fd, uint32_t old_flags,
                 uint32_t old_path, uint32_t old_path_len, uint32_t new_fd, uint32_t new_path,
                 uint32_t new_path_len) {
  Start from = TRY(find_start(process, guest, old_fd, old_path, old_path_len));
  Start to = TRY(find_start(process, guest, new_fd, new_path, new_path_len));
  bool follow = TRY(follows(old_flags));
  if (follow) return std::unexpected(Error::inval);
  return outcome(from.directory->link_at(from.path, *to.directory, to.path));
}

Status path_open(Process& process, Guest& guest, uint32_t fd, uint32_t dirflags, uint32_t path,
                 uint32_t path_len, uint32_t open_flags, uint64_t rights_base, uint64_t,
                 uint32_t fd_flags, uint32_t opened_fd) {
  Start at = TRY(find_start(process, guest, fd, path, path_len));
  TRY_VOID(guest.bytes(opened_fd, sizeof(uint32_t), alignof(uint32_t)));
  bool follow = TRY(follows(dirflags));
  if ((open_flags & ~oflags::all) != 0 || (fd_flags & ~fdflags::all) != 0)
    return std::unexpected(Error::inval);
  OpenFlags flags{
      .create = (open_flags & oflags::creat) != 0,
      .directory = (open_flags & oflags::directory) != 0,
      .exclusive = (open_flags & oflags::excl) != 0,
      .truncate = (open_flags & oflags::trunc) != 0,
  };
  Access access{
      .read = (rights_base & (rights::fd_read | rights::fd_readdir)) != 0,
      .write = (rights_base & rights::fd_write) != 0,
      .sync = (fd_flags & (fdflags::sync | fdflags::rsync)) != 0,
      .data_sync = (fd_flags & fdflags::dsync) != 0,
  };
  Descriptor opened = TRY(outcome(at.directory->open_at(at.path, follow, flags, access)));
  uint32_t number = TRY(process.fds.insert({.object = std::move(opened), .flags = fd_flags}));
  return guest.store(opened_fd, number);
}

Status path_readlink(Process& process, Guest& guest, uint32_t fd, uint32_t path, uint32_t path_len,
                     uint32_t buf, uint32_t buf_len, uint32_t bufused) {
  Start at = TRY(find_start(process, guest, fd, path, path_len));
  std::string target = TRY(outcome(at.directory->read_link_at(at.path)));
  // What does not fit is cut off.
  size_t size = std::min<size_t>(target.size(), buf_len);
  std::span<uint8_t> bytes = TRY(guest.bytes(buf, size));
  if (size > 0) std::memcpy(bytes.data(), target.data(), size);
  return guest.store(bufused, static_cast<uint32_t>(size));
}

Status path_remove_directory(Process& process, Guest& guest, uint32_t fd, uint32_t path,
                             uint32_t path_len) {
  Start at = TRY(find_start(process, guest, fd, path, path_len));
  return outcome(at.directory->remove_directory_at(at.path));
}

Status path_rename(Process& process, Guest& guest, uint32_t fd, uint32_t old_path,
                   uint32_t old_path_len, uint32_t new_fd, uint32_t new_path,
                   uint32_t new_path_len) {
  Start from = TRY(find_start(process, guest, fd, old_path, old_path_len));
  Start to = TRY(find_start(process, guest, new_fd, new_path, new_path_len));
  return outcome(from.directory->rename_at(from.path, *to.directory, to.path));
}

Status path_symlink(Process& process, Guest& guest, uint32_t old_path, uint32_t old_path_len,
                    uint32_t fd, uint32_t new_path, uint32_t new_path_len) {
  std::string target = TRY(guest.path(old_path, old_path_len));
  Start at = TRY(find_start(process, guest, fd, new_path, new_path_len));
  return outcome(at.directory->symlink_at(target, at.path));
}

Status path_unlink_file(Process& process, Guest& guest, uint32_t fd, uint32_t path,
                        uint32_t path_len) {
  Start at = TRY(find_start(process, guest, fd, path, path_len));
  return outcome(at.directory->unlink_file_at(at.path));
}

}  // namespace tenon::wasi::p1
