#include <algorithm>
#include <type_traits>

#include "base/result.h"
#include "base/utf8.h"
#include "wasi/common/stream.h"
#include "wasi/p1/process.h"

// Reading and writing through file descriptors.
namespace tenon::wasi::p1 {
namespace {

// The two directions of a transfer, for what is the same in both.
struct Reading {
  using Buffer = host::ReadBuffer;
  static constexpr bool Access::* access = &Access::read;
  static bool has(StandardStream stream) { return stream == StandardStream::input; }
  static host::Input* find(World& world, StandardStream) { return world.input.get(); }
  static host::Wait ready(const auto& source) { return source.readable(); }
  static Io<size_t> transfer(host::Input& source, host::ReadBuffers to) { return source.read(to); }
  static Io<size_t> transfer_at(host::File& file, host::ReadBuffers to, uint64_t offset) {
    return file.read_at(to, offset);
  }
  // Of a stream that is not there: it is empty.
  static size_t without_stream(host::ReadBuffers) { return 0; }
};

struct Writing {
  using Buffer = host::WriteBuffer;
  static constexpr bool Access::* access = &Access::write;
  static bool has(StandardStream stream) { return stream != StandardStream::input; }
  static host::Output* find(World& world, StandardStream stream) {
    return stream == StandardStream::output ? world.output.get() : world.error.get();
  }
  static host::Wait ready(const auto& sink) { return sink.writable(); }
  static Io<size_t> transfer(host::Output& sink, host::WriteBuffers from) {
    return sink.write(from);
  }
  static Io<size_t> transfer_at(host::File& file, host::WriteBuffers from, uint64_t offset) {
    return file.write_at(from, offset);
  }
  // Of a stream that is not there: it takes everything.
  static size_t without_stream(host::WriteBuffers from) {
    size_t size = 0;
    for (host::WriteBuffer buffer : from) size += buffer.size();
    return size;
  }
};

template <typename Direction>
using Buffers = std::span<const typename Direction::Buffer>;

// Does `transfer` again after waiting, as long as it would block and the descriptor is one that
// waits.
template <typename Transfer>
Outcome<size_t> blocking(Process& process, const OpenObject& object, const host::Wait& ready,
                         Transfer transfer) {
  bool waits = (object.flags & fdflags::nonblock) == 0;
  if (!waits) {
    bool is_ready_now = TRY(outcome(is_ready(process.context, ready)));
    if (!is_ready_now) return std::unexpected(Error::again);
  }
  for (;;) {
    Io<size_t> size = transfer();
    if (size || size.error() != Errno::would_block || !waits) return outcome(std::move(size));
    TRY_VOID(outcome(block(process.context, ready)));
  }
}

template <typename Direction>
Outcome<size_t> transfer_standard(Process& process, const OpenObject& object,
                                  Buffers<Direction> buffers) {
  StandardStream stream = *object.standard_stream();
  if (!Direction::has(stream)) return std::unexpected(Error::badf);
  auto* end = Direction::find(process.context.world(), stream);
  if (end == nullptr) return Direction::without_stream(buffers);
  if (buffers.empty()) return 0;
  return blocking(process, object, Direction::ready(*end),
                  [&] { return Direction::transfer(*end, buffers); });
}

// A file that was not opened for the access is told so before anything waits.
Outcome<host::File*> find_file(const OpenObject& object, bool Access::* access) {
  const Descriptor& descriptor = *object.descriptor();
  if (descriptor.is_directory() || !(descriptor.access().*access))
    return std::unexpected(Error::badf);
  return descriptor.file();
}

template <typename Direction>
Outcome<size_t> transfer_file(Process& process, const OpenObject& object,
                              Buffers<Direction> buffers, uint64_t offset) {
  host::File* file = TRY(find_file(object, Direction::access));
  if (buffers.empty()) return 0;
  return blocking(process, object, Direction::ready(*file),
                  [&] { return Direction::transfer_at(*file, buffers, offset); });
}

Outcome<size_t> append_file(Process& process, OpenObject& object, host::WriteBuffers buffers) {
  host::File* file = TRY(find_file(object, &Access::write));
  if (buffers.empty()) return 0;
  size_t size =
      TRY(blocking(process, object, file->writable(), [&] { return file->append(buffers); }));
  if (file->is_seekable()) {
    host::FileStat stat = TRY(outcome(file->stat()));
    object.position = stat.size;
  }
  return size;
}

// Positions: only files that have one.
Outcome<host::File*> find_seekable(const OpenObject& object) {
  if (object.standard_stream() != nullptr) return std::unexpected(Error::spipe);
  host::File* file = object.descriptor()->file();
  if (file == nullptr) return std::unexpected(Error::badf);
  if (!file->is_seekable()) return std::unexpected(Error::spipe);
  return file;
}

// Every transfer is below 4 GiB, since its buffers lie in a 32-bit memory; they may overlap,
// though.
Status store_size(Guest& guest, uint32_t pointer, size_t size) {
  if (size > UINT32_MAX) return std::unexpected(Error::overflow);
  return guest.store(pointer, static_cast<uint32_t>(size));
}

// The buffers of a call, and where to tell how much was transferred.
template <typename Direction>
struct Transfer {
  OpenObject* object;
  std::vector<typename Direction::Buffer> buffers;
};

template <typename Direction>
Outcome<Transfer<Direction>> find_transfer(Process& process, Guest& guest, uint32_t fd,
                                           uint32_t iovs, uint32_t iovs_len, uint32_t done) {
  OpenObject* object = TRY(find_object(process, fd));
  TRY_VOID(guest.bytes(done, sizeof(uint32_t), alignof(uint32_t)));
  return Transfer<Direction>{object,
                             TRY(guest.buffers<typename Direction::Buffer>(iovs, iovs_len))};
}

template <typename Direction>
Status transfer_at(Process& process, Guest& guest, uint32_t fd, uint32_t iovs, uint32_t iovs_len,
                   uint64_t offset, uint32_t done) {
  auto call = TRY(find_transfer<Direction>(process, guest, fd, iovs, iovs_len, done));
  TRY_VOID(find_seekable(*call.object));
  size_t size = TRY(transfer_file<Direction>(process, *call.object, call.buffers, offset));
  return store_size(guest, done, size);
}

template <typename Direction>
Outcome<size_t> transfer_here(Process& process, OpenObject& object, Buffers<Direction> buffers) {
  if (object.standard_stream() != nullptr)
    return transfer_standard<Direction>(process, object, buffers);
  if constexpr (std::is_same_v<Direction, Writing>) {
    if ((object.flags & fdflags::append) != 0) return append_file(process, object, buffers);
  }
  size_t size = TRY(transfer_file<Direction>(process, object, buffers, object.position));
  object.position += size;
  return size;
}

template <typename Direction>
Status transfer(Process& process, Guest& guest, uint32_t fd, uint32_t iovs, uint32_t iovs_len,
                uint32_t done) {
  auto call = TRY(find_transfer<Direction>(process, guest, fd, iovs, iovs_len, done));
  size_t size = TRY(transfer_here<Direction>(process, *call.object, call.buffers));
  return store_size(guest, done, size);
}

}  // namespace

Status fd_pread(Process& process, Guest& guest, uint32_t fd, uint32_t iovs, uint32_t iovs_len,
                uint64_t offset, uint32_t nread) {
  return transfer_at<Reading>(process, guest, fd, iovs, iovs_len, offset, nread);
}

Status fd_pwrite(Process& process, Guest& guest, uint32_t fd, uint32_t iovs, uint32_t iovs_len,
                 uint64_t offset, uint32_t nwritten) {
  return transfer_at<Writing>(process, guest, fd, iovs, iovs_len, offset, nwritten);
}

Status fd_read(Process& process, Guest& guest, uint32_t fd, uint32_t iovs, uint32_t iovs_len,
               uint32_t nread) {
  return transfer<Reading>(process, guest, fd, iovs, iovs_len, nread);
}

Status fd_write(Process& process, Guest& guest, uint32_t fd, uint32_t iovs, uint32_t iovs_len,
                uint32_t nwritten) {
  return transfer<Writing>(process, guest, fd, iovs, iovs_len, nwritten);
}

Status fd_seek(Process& process, Guest& guest, uint32_t fd, int64_t offset, uint32_t whence,
               uint32_t newoffset) {
  OpenObject* object = TRY(find_object(process, fd));
  host::File* file = TRY(find_seekable(*object));
  enum Whence : uint32_t { set, cur, end };
  uint64_t base = 0;
  switch (whence) {
    case set: break;
    case cur: base = object->position; break;
    case end: {
      host::FileStat stat = TRY(outcome(file->stat()));
      base = stat.size;
      break;
    }
    default: return std::unexpected(Error::inval);
  }
  uint64_t position = 0;
  if (__builtin_add_overflow(base, offset, &position) || position > INT64_MAX)
    return std::unexpected(Error::inval);
  TRY_VOID(guest.store(newoffset, position));
  object->position = position;
  return {};
}

Status fd_tell(Process& process, Guest& guest, uint32_t fd, uint32_t offset) {
  OpenObject* object = TRY(find_object(process, fd));
  TRY_VOID(find_seekable(*object));
  return guest.store(offset, object->position);
}

namespace {

// A dirent and its name, as much of it as there is room for; the rest is no error, the guest asks
// again.
size_t put_entry(std::span<uint8_t> buffer, const host::DirectoryEntry& entry) {
  uint8_t header[dirent_size] = {};
  uint32_t name_size = static_cast<uint32_t>(entry.name.size());
  std::memcpy(header, &entry.next, 8);
  std::memcpy(header + 8, &entry.inode, 8);
  std::memcpy(header + 16, &name_size, 4);
  header[20] = static_cast<uint8_t>(file_type(entry.type));
  size_t header_size = std::min<size_t>(buffer.size(), dirent_size);
  std::memcpy(buffer.data(), header, header_size);
  std::span<uint8_t> rest = buffer.subspan(header_size);
  size_t text_size = std::min(rest.size(), entry.name.size());
  if (text_size > 0) std::memcpy(rest.data(), entry.name.data(), text_size);
  return header_size + text_size;
}

}  // namespace

Status fd_readdir(Process& process, Guest& guest, uint32_t fd, uint32_t buf, uint32_t buf_len,
                  uint64_t cookie, uint32_t bufused) {
  OpenObject* object = TRY(find_object(process, fd));
  if (object->descriptor() == nullptr) return std::unexpected(Error::badf);
  TRY_VOID(guest.bytes(bufused, sizeof(uint32_t), alignof(uint32_t)));
  std::span<uint8_t> buffer = TRY(guest.bytes(buf, buf_len));
  if (object->entries == nullptr) {
    object->entries = TRY(outcome(object->descriptor()->entries()));
    object->next_cookie = 0;
  }
  if (object->next_cookie != cookie || cookie == 0)
    TRY_VOID(outcome(object->entries->seek(cookie)));
  // Until the last entry has gone out whole, there is no telling which comes next.
  object->next_cookie.reset();
  size_t used = 0;
  while (used < buffer.size()) {
    std::optional<host::DirectoryEntry> entry = TRY(outcome(object->entries->next()));
    if (!entry) break;
    // What has no UTF-8 name cannot be named by a guest.
    if (!is_utf8(entry->name)) continue;
    size_t size = dirent_size + entry->name.size();
    bool fits = size <= buffer.size() - used;
    used += put_entry(buffer.subspan(used), *entry);
    object->next_cookie = fits ? std::optional(entry->next) : std::nullopt;
  }
  return guest.store(bufused, static_cast<uint32_t>(used));
}

}  // namespace tenon::wasi::p1
