#include "wasi/common/descriptor.h"

#include <cstring>

#include "base/result.h"

namespace tenon::wasi {

host::File* Descriptor::file() const {
  const FilePointer* file = std::get_if<FilePointer>(&object_);
  return file ? file->get() : nullptr;
}

Io<host::File*> Descriptor::readable_file() const {
  if (is_directory() || !access_.read) return std::unexpected(Errno::bad_descriptor);
  return file();
}

Io<host::File*> Descriptor::writable_file() const {
  if (is_directory() || !access_.write) return std::unexpected(Errno::bad_descriptor);
  return file();
}

Io<host::Directory*> Descriptor::directory() const {
  const DirectoryPointer* directory = std::get_if<DirectoryPointer>(&object_);
  if (directory == nullptr) return std::unexpected(Errno::not_directory);
  return directory->get();
}

Io<host::Directory*> Descriptor::mutable_directory() const {
  host::Directory* result = TRY(directory());
  if (read_only_) return std::unexpected(Errno::read_only);
  return result;
}

Io<size_t> Descriptor::read_at(host::ReadBuffers buffers, uint64_t offset) const {
  host::File* file = TRY(readable_file());
  return file->read_at(buffers, offset);
}

Io<size_t> Descriptor::write_at(host::WriteBuffers buffers, uint64_t offset) const {
  host::File* file = TRY(writable_file());
  return file->write_at(buffers, offset);
}

Io<size_t> Descriptor::append(host::WriteBuffers buffers) const {
  host::File* file = TRY(writable_file());
  return file->append(buffers);
}

Io<void> Descriptor::set_size(uint64_t size) const {
  if (is_directory()) return std::unexpected(Errno::bad_descriptor);
  if (read_only_) return std::unexpected(Errno::read_only);
  if (!access_.write) return std::unexpected(Errno::invalid);
  return file()->set_size(size);
}

Io<void> Descriptor::allocate(uint64_t offset, uint64_t length) const {
  host::File* file = TRY(writable_file());
  return file->allocate(offset, length);
}

Io<void> Descriptor::advise(uint64_t offset, uint64_t length, host::Advice advice) const {
  if (is_directory()) return std::unexpected(Errno::bad_descriptor);
  return file()->advise(offset, length, advice);
}

Io<host::FileStat> Descriptor::stat() const {
  if (!is_directory()) return file()->stat();
  host::Directory* self = TRY(directory());
  return self->stat();
}

Io<void> Descriptor::set_times(host::NewTimestamp accessed, host::NewTimestamp modified) const {
  if (read_only_) return std::unexpected(Errno::read_only);
  if (!is_directory()) return file()->set_times(accessed, modified);
  host::Directory* self = TRY(directory());
  return self->set_times(accessed, modified);
}

Io<void> Descriptor::sync() const {
  if (is_directory()) {
    host::Directory* self = TRY(directory());
    return read_only_ ? Io<void>() : self->sync();
  }
  return access_.write ? file()->sync() : Io<void>();
}

Io<void> Descriptor::sync_data() const {
  if (is_directory()) {
    host::Directory* self = TRY(directory());
    return read_only_ ? Io<void>() : self->sync_data();
  }
  return access_.write ? file()->sync_data() : Io<void>();
}

Io<Descriptor> Descriptor::open_at(std::string_view path, bool follow, OpenFlags flags,
                                   Access access) const {
  host::Directory* base = TRY(directory());
  if (flags.directory && (flags.create || flags.exclusive || flags.truncate))
    return std::unexpected(Errno::invalid);
  if (read_only_ && (access.write || flags.create || flags.truncate))
    return std::unexpected(Errno::read_only);
  host::OpenHow how{
      .read = access.read || !access.write,
      .write = access.write,
      .create = flags.create,
      .exclusive = flags.create && flags.exclusive,
      .truncate = flags.truncate,
      .directory = flags.directory,
      .follow = follow,
      .sync = access.sync,
      .data_sync = access.data_sync,
  };
  host::Opened opened = TRY(base->open(path, how));
  if (auto* file = std::get_if<std::unique_ptr<host::File>>(&opened)) {
    return Descriptor(FilePointer(std::move(*file)), access, read_only_);
  }
  auto& child = std::get<std::unique_ptr<host::Directory>>(opened);
  return Descriptor(DirectoryPointer(std::move(child)), access, read_only_);
}

Io<std::unique_ptr<host::Entries>> Descriptor::entries() const {
  host::Directory* self = TRY(directory());
  return self->entries();
}

Io<host::FileStat> Descriptor::stat_at(std::string_view path, bool follow) const {
  host::Directory* base = TRY(directory());
  return base->stat_at(path, follow);
}

Io<void> Descriptor::set_times_at(std::string_view path, bool follow, host::NewTimestamp accessed,
                                  host::NewTimestamp modified) const {
  host::Directory* base = TRY(mutable_directory());
  return base->set_times_at(path, follow, accessed, modified);
}

Io<void> Descriptor::create_directory_at(std::string_view path) const {
  host::Directory* base = TRY(mutable_directory());
  return base->create_directory(path);
}

Io<void> Descriptor::remove_directory_at(std::string_view path) const {
  host::Directory* base = TRY(mutable_directory());
  return base->remove_directory(path);
}

Io<void> Descriptor::unlink_file_at(std::string_view path) const {
  host::Directory* base = TRY(mutable_directory());
  return base->unlink_file(path);
}

// Source and target must both be writable: else a file that was granted for reading could be moved,
// or given a second name, to where it can be written.
Io<void> Descriptor::rename_at(std::string_view from, const Descriptor& to,
                               std::string_view to_path) const {
  host::Directory* source = TRY(mutable_directory());
  host::Directory* target = TRY(to.mutable_directory());
  return source->rename(from, *target, to_path);
}

Io<void> Descriptor::link_at(std::string_view from, const Descriptor& to,
                             std::string_view to_path) const {
  host::Directory* source = TRY(mutable_directory());
  host::Directory* target = TRY(to.mutable_directory());
  return source->link(from, *target, to_path);
}

Io<void> Descriptor::symlink_at(std::string_view target, std::string_view path) const {
  host::Directory* base = TRY(mutable_directory());
  return base->symlink(target, path);
}

Io<std::string> Descriptor::read_link_at(std::string_view path) const {
  host::Directory* base = TRY(directory());
  return base->read_link(path);
}

MetadataHash metadata_hash(const MacKey& key, const host::FileStat& stat) {
  Digest digest = Hasher(key)
                      .add(stat.device)
                      .add(stat.inode)
                      .add(stat.size)
                      .add(static_cast<uint64_t>(stat.modified.seconds))
                      .add(uint64_t{stat.modified.nanoseconds})
                      .digest();
  MetadataHash hash;
  std::memcpy(&hash.lower, digest.data(), sizeof hash.lower);
  std::memcpy(&hash.upper, digest.data() + sizeof hash.lower, sizeof hash.upper);
  return hash;
}

}  // namespace tenon::wasi
