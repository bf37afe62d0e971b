#pragma once

#include <cstdint>
#include <expected>

#include "wasi/common/descriptor.h"

// The types of wasi_snapshot_preview1, with the numbers and names of its definition
// (typenames.witx), and how they lie in guest memory.
namespace tenon::wasi::p1 {

enum class Error : uint16_t {
  success,
  e2big,
  acces,
  addrinuse,
  addrnotavail,
  afnosupport,
  again,
  already,
  badf,
  badmsg,
  busy,
  canceled,
  child,
  connaborted,
  connrefused,
  connreset,
  deadlk,
  destaddrreq,
  dom,
  dquot,
  exist,
  fault,
  fbig,
  hostunreach,
  idrm,
  ilseq,
  inprogress,
  intr,
  inval,
  io,
  isconn,
  isdir,
  loop,
  mfile,
  mlink,
  msgsize,
  multihop,
  nametoolong,
  netdown,
  netreset,
  netunreach,
  nfile,
  nobufs,
  nodev,
  noent,
  noexec,
  nolck,
  nolink,
  nomem,
  nomsg,
  noprotoopt,
  nospc,
  nosys,
  notconn,
  notdir,
  notempty,
  notrecoverable,
  notsock,
  notsup,
  notty,
  nxio,
  overflow,
  ownerdead,
  perm,
  pipe,
  proto,
  protonosupport,
  prototype,
  range,
  rofs,
  spipe,
  srch,
  stale,
  timedout,
  txtbsy,
  xdev,
  notcapable,
};

// What a function of preview 1 answers: an `errno`, or success.
using Status = std::expected<void, Error>;
template <typename T>
using Outcome = std::expected<T, Error>;

Error error_from(Errno error);

// The value of an Io, in the words of preview 1.
template <typename T>
Outcome<T> outcome(Io<T> result) {
  if (!result) return std::unexpected(error_from(result.error()));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*result);
  }
}

enum class FileType : uint8_t {
  unknown,
  block_device,
  character_device,
  directory,
  regular_file,
  socket_dgram,
  socket_stream,
  symbolic_link,
};
FileType file_type(host::FileType type);

namespace rights {
constexpr uint64_t fd_datasync = 1 << 0;
constexpr uint64_t fd_read = 1 << 1;
constexpr uint64_t fd_seek = 1 << 2;
constexpr uint64_t fd_fdstat_set_flags = 1 << 3;
constexpr uint64_t fd_sync = 1 << 4;
constexpr uint64_t fd_tell = 1 << 5;
constexpr uint64_t fd_write = 1 << 6;
constexpr uint64_t fd_advise = 1 << 7;
constexpr uint64_t fd_allocate = 1 << 8;
constexpr uint64_t path_create_directory = 1 << 9;
constexpr uint64_t path_create_file = 1 << 10;
constexpr uint64_t path_link_source = 1 << 11;
constexpr uint64_t path_link_target = 1 << 12;
constexpr uint64_t path_open = 1 << 13;
constexpr uint64_t fd_readdir = 1 << 14;
constexpr uint64_t path_readlink = 1 << 15;
constexpr uint64_t path_rename_source = 1 << 16;
constexpr uint64_t path_rename_target = 1 << 17;
constexpr uint64_t path_filestat_get = 1 << 18;
constexpr uint64_t path_filestat_set_size = 1 << 19;
constexpr uint64_t path_filestat_set_times = 1 << 20;
constexpr uint64_t fd_filestat_get = 1 << 21;
constexpr uint64_t fd_filestat_set_size = 1 << 22;
constexpr uint64_t fd_filestat_set_times = 1 << 23;
constexpr uint64_t path_symlink = 1 << 24;
constexpr uint64_t path_remove_directory = 1 << 25;
constexpr uint64_t path_unlink_file = 1 << 26;
constexpr uint64_t poll_fd_readwrite = 1 << 27;

constexpr uint64_t of_file = fd_datasync | fd_read | fd_seek | fd_fdstat_set_flags | fd_sync |
                             fd_tell | fd_write | fd_advise | fd_allocate | fd_filestat_get |
                             fd_filestat_set_size | fd_filestat_set_times | poll_fd_readwrite;
// Without path_filestat_set_size, as in Wasmtime: who sees it may expect that rights can be
// dropped.
constexpr uint64_t of_directory =
    path_create_directory | path_create_file | path_link_source | path_link_target | path_open |
    fd_readdir | path_readlink | path_rename_source | path_rename_target | path_filestat_get |
    path_filestat_set_times | fd_filestat_get | fd_filestat_set_times | path_symlink |
    path_remove_directory | path_unlink_file | fd_fdstat_set_flags | fd_sync | fd_datasync;
}  // namespace rights

namespace fdflags {
constexpr uint32_t append = 1 << 0;
constexpr uint32_t dsync = 1 << 1;
constexpr uint32_t nonblock = 1 << 2;
constexpr uint32_t rsync = 1 << 3;
constexpr uint32_t sync = 1 << 4;
constexpr uint32_t all = (1 << 5) - 1;
}  // namespace fdflags

namespace oflags {
constexpr uint32_t creat = 1 << 0;
constexpr uint32_t directory = 1 << 1;
constexpr uint32_t excl = 1 << 2;
constexpr uint32_t trunc = 1 << 3;
constexpr uint32_t all = (1 << 4) - 1;
}  // namespace oflags

namespace fstflags {
constexpr uint32_t atim = 1 << 0;
constexpr uint32_t atim_now = 1 << 1;
constexpr uint32_t mtim = 1 << 2;
constexpr uint32_t mtim_now = 1 << 3;
constexpr uint32_t all = (1 << 4) - 1;
}  // namespace fstflags

constexpr uint32_t lookupflags_symlink_follow = 1 << 0;

enum class ClockId : uint32_t { realtime, monotonic, process_cputime_id, thread_cputime_id };
enum class EventType : uint8_t { clock, fd_read, fd_write };
constexpr uint16_t subclockflags_abstime = 1 << 0;
constexpr uint16_t eventrwflags_hangup = 1 << 0;

// Sizes and offsets in guest memory; the alignment of each is that of its widest field.
constexpr uint32_t iovec_size = 8;
constexpr uint32_t fdstat_size = 24;
constexpr uint32_t filestat_size = 64;
constexpr uint32_t prestat_size = 8;
constexpr uint32_t dirent_size = 24;
constexpr uint32_t subscription_size = 48;
constexpr uint32_t event_size = 32;

}  // namespace tenon::wasi::p1
