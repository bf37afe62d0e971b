#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "compiler/artifact/artifact.h"
#include "compiler/cache/directory.h"

// Artifacts kept between runs, for one user. Nothing from the directory runs unless its digest
// carries a MAC by the user's key, which lies in the directory (mode 0600). What does not is
// removed, reported and compiled again.
//
// So that a start need not read whole files to hash them, a stamp says that the file with a certain
// device, inode, size and times has a certain digest. A stamp is believed for its MAC. Stamps are
// kept for the cache's own entries and for inputs.
//
// Safe for any number of threads and processes.
namespace tenon::compiler {

using WarningFunction = std::function<void(std::string_view)>;

class Cache {
 public:
  struct Limits {
    uint64_t bytes = uint64_t{2} << 30;  // of all entries
    size_t stamps = 10'000;
  };

  // Null, after a warning, when the directory cannot be used.
  static std::unique_ptr<Cache> open(const std::string& directory, WarningFunction warn,
                                     Limits limits);
  static std::unique_ptr<Cache> open(const std::string& directory, WarningFunction warn) {
    return open(directory, std::move(warn), Limits());
  }

  // $XDG_CACHE_HOME/tenon, else .cache/tenon in the home directory.
  static Result<std::string> default_directory();

  // Null when there is no entry, or, after a warning, none that can be trusted.
  std::shared_ptr<const Artifact> find(const Digest& key) const;
  // Keeps a signed artifact under the key in its header. Failing costs a warning.
  void store(const Digest& key, std::span<const uint8_t> artifact) const;

  // The digest of an open file, if it has not changed since `remember`. What the digest covers is
  // up to the caller: `purpose` keeps kinds apart.
  std::optional<Digest> known_digest(int fd, std::string_view purpose) const;
  // `hashed_at`: when reading the file began. A file that changed right before is not remembered,
  // because its next change could carry the same time.
  struct HashStart {
    int64_t seconds = 0;
  };
  static HashStart start_hashing();
  void remember(int fd, std::string_view purpose, const Digest& digest, HashStart hashed_at) const;

  // The user's key, to sign and check artifacts with.
  const MacKey& key() const { return key_; }

 private:
  Cache(PrivateDirectory directory, const MacKey& key, WarningFunction warn, Limits limits)
      : directory_(std::move(directory)), key_(key), warn_(std::move(warn)), limits_(limits) {}

  Result<std::shared_ptr<const Artifact>> read_entry(const Digest& key) const;
  void stamp_entry(const Digest& key, size_t size) const;
  std::optional<Digest> read_stamp(const struct stat& stat, std::string_view purpose) const;
  void write_stamp(const struct stat& stat, std::string_view purpose, const Digest& digest) const;
  std::string stamp_name(const struct stat& stat, std::string_view purpose) const;
  void clean_up() const;
  void warn(std::string_view text) const {
    if (warn_) warn_(text);
  }

  PrivateDirectory directory_;
  MacKey key_;
  WarningFunction warn_;
  Limits limits_;
};

}  // namespace tenon::compiler
