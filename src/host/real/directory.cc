#include "host/real/directory.h"

#include "base/result.h"

namespace tenon::host::real {
namespace {

class RealEntries final : public Entries {
 public:
  RealEntries(os::FileDescriptor directory, uint64_t inode)
      : entries_(std::move(directory)), inode_(inode) {}

  Io<void> seek(uint64_t cookie) override { return entries_.seek(cookie); }

  Io<std::optional<DirectoryEntry>> next() override {
    std::optional<DirectoryEntry> entry = TRY(entries_.next());
    if (entry && entry->name == "..") entry->inode = inode_;
    return entry;
  }

 private:
  os::DirectoryEntries entries_;
  uint64_t inode_;
};

}  // namespace

RealFile::RealFile(os::FileDescriptor file, FileType type)
    : file_(std::move(file)),
      seekable_(type == FileType::regular_file || type == FileType::block_device) {}

Io<size_t> RealFile::read_at(ReadBuffers buffers, uint64_t offset) {
  return seekable_ ? os::read_at(file_.get(), buffers, offset) : os::read(file_.get(), buffers);
}

Io<size_t> RealFile::write_at(WriteBuffers buffers, uint64_t offset) {
  return seekable_ ? os::write_at(file_.get(), buffers, offset) : os::write(file_.get(), buffers);
}

Io<size_t> RealFile::append(WriteBuffers buffers) {
  return seekable_ ? os::append(file_.get(), buffers) : os::write(file_.get(), buffers);
}

Wait RealFile::readable() const {
  return seekable_ ? Wait{} : Wait::readable(file_.get());
}
Wait RealFile::writable() const {
  return seekable_ ? Wait{} : Wait::writable(file_.get());
}

Io<void> RealFile::set_times(NewTimestamp accessed, NewTimestamp modified) {
  return os::set_times(file_.get(), accessed, modified);
}

Io<void> RealFile::allocate(uint64_t offset, uint64_t length) {
  return os::allocate(file_.get(), offset, length);
}

Io<void> RealFile::advise(uint64_t offset, uint64_t length, Advice advice) {
  return os::advise(file_.get(), offset, length, advice);
}

Io<Opened> RealDirectory::open(std::string_view path, const OpenHow& how) {
  PathText text = TRY(parse_path(path));
  os::OpenOptions options = {
      .read = how.read,
      .write = how.write,
      .create = how.create,
      .exclusive = how.exclusive,
      .truncate = how.truncate,
      .directory = how.directory,
      .follow = how.follow,
      .sync = how.sync,
      .data_sync = how.data_sync,
  };
  os::FileDescriptor file = TRY(open_path(directory_.get(), text, options, resolver_));
  FileStat found = TRY(os::stat(file.get()));
  if (found.type != FileType::directory)
    return std::make_unique<RealFile>(std::move(file), found.type);
  return std::make_unique<RealDirectory>(std::move(file), resolver_);
}

Io<std::unique_ptr<Entries>> RealDirectory::entries() {
  FileStat self = TRY(os::stat(directory_.get()));
  os::FileDescriptor again =
      TRY(os::open_child(directory_.get(), ".", {.read = true, .directory = true}));
  return std::make_unique<RealEntries>(std::move(again), self.inode);
}

// Without following, a link with a slash behind it is that link.
Io<os::FileDescriptor> RealDirectory::open_handle(std::string_view path, bool follow) {
  PathText text = TRY(parse_path(path));
  if (!follow) text.must_be_directory = false;
  return open_path(directory_.get(), text, {.follow = follow, .path_only = true}, resolver_);
}

Io<Entry> RealDirectory::entry(const EntryText& path, Errno itself) {
  return open_parent(directory_.get(), path, itself, resolver_);
}

// A trailing slash asks for a directory where something is there already. A symbolic link is none,
// and is not followed; but one that leads out says so.
Io<void> RealDirectory::check_directory(std::string_view path, const EntryText& text,
                                        const Entry& at) {
  if (!text.must_be_directory) return {};
  FileStat found = TRY(os::stat_child(at.parent.get(), at.name));
  if (found.type == FileType::directory) return {};
  if (found.type == FileType::symbolic_link) TRY_VOID(open_handle(path, true));
  return std::unexpected(Errno::not_directory);
}

Io<FileStat> RealDirectory::stat_at(std::string_view path, bool follow) {
  os::FileDescriptor handle = TRY(open_handle(path, follow));
  FileStat found = TRY(os::stat(handle.get()));
  bool is_link = found.type == FileType::symbolic_link;
  if (path.ends_with('/') && !is_link && found.type != FileType::directory) {
    return std::unexpected(Errno::not_directory);
  }
  return found;
}

Io<void> RealDirectory::set_times(NewTimestamp accessed, NewTimestamp modified) {
  return os::set_times(directory_.get(), accessed, modified);
}

Io<void> RealDirectory::set_times_at(std::string_view path, bool follow, NewTimestamp accessed,
                                     NewTimestamp modified) {
  os::FileDescriptor handle = TRY(open_handle(path, follow));
  return os::set_times(handle.get(), accessed, modified);
}

Io<void> RealDirectory::create_directory(std::string_view path) {
  EntryText text = TRY(parse_entry(path));
  Entry at = TRY(entry(text, Errno::exist));
  return os::create_directory(at.parent.get(), at.name);
}

Io<void> RealDirectory::remove_directory(std::string_view path) {
  EntryText text = TRY(parse_entry(path));
  Entry at = TRY(entry(text, Errno::invalid));
  TRY_VOID(check_directory(path, text, at));
  return os::remove_directory(at.parent.get(), at.name);
}

Io<void> RealDirectory::unlink_file(std::string_view path) {
  EntryText text = TRY(parse_entry(path));
  Entry at = TRY(entry(text, Errno::is_directory));
  TRY_VOID(check_directory(path, text, at));
  return os::unlink_file(at.parent.get(), at.name);
}

Io<void> RealDirectory::rename(std::string_view from, Directory& to, std::string_view to_path) {
  auto* target = dynamic_cast<RealDirectory*>(&to);
  if (target == nullptr) return std::unexpected(Errno::cross_device);
  EntryText from_text = TRY(parse_entry(from));
  EntryText to_text = TRY(parse_entry(to_path));
  Entry source = TRY(entry(from_text, Errno::busy));
  Entry place = TRY(target->entry(to_text, Errno::busy));
  from_text.must_be_directory |= to_text.must_be_directory;
  TRY_VOID(check_directory(from, from_text, source));
  return os::rename(source.parent.get(), source.name, place.parent.get(), place.name);
}

Io<void> RealDirectory::link(std::string_view from, Directory& to, std::string_view to_path) {
  auto* target = dynamic_cast<RealDirectory*>(&to);
  if (target == nullptr) return std::unexpected(Errno::cross_device);
  EntryText from_text = TRY(parse_entry(from));
  EntryText to_text = TRY(parse_entry(to_path));
  Entry source = TRY(entry(from_text, Errno::not_permitted));
  Entry place = TRY(target->entry(to_text, Errno::exist));
  TRY_VOID(check_directory(from, from_text, source));
  if (to_text.must_be_directory) return std::unexpected(Errno::no_entry);
  return os::link(source.parent.get(), source.name, place.parent.get(), place.name);
}

Io<void> RealDirectory::symlink(std::string_view target, std::string_view path) {
  if (target.empty()) return std::unexpected(Errno::no_entry);
  if (target.size() > max_path_bytes) return std::unexpected(Errno::name_too_long);
  if (target.find('\0') != std::string_view::npos) return std::unexpected(Errno::invalid);
  if (target.front() == '/') return std::unexpected(Errno::not_permitted);
  EntryText text = TRY(parse_entry(path));
  Entry at = TRY(entry(text, Errno::exist));
  if (text.must_be_directory) {
    TRY_VOID(check_directory(path, text, at));
    return std::unexpected(Errno::exist);
  }
  return os::symlink(std::string(target), at.parent.get(), at.name);
}

Io<std::string> RealDirectory::read_link(std::string_view path) {
  EntryText text = TRY(parse_entry(path));
  Entry at = TRY(entry(text, Errno::invalid));
  TRY_VOID(check_directory(path, text, at));
  std::string target = TRY(os::read_link(at.parent.get(), at.name));
  // An absolute target is a name of the host's, which is nothing that a guest should learn.
  if (target.starts_with('/')) return std::unexpected(Errno::not_permitted);
  return target;
}

Io<std::unique_ptr<Directory>> open_directory(const std::string& path, Resolver resolver) {
  if (resolver == Resolver::automatic)
    resolver = os::has_open_beneath() ? Resolver::kernel : Resolver::walk;
  os::FileDescriptor directory = TRY(os::open_host_directory(path));
  return std::make_unique<RealDirectory>(std::move(directory), resolver);
}

}  // namespace tenon::host::real
