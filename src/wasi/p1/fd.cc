#include "base/result.h"
#include "wasi/p1/process.h"

// What there is to know and to change about open descriptors.
namespace tenon::wasi::p1 {
namespace {

Outcome<host::Advice> advice_from(uint32_t advice) {
  switch (advice) {
    case 0: return host::Advice::normal;
    case 1: return host::Advice::sequential;
    case 2: return host::Advice::random;
    case 3: return host::Advice::will_need;
    case 4: return host::Advice::dont_need;
    case 5: return host::Advice::no_reuse;
    default: return std::unexpected(Error::inval);
  }
}

struct Fdstat {
  FileType type = FileType::unknown;
  uint64_t base = 0;
  uint64_t inheriting = 0;
};

bool is_terminal(World& world, StandardStream stream) {
  switch (stream) {
    case StandardStream::input: return world.input != nullptr && world.input->is_terminal();
    case StandardStream::output: return world.output != nullptr && world.output->is_terminal();
    case StandardStream::error: return world.error != nullptr && world.error->is_terminal();
  }
  return false;
}

// A character device that cannot seek is what a guest's libc takes for a terminal.
Fdstat fdstat_of(World& world, StandardStream stream) {
  uint64_t transfer = stream == StandardStream::input ? rights::fd_read : rights::fd_write;
  return {
      .type = is_terminal(world, stream) ? FileType::character_device : FileType::unknown,
      .base = transfer | rights::fd_fdstat_set_flags | rights::fd_filestat_get |
              rights::poll_fd_readwrite,
      .inheriting = 0,
  };
}

Outcome<Fdstat> fdstat_of(const Descriptor& descriptor) {
  // A guest's libc asks for no more than it finds here, so that a directory that is granted for
  // reading shows all: opening a file in it for writing then fails when it is opened, and says why.
  if (descriptor.is_directory()) {
    return Fdstat{FileType::directory, rights::of_directory,
                  rights::of_directory | rights::of_file};
  }
  host::FileStat stat = TRY(outcome(descriptor.stat()));
  uint64_t base = rights::of_file;
  if (!descriptor.access().read) base &= ~rights::fd_read;
  if (!descriptor.access().write) {
    base &= ~(rights::fd_write | rights::fd_allocate | rights::fd_datasync |
              rights::fd_filestat_set_size);
  }
  if (!descriptor.file()->is_seekable()) base &= ~(rights::fd_seek | rights::fd_tell);
  return Fdstat{file_type(stat.type), base, 0};
}

}  // namespace

Status store_filestat(Guest& guest, uint32_t pointer, const host::FileStat& stat) {
  std::span<uint8_t> bytes = TRY(guest.bytes(pointer, filestat_size, alignof(uint64_t)));
  uint64_t fields[filestat_size / 8] = {
      stat.device,
      stat.inode,
      static_cast<uint64_t>(file_type(stat.type)),
      stat.links,
      stat.size,
      nanoseconds(stat.accessed),
      nanoseconds(stat.modified),
      nanoseconds(stat.changed),
  };
  std::memcpy(bytes.data(), fields, sizeof fields);
  return {};
}

Outcome<std::pair<host::NewTimestamp, host::NewTimestamp>> new_times(uint64_t atim, uint64_t mtim,
                                                                     uint32_t fst_flags) {
  using Kind = host::NewTimestamp::Kind;
  auto choose = [&](uint64_t time, uint32_t set, uint32_t now) -> host::NewTimestamp {
    if (fst_flags & now) return {.kind = Kind::now, .value = {}};
    if (!(fst_flags & set)) return {};
    constexpr uint64_t second = 1'000'000'000;
    return {Kind::value,
            {static_cast<int64_t>(time / second), static_cast<uint32_t>(time % second)}};
  };
  uint32_t both_atim = fstflags::atim | fstflags::atim_now;
  uint32_t both_mtim = fstflags::mtim | fstflags::mtim_now;
  if ((fst_flags & ~fstflags::all) != 0 || (fst_flags & both_atim) == both_atim ||
      (fst_flags & both_mtim) == both_mtim) {
    return std::unexpected(Error::inval);
  }
  return std::pair(choose(atim, fstflags::atim, fstflags::atim_now),
                   choose(mtim, fstflags::mtim, fstflags::mtim_now));
}

Status fd_advise(Process& process, Guest&, uint32_t fd, uint64_t offset, uint64_t len,
                 uint32_t advice) {
  const Descriptor* descriptor = TRY(find_descriptor(process, fd));
  host::Advice value = TRY(advice_from(advice));
  return outcome(descriptor->advise(offset, len, value));
}

Status fd_allocate(Process& process, Guest&, uint32_t fd, uint64_t offset, uint64_t len) {
  const Descriptor* descriptor = TRY(find_descriptor(process, fd));
  return outcome(descriptor->allocate(offset, len));
}

Status fd_close(Process& process, Guest&, uint32_t fd) {
  return process.fds.close(fd);
}

Status fd_datasync(Process& process, Guest&, uint32_t fd) {
  const Descriptor* descriptor = TRY(find_descriptor(process, fd));
  return outcome(descriptor->sync_data());
}

Status fd_fdstat_get(Process& process, Guest& guest, uint32_t fd, uint32_t stat) {
  OpenObject* object = TRY(find_object(process, fd));
  std::span<uint8_t> bytes = TRY(guest.bytes(stat, fdstat_size, alignof(uint64_t)));
  Fdstat found = object->standard_stream() != nullptr
                     ? fdstat_of(process.context.world(), *object->standard_stream())
                     : TRY(fdstat_of(*object->descriptor()));
  uint16_t flags = static_cast<uint16_t>(object->flags);
  std::memset(bytes.data(), 0, bytes.size());
  bytes[0] = static_cast<uint8_t>(found.type);
  std::memcpy(bytes.data() + 2, &flags, sizeof flags);
  std::memcpy(bytes.data() + 8, &found.base, sizeof found.base);
  std::memcpy(bytes.data() + 16, &found.inheriting, sizeof found.inheriting);
  return {};
}

Status fd_fdstat_set_flags(Process& process, Guest&, uint32_t fd, uint32_t flags) {
  OpenObject* object = TRY(find_object(process, fd));
  constexpr uint32_t changeable = fdflags::append | fdflags::nonblock;
  if ((flags & ~fdflags::all) != 0) return std::unexpected(Error::inval);
  // How writes reach the disk is fixed when a file is opened.
  if ((flags & ~changeable) != (object->flags & ~changeable)) return std::unexpected(Error::notsup);
  if (object->descriptor() != nullptr && object->descriptor()->is_directory())
    return std::unexpected(Error::badf);
  object->flags = flags;
  return {};
}

Status fd_fdstat_set_rights(Process& process, Guest&, uint32_t fd, uint64_t, uint64_t) {
  TRY_VOID(find_object(process, fd));
  return std::unexpected(Error::notsup);
}

Status fd_filestat_get(Process& process, Guest& guest, uint32_t fd, uint32_t stat) {
  OpenObject* object = TRY(find_object(process, fd));
  if (const StandardStream* stream = object->standard_stream()) {
    bool terminal = is_terminal(process.context.world(), *stream);
    host::FileStat found;
    if (terminal) found.type = host::FileType::character_device;
    return store_filestat(guest, stat, found);
  }
  host::FileStat found = TRY(outcome(object->descriptor()->stat()));
  return store_filestat(guest, stat, found);
}

Status fd_filestat_set_size(Process& process, Guest&, uint32_t fd, uint64_t size) {
  const Descriptor* descriptor = TRY(find_descriptor(process, fd));
  return outcome(descriptor->set_size(size));
}

Status fd_filestat_set_times(Process& process, Guest&, uint32_t fd, uint64_t atim, uint64_t mtim,
                             uint32_t fst_flags) {
  const Descriptor* descriptor = TRY(find_descriptor(process, fd));
  auto times = TRY(new_times(atim, mtim, fst_flags));
  return outcome(descriptor->set_times(times.first, times.second));
}

Status fd_prestat_get(Process& process, Guest& guest, uint32_t fd, uint32_t prestat) {
  OpenObject* object = TRY(find_object(process, fd));
  // A guest's libc looks for these from 3 on until it meets `badf`.
  if (!object->preopen_name) return std::unexpected(Error::badf);
  TRY_VOID(guest.bytes(prestat, prestat_size, alignof(uint32_t)));
  constexpr uint32_t tag_dir = 0;
  TRY_VOID(guest.store(prestat, tag_dir));
  return guest.store(prestat + 4, static_cast<uint32_t>(object->preopen_name->size()));
}

Status fd_prestat_dir_name(Process& process, Guest& guest, uint32_t fd, uint32_t path,
                           uint32_t path_len) {
  OpenObject* object = TRY(find_object(process, fd));
  if (!object->preopen_name) return std::unexpected(Error::notdir);
  const std::string& name = *object->preopen_name;
  if (path_len < name.size()) return std::unexpected(Error::nametoolong);
  std::span<uint8_t> bytes = TRY(guest.bytes(path, name.size()));
  std::memcpy(bytes.data(), name.data(), name.size());
  return {};
}

Status fd_renumber(Process& process, Guest&, uint32_t fd, uint32_t to) {
  return process.fds.renumber(fd, to);
}

Status fd_sync(Process& process, Guest&, uint32_t fd) {
  const Descriptor* descriptor = TRY(find_descriptor(process, fd));
  return outcome(descriptor->sync());
}

}  // namespace tenon::wasi::p1
