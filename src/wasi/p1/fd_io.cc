#include <algorithm>

#include "base/result.h"
#include "base/utf8.h"
#include "wasi/common/stream.h"
#include "wasi/p1/process.h"

// Reading and writing through file descriptors.
namespace tenon::wasi::p1 {
namespace {

// Does `transfer` again after waiting, as long as it would block and the descriptor is one that
// waits.
template <typename Transfer>
Outcome<size_t> blocking(Process& process, const OpenObject& object, const host::Wait& ready,
                         Transfer transfer) {
  if ((object.flags & fdflags::nonblock) != 0) {
    bool is_ready_now = TRY(outcome(is_ready(process.context, ready)));
    if (!is_ready_now) return std::unexpected(Error::again);
  }
  for (;;) {
    Io<size_t> size = transfer();
    if (size || size.error() != Errno::would_block || (object.flags & fdflags::nonblock) != 0) {
      return outcome(std::move(size));
    }
    TRY_VOID(outcome(block(process.context, ready)));
  }
}

Outcome<size_t> read_standard(Process& process, const OpenObject& object,
                              host::ReadBuffers buffers) {
  if (*object.standard_stream() != StandardStream::input) return std::unexpected(Error::badf);
  host::Input* input = process.context.world().input.get();
  if (input == nullptr || buffers.empty()) return 0;
  return blocking(process, object, input->readable(), [&] { return input->read(buffers); });
}

Outcome<size_t> write_standard(Process& process, const OpenObject& object,
                               host::WriteBuffers buffers) {
  StandardStream stream = *object.standard_stream();
  if (stream == StandardStream::input) return std::unexpected(Error::badf);
  World& world = process.context.world();
  host::Output* output = stream == StandardStream::output ? world.output.get() : world.error.get();
  if (output == nullptr) {
    size_t size = 0;
    for (host::WriteBuffer buffer : buffers) size += buffer.size();
    return size;
  }
  if (buffers.empty()) return 0;
  return blocking(process, object, output->writable(), [&] { return output->write(buffers); });
}

// A file that was not opened for the access is told so before anything waits.
Outcome<host::File*> find_file(const OpenObject& object, bool Access::* access) {
  const Descriptor& descriptor = *object.descriptor();
  if (descriptor.is_directory() || !(descriptor.access().*access))
    return std::unexpected(Error::badf);
  return descriptor.file();
}

Outcome<size_t> read_file(Process& process, const OpenObject& object, host::ReadBuffers buffers,
                          uint64_t offset) {
  host::File* file = TRY(find_file(object, &Access::read));
  if (buffers.empty()) return 0;
  return blocking(process, object, file->readable(),
                  [&] { return file->read_at(buffers, offset); });
}

Outcome<size_t> write_file(Process& process, const OpenObject& object, host::WriteBuffers buffers,
                           uint64_t offset) {
  host::File* file = TRY(find_file(object, &Access::write));
  if (buffers.empty()) return 0;
  return blocking(process, object, file->writable(),
                  [&] { return file->write_at(buffers, offset); });
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

}  // namespace

Status fd_pread(Process& process, Guest& guest, uint32_t fd, uint32_t iovs, uint32_t iovs_len,
                uint64_t offset, uint32_t nread) {
  OpenObject* object = TRY(find_object(process, fd));
  TRY_VOID(guest.bytes(nread, sizeof(uint32_t), alignof(uint32_t)));
  std::vector<host::ReadBuffer> buffers = TRY(guest.buffers<host::ReadBuffer>(iovs, iovs_len));
  TRY_VOID(find_seekable(*object));
  size_t size = TRY(read_file(process, *object, buffers, offset));
  return store_size(guest, nread, size);
}

Status fd_pwrite(Process& process, Guest& guest, uint32_t fd, uint32_t iovs, uint32_t iovs_len,
                 uint64_t offset, uint32_t nwritten) {
  OpenObject* object = TRY(find_object(process, fd));
  TRY_VOID(guest.bytes(nwritten, sizeof(uint32_t), alignof(uint32_t)));
  std::vector<host::WriteBuffer> buffers = TRY(guest.buffers<host::WriteBuffer>(iovs, iovs_len));
  TRY_VOID(find_seekable(*object));
  size_t size = TRY(write_file(process, *object, buffers, offset));
  return store_size(guest, nwritten, size);
}

Status fd_read(Process& process, Guest& guest, uint32_t fd, uint32_t iovs, uint32_t iovs_len,
               uint32_t nread) {
  OpenObject* object = TRY(find_object(process, fd));
  TRY_VOID(guest.bytes(nread, sizeof(uint32_t), alignof(uint32_t)));
  std::vector<host::ReadBuffer> buffers = TRY(guest.buffers<host::ReadBuffer>(iovs, iovs_len));
  size_t size = 0;
  if (object->standard_stream() != nullptr) {
    size = TRY(read_standard(process, *object, buffers));
  } else {
    size = TRY(read_file(process, *object, buffers, object->position));
    object->position += size;
  }
  return store_size(guest, nread, size);
}

Status fd_write(Process& process, Guest& guest, uint32_t fd, uint32_t iovs, uint32_t iovs_len,
                uint32_t nwritten) {
  OpenObject* object = TRY(find_object(process, fd));
  TRY_VOID(guest.bytes(nwritten, sizeof(uint32_t), alignof(uint32_t)));
  std::vector<host::WriteBuffer> buffers = TRY(guest.buffers<host::WriteBuffer>(iovs, iovs_len));
  size_t size = 0;
  if (object->standard_stream() != nullptr) {
    size = TRY(write_standard(process, *object, buffers));
  } else if ((object->flags & fdflags::append) != 0) {
    size = TRY(append_file(process, *object, buffers));
  } else {
    size = TRY(write_file(process, *object, buffers, object->position));
    object->position += size;
  }
  return store_size(guest, nwritten, size);
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
