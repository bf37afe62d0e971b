#include "compiler/cache/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

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

// What a file system without locks must do with: an unfinished file this old is abandoned.
constexpr int64_t unfinished_lifetime = 60 * 60;  // seconds

constexpr std::string_view unfinished_prefix = "tmp-";

bool is_unfinished(const PrivateDirectory::Entry& entry) {
  return entry.name.starts_with(unfinished_prefix);
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
    if (errno == ELOOP) return fail(ErrorCode::malformed, "it is a symbolic link");
    return system_error("cannot open it");
  }
  if (fstat(file.fd.get(), &file.stat) != 0) return system_error("cannot look at it");
  if (!S_ISREG(file.stat.st_mode)) return fail(ErrorCode::malformed, "it is not a file");
  if (file.stat.st_uid != geteuid())
    return fail(ErrorCode::malformed, "it belongs to another user");
  if ((file.stat.st_mode & 077) != 0)
    return fail(ErrorCode::malformed, "others may read or write it");
  // Without a name it was just replaced or removed, and is as good as it was.
  if (file.stat.st_nlink > 1) return fail(ErrorCode::malformed, "it has another name elsewhere");
  return file;
}

Result<std::optional<std::vector<uint8_t>>> PrivateDirectory::read_small(const std::string& name,
                                                                         size_t size) const {
  auto file = TRY(open_file(name));
  if (!file) return std::nullopt;
  std::vector<uint8_t> bytes(size + 1);  // one more shows that the file is longer
  const os::ReadBuffer buffers[] = {bytes};
  auto n = os::read_at(file->fd.get(), buffers, 0);
  if (!n) return fail(ErrorCode::io, fmt::format("cannot read it: {}", to_string(n.error())));
  if (*n != size) return fail(ErrorCode::malformed, "it has the wrong size");
  bytes.resize(size);
  return bytes;
}

Result<PrivateDirectory::Unfinished> PrivateDirectory::make_unfinished() const {
  for (;;) {
    uint8_t random[16];
    if (!os::fill_random(random)) return fail(ErrorCode::io, "no random numbers");
    Unfinished file{std::string(unfinished_prefix) + to_hex(random), {}};
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    file.fd = os::FileDescriptor(openat(fd_.get(), file.name.c_str(), flags, 0600));
    if (!file.fd) return system_error("cannot make a file in it");
    (void)flock(file.fd.get(), LOCK_EX);
    // Until it was locked it looked abandoned, and may be gone.
    struct stat stat;
    if (fstat(file.fd.get(), &stat) != 0) return system_error("cannot look at a file in it");
    if (stat.st_nlink != 0) return file;
  }
}

Result<PrivateDirectory::Unfinished> PrivateDirectory::write_unfinished(
    std::span<const uint8_t> bytes, Durable durable) const {
  Unfinished file = TRY(make_unfinished());
  auto written = os::write_all(file.fd.get(), bytes);
  if (written && durable == Durable::yes) written = os::sync_data(file.fd.get());
  if (written) return file;
  remove(file.name);
  return fail(ErrorCode::io, fmt::format("cannot write: {}", to_string(written.error())));
}

Result<void> PrivateDirectory::write_file(const std::string& name, std::span<const uint8_t> bytes,
                                          Durable durable) const {
  Unfinished file = TRY(write_unfinished(bytes, durable));
  if (renameat(fd_.get(), file.name.c_str(), fd_.get(), name.c_str()) == 0) return {};
  auto error = system_error("cannot rename a file in it");
  remove(file.name);
  return error;
}

Result<void> PrivateDirectory::write_new_file(const std::string& name,
                                              std::span<const uint8_t> bytes) const {
  Unfinished file = TRY(write_unfinished(bytes, Durable::yes));
  auto rename = [&](unsigned flags) {
    return renameat2(fd_.get(), file.name.c_str(), fd_.get(), name.c_str(), flags);
  };
  int renamed = rename(RENAME_NOREPLACE);
  // Network file systems cannot do that in one step. Of two that come here at once, one replaces
  // the other's file.
  if (renamed != 0 && errno == EINVAL) {
    if (faccessat(fd_.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
      errno = EEXIST;
    } else {
      renamed = rename(0);
    }
  }
  if (renamed == 0) return {};
  auto error = system_error("cannot rename a file in it");
  bool exists = errno == EEXIST;
  remove(file.name);
  if (exists) return {};
  return error;
}

void PrivateDirectory::remove(const std::string& name) const {
  unlinkat(fd_.get(), name.c_str(), 0);
}

std::vector<PrivateDirectory::Entry> PrivateDirectory::list_all() const {
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

std::vector<PrivateDirectory::Entry> PrivateDirectory::list() const {
  std::vector<Entry> entries = list_all();
  std::erase_if(entries, is_unfinished);
  return entries;
}

void PrivateDirectory::remove_if_abandoned(const std::string& name) const {
  constexpr int flags = O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  os::FileDescriptor fd(openat(fd_.get(), name.c_str(), flags));
  if (!fd) return;
  // The lock is held until the file is gone, so that no writer takes it for its own in between.
  bool is_abandoned = flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
  struct stat stat;
  if (!is_abandoned && errno != EWOULDBLOCK && fstat(fd.get(), &stat) == 0)
    is_abandoned = std::time(nullptr) - stat.st_mtim.tv_sec > unfinished_lifetime;
  if (is_abandoned) remove(name);
}

void PrivateDirectory::remove_unfinished() const {
  for (const Entry& entry : list_all()) {
    if (is_unfinished(entry)) remove_if_abandoned(entry.name);
  }
}

}  // namespace tenon::compiler
