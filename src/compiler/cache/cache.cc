#include "compiler/cache/cache.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <unordered_map>

#include <fmt/format.h>

#include "compiler/artifact/writer.h"
#include "os/random.h"

namespace tenon::compiler {

namespace {

constexpr const char* key_name = "key";
constexpr std::string_view entry_suffix = ".artifact";
constexpr std::string_view stamp_suffix = ".stamp";
constexpr std::string_view entry_purpose = "cache entry";

constexpr int64_t racy_seconds = 2;                // time stamps of files can be this coarse
constexpr int64_t use_granularity = 24 * 60 * 60;  // seconds; a use is noted once in this time
constexpr size_t stamp_name_bytes = 16;

std::string entry_name(const Digest& key) {
  return to_hex(key) + std::string(entry_suffix);
}

// What the identity of a file's contents hangs on.
struct Identity {
  uint64_t device;
  uint64_t inode;
  uint64_t size;
  int64_t modified[2];
  int64_t changed[2];
  friend bool operator==(const Identity&, const Identity&) = default;
};
Identity identity_of(const struct stat& s) {
  return {s.st_dev,
          s.st_ino,
          static_cast<uint64_t>(s.st_size),
          {s.st_mtim.tv_sec, s.st_mtim.tv_nsec},
          {s.st_ctim.tv_sec, s.st_ctim.tv_nsec}};
}

struct Stamp {
  Identity identity;
  Digest digest;
  Digest mac;  // of what is above, and of the purpose
};
static_assert(sizeof(Stamp) == sizeof(Identity) + 2 * sizeof(Digest));

Digest stamp_mac(const MacKey& key, const Stamp& stamp, std::string_view purpose) {
  return Hasher(key)
      .add("tenon stamp")
      .add(purpose)
      .add(std::span(reinterpret_cast<const uint8_t*>(&stamp), offsetof(Stamp, mac)))
      .digest();
}

// The user's key; made when there is none.
Result<MacKey> load_key(const PrivateDirectory& directory, const WarningFunction& warn) {
  for (int attempt = 0; attempt < 2; attempt++) {
    auto stored = directory.read_small(key_name, sizeof(MacKey));
    if (stored && *stored) {
      MacKey key;
      std::memcpy(key.data(), (*stored)->data(), key.size());
      return key;
    }
    if (!stored) {
      // What is lost with a key cannot be had again: a failure that may pass is no reason.
      if (stored.error().code() == ErrorCode::io) return std::unexpected(stored.error());
      if (warn)
        warn(fmt::format("the key of the code cache is replaced: {}", stored.error().message()));
      directory.remove(key_name);
    }
    MacKey fresh;
    if (!os::fill_random(fresh)) return fail(ErrorCode::io, "no random numbers");
    TRY_VOID(directory.write_new_file(key_name,
                                      fresh));  // another process may have been first: read again
  }
  return fail(ErrorCode::io, "cannot keep a key in it");
}

}  // namespace

std::unique_ptr<Cache> Cache::open(const std::string& path, WarningFunction warn, Limits limits) {
  auto opened = [&]() -> Result<std::unique_ptr<Cache>> {
    PrivateDirectory directory = TRY(PrivateDirectory::open(path));
    MacKey key = TRY(load_key(directory, warn));
    return std::unique_ptr<Cache>(new Cache(std::move(directory), key, warn, limits));
  }();
  if (opened) return std::move(*opened);
  if (warn) {
    warn(fmt::format("no code is cached, because `{}` cannot be used: {}", path,
                     std::move(opened).error().to_string()));
  }
  return nullptr;
}

Result<std::string> Cache::default_directory() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return std::string(cache) + "/tenon";
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return std::string(home) + "/.cache/tenon";
  return fail(ErrorCode::not_found,
              "neither XDG_CACHE_HOME nor HOME names a directory for the code cache");
}

// Entries.

Result<std::shared_ptr<const Artifact>> Cache::read_entry(const Digest& key) const {
  auto file = TRY(directory_.open_file(entry_name(key)));
  if (!file) return nullptr;
  const struct stat stat = file->stat;
  auto artifact = TRY(Artifact::open(std::move(file->fd)));
  if (!same_digest(artifact->key(), key))
    return fail(ErrorCode::malformed, "it is for something else");
  if (!made_with(artifact->seal(), key_))
    return fail(ErrorCode::malformed, "it was not made by this user");
  auto known = read_stamp(stat, entry_purpose);
  Digest digest = known ? *known : artifact->compute_digest();
  if (!same_digest(digest, artifact->seal().digest))
    return fail(ErrorCode::malformed, "it is damaged");
  if (!known) write_stamp(stat, entry_purpose, digest);
  return artifact;
}

std::shared_ptr<const Artifact> Cache::find(const Digest& key) const {
  auto artifact = read_entry(key);
  if (artifact) return std::move(*artifact);
  warn(fmt::format("an entry of the code cache is not used and will be made again: {}",
                   artifact.error().message()));
  if (artifact.error().code() == ErrorCode::malformed) directory_.remove(entry_name(key));
  return nullptr;
}

void Cache::store(const Digest& key, std::span<const uint8_t> artifact) const {
  auto written = directory_.write_file(entry_name(key), artifact, PrivateDirectory::Durable::yes);
  if (written) {
    stamp_entry(key, artifact.size());
  } else {
    warn(fmt::format("cannot keep code in the cache: {}", written.error().message()));
  }
  clean_up();
}

void Cache::stamp_entry(const Digest& key, size_t size) const {
  // We know its digest; the file has its last times only now that it was renamed.
  auto file = directory_.open_file(entry_name(key));
  if (file && *file && (*file)->stat.st_size == static_cast<off_t>(size)) {
    auto opened = Artifact::open(std::move((*file)->fd));
    if (opened && same_digest((*opened)->compute_digest(), (*opened)->seal().digest)) {
      write_stamp((*file)->stat, entry_purpose, (*opened)->seal().digest);
    }
  }
}

// Stamps.

std::string Cache::stamp_name(const struct stat& stat, std::string_view purpose) const {
  Digest name =
      Hasher(key_).add("tenon stamp name").add(purpose).add(stat.st_dev).add(stat.st_ino).digest();
  return to_hex(std::span(name).first(stamp_name_bytes)) + std::string(stamp_suffix);
}

std::optional<Digest> Cache::read_stamp(const struct stat& stat, std::string_view purpose) const {
  const std::string name = stamp_name(stat, purpose);
  auto file = directory_.open_file(name);
  if (!file || !*file) return std::nullopt;
  Stamp stamp;
  const os::ReadBuffer buffers[] = {{reinterpret_cast<uint8_t*>(&stamp), sizeof stamp}};
  auto n = os::read_at((*file)->fd.get(), buffers, 0);
  if (!n || *n != sizeof stamp || stamp.identity != identity_of(stat)) return std::nullopt;
  if (!same_digest(stamp.mac, stamp_mac(key_, stamp, purpose))) return std::nullopt;
  if (std::time(nullptr) - (*file)->stat.st_mtim.tv_sec > use_granularity) {
    futimens((*file)->fd.get(), nullptr);  // what was used last is removed last
  }
  return stamp.digest;
}

void Cache::write_stamp(const struct stat& stat, std::string_view purpose,
                        const Digest& digest) const {
  Stamp stamp{identity_of(stat), digest, {}};
  stamp.mac = stamp_mac(key_, stamp, purpose);
  // Without the stamp the file is hashed again: no harm done.
  (void)directory_.write_file(stamp_name(stat, purpose),
                              {reinterpret_cast<const uint8_t*>(&stamp), sizeof stamp},
                              PrivateDirectory::Durable::no);
}

std::optional<Digest> Cache::known_digest(int fd, std::string_view purpose) const {
  struct stat stat;
  if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) return std::nullopt;
  return read_stamp(stat, purpose);
}

Cache::HashStart Cache::start_hashing() {
  return {std::time(nullptr)};
}

void Cache::remember(int fd, std::string_view purpose, const Digest& digest,
                     HashStart hashed_at) const {
  struct stat stat;
  if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) return;
  if (std::max(stat.st_mtim.tv_sec, stat.st_ctim.tv_sec) + racy_seconds > hashed_at.seconds) return;
  write_stamp(stat, purpose, digest);
}

// Removes what was used longest ago until the limits hold with some room. Runs after a compilation
// only.
void Cache::clean_up() const {
  std::vector<PrivateDirectory::Entry> entries;
  std::vector<PrivateDirectory::Entry> stamps;
  std::unordered_map<std::string, int64_t> used;  // stamp to its time
  directory_.remove_unfinished();
  for (PrivateDirectory::Entry& file : directory_.list()) {
    if (file.name.ends_with(entry_suffix)) {
      entries.push_back(std::move(file));
    } else if (file.name.ends_with(stamp_suffix)) {
      used[file.name] = file.stat.st_mtim.tv_sec;
      stamps.push_back(std::move(file));
    }
  }
  auto remove_oldest = [&](auto& files, auto time_of, auto cost_of, uint64_t limit) {
    uint64_t total = 0;
    for (const auto& file : files) total += cost_of(file);
    if (total <= limit) return;
    std::ranges::sort(files, {}, time_of);
    for (const auto& file : files) {
      if (total <= limit - limit / 4) return;
      directory_.remove(file.name);
      total -= cost_of(file);
    }
  };
  using Entry = PrivateDirectory::Entry;
  remove_oldest(
      entries,
      [&](const Entry& e) {
        auto stamp = used.find(stamp_name(e.stat, entry_purpose));
        int64_t written = e.stat.st_mtim.tv_sec;
        return stamp == used.end() ? written : std::max(written, stamp->second);
      },
      [](const Entry& e) { return static_cast<uint64_t>(e.stat.st_size); }, limits_.bytes);
  remove_oldest(
      stamps, [](const Entry& e) { return e.stat.st_mtim.tv_sec; },
      [](const Entry&) { return uint64_t{1}; }, limits_.stamps);
}

}  // namespace tenon::compiler
