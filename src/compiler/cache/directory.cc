#include "compiler/cache/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "base/hash.h"
#include "os/random.h"

namespace tenon::compiler {

namespace {

std::unexpected<Error> system_error(std::string_view what) {
  return fail(ErrorCode::io, fmt::format("{}: {}", what, std::strerror(errno)));
}

void make_parents(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1)) {
    mkdir(path.substr(0, slash).c_str(), 0700);  // if it fails, opening will say so
  }
}

Result<void> write_all(int fd, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const os::WriteBuffer rest[] = {bytes};
    auto n = os::write(fd, rest);
    if (!n) return fail(ErrorCode::io, "cannot write (is the disk full?)");
    bytes = bytes.subspan(*n);
  }
  return {};
}

}  // namespace

Result<PrivateDirectory> PrivateDirectory::open(const std::string& path) {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  os::FileDescriptor fd(::open(path.c_str(), flags));
  if (!fd && errno == ENOENT) {
    make_parents(path);
    mkdir(path.c_str(), 0700);
    fd = os::FileDescriptor(::open(path.c_str(), flags));
  }
  if (!fd) return system_error("cannot open it");
  struct stat stat;
  if (fstat(fd.get(), &stat) != 0) return system_error("cannot look at it");
  if (stat.st_uid != geteuid()) return fail(ErrorCode::io, "it belongs to another user");
  if ((stat.st_mode & 077) != 0) {
    return std::unexpected(
        Error(ErrorCode::io, "others may enter it").hint("`chmod 700` it, or remove it"));
  }
  return PrivateDirectory(std::move(fd));
}

Result<std::optional<PrivateDirectory::File>> PrivateDirectory::open_file(
    const std::string& name) const {
  File file{os::FileDescriptor(
                openat(fd_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)),
            {}};
  if (!file.fd) {
    if (errno == ENOENT) return std::nullopt;
    if (errno == ELOOP) return fail(ErrorCode::io, "it is a symbolic link");
    return system_error("cannot open it");
  }
  if (fstat(file.fd.get(), &file.stat) != 0) return system_error("cannot look at it");
  if (!S_ISREG(file.stat.st_mode)) return fail(ErrorCode::io, "it is not a file");
  if (file.stat.st_uid != geteuid()) return fail(ErrorCode::io, "it belongs to another user");
  if ((file.stat.st_mode & 022) != 0) return fail(ErrorCode::io, "others may write it");
  // Without a name it was just replaced or removed, and is as good as it was.
  if (file.stat.st_nlink > 1) return fail(ErrorCode::io, "it has another name elsewhere");
  return file;
}

Result<std::optional<std::vector<uint8_t>>> PrivateDirectory::read_small(const std::string& name,
                                                                         size_t size) const {
  auto file = TRY(open_file(name));
  if (!file) return std::nullopt;
  std::vector<uint8_t> bytes(size + 1);  // one more shows that the file is longer
  const os::ReadBuffer buffers[] = {bytes};
  auto n = os::read_at(file->fd.get(), buffers, 0);
  if (!n || *n != size) return fail(ErrorCode::io, "it has the wrong size");
  bytes.resize(size);
  return bytes;
}

Result<std::string> PrivateDirectory::write_temporary(std::span<const uint8_t> bytes,
                                                      Durable durable) const {
  uint8_t random[16];
  if (!os::fill_random(random)) return fail(ErrorCode::io, "no random numbers");
  std::string name = std::string(temporary_prefix) + to_hex(random);
  os::FileDescriptor fd(
      openat(fd_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return system_error("cannot make a file in it");
  auto written = write_all(fd.get(), bytes);
  if (written && durable == Durable::yes && fdatasync(fd.get()) != 0)
    written = system_error("cannot write");
  if (!written) {
    remove(name);
    return std::unexpected(std::move(written).error());
  }
  return name;
}

Result<void> PrivateDirectory::write_file(const std::string& name, std::span<const uint8_t> bytes,
                                          Durable durable) const {
  std::string temporary = TRY(write_temporary(bytes, durable));
  if (renameat(fd_.get(), temporary.c_str(), fd_.get(), name.c_str()) == 0) return {};
  auto error = system_error("cannot rename a file in it");
  remove(temporary);
  return error;
}

Result<void> PrivateDirectory::write_new_file(const std::string& name,
                                              std::span<const uint8_t> bytes) const {
  std::string temporary = TRY(write_temporary(bytes, Durable::yes));
  int renamed = renameat2(fd_.get(), temporary.c_str(), fd_.get(), name.c_str(), RENAME_NOREPLACE);
  if (renamed == 0) return {};
  auto error = system_error("cannot rename a file in it");
  bool exists = errno == EEXIST;
  remove(temporary);
  if (exists) return {};
  return error;
}

void PrivateDirectory::remove(const std::string& name) const {
  unlinkat(fd_.get(), name.c_str(), 0);
}

std::vector<PrivateDirectory::Entry> PrivateDirectory::list() const {
  std::vector<Entry> entries;
  int copy = openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* directory = copy < 0 ? nullptr : fdopendir(copy);
  if (directory == nullptr) return entries;
  while (const dirent* item = readdir(directory)) {
    Entry entry{item->d_name, {}};
    if (fstatat(fd_.get(), item->d_name, &entry.stat, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISREG(entry.stat.st_mode)) entries.push_back(std::move(entry));
  }
  closedir(directory);
  return entries;
}

}  // namespace tenon::compiler
