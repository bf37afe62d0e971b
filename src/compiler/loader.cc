#include "compiler/loader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "base/limits.h"
#include "compiler/artifact/writer.h"
#include "compiler/cache/key.h"
#include "compiler/cpu.h"
#include "os/input.h"

namespace tenon::compiler {

namespace {

// What a stamp's digest covers.
constexpr std::string_view whole_file = "input";
constexpr std::string_view sealed_part = "precompiled";

constexpr size_t magic_size = 16;

// Whether nobody but this user (or root) can change the file while it is mapped.
bool only_ours(const struct stat& stat) {
  return S_ISREG(stat.st_mode) && (stat.st_uid == geteuid() || stat.st_uid == 0) &&
         (stat.st_mode & 022) == 0;
}

}  // namespace

Loader::Loader(LoaderOptions options) : options_(std::move(options)) {
  if (options_.cache_directory) cache_ = Cache::open(*options_.cache_directory, options_.warn);
}

Result<std::shared_ptr<const Artifact>> Loader::load_file(const std::string& path) const {
  return load_input(TRY(os::open_input(path)), path);
}

Result<std::shared_ptr<const Artifact>> Loader::load_input(os::FileDescriptor file,
                                                           const std::string& name) const {
  struct stat stat;
  if (fstat(file.get(), &stat) != 0) return fail(ErrorCode::io, std::strerror(errno));
  if (S_ISDIR(stat.st_mode)) return fail(ErrorCode::io, "it is a directory");
  if (!S_ISREG(stat.st_mode) || stat.st_size < static_cast<off_t>(magic_size)) {
    return load(TRY(os::read_all(file.get())), name);
  }
  if (cache_) {
    if (auto digest = cache_->known_digest(file.get(), whole_file)) {
      if (auto artifact = cache_->find(artifact_key(*digest, options_.compile))) return artifact;
    }
  }
  uint8_t magic[magic_size] = {};
  const os::ReadBuffer buffers[] = {magic};
  (void)os::read_at(file.get(), buffers, 0);
  if (Artifact::is_artifact(magic)) return open_precompiled(std::move(file));

  const auto started = Cache::start_hashing();
  std::vector<uint8_t> bytes = TRY(os::read_all(file.get()));
  const Digest digest = hash(bytes);
  if (cache_) cache_->remember(file.get(), whole_file, digest, started);
  return make(bytes, artifact_key(digest, options_.compile), name);
}

Result<std::shared_ptr<const Artifact>> Loader::load(std::span<const uint8_t> bytes,
                                                     const std::string& name) const {
  if (!Artifact::is_artifact(bytes))
    return make(bytes, artifact_key(hash(bytes), options_.compile), name);
  auto artifact = TRY(Artifact::open(bytes));
  TRY_VOID(check_precompiled(*artifact, artifact->compute_digest()));
  return artifact;
}

Result<std::shared_ptr<const Artifact>> Loader::open_precompiled(os::FileDescriptor file) const {
  struct stat stat;
  if (fstat(file.get(), &stat) != 0) return fail(ErrorCode::io, std::strerror(errno));
  os::FileDescriptor stamped(dup(file.get()));
  const bool mapped = only_ours(stat);
  const auto started = Cache::start_hashing();
  auto artifact =
      TRY(Artifact::open(std::move(file), mapped ? Artifact::Source::map : Artifact::Source::copy));
  std::optional<Digest> known;
  if (cache_ && mapped) known = cache_->known_digest(stamped.get(), sealed_part);
  const Digest digest = known ? *known : artifact->compute_digest();
  TRY_VOID(check_precompiled(*artifact, digest));
  if (cache_ && mapped && !known) cache_->remember(stamped.get(), sealed_part, digest, started);
  return artifact;
}

Result<void> Loader::check_precompiled(const Artifact& artifact, const Digest& digest) const {
  if (!same_digest(digest, artifact.seal().digest)) {
    return std::unexpected(Error(ErrorCode::malformed, "damaged artifact: its digest does not fit")
                               .hint("compile it again"));
  }
  bool ours = cache_ && made_with(artifact.seal(), cache_->key());
  if (!ours && !options_.allow_precompiled) {
    return std::unexpected(
        Error(ErrorCode::usage, "compiled code that was not made by this user on this machine")
            .hint("compile it here, or trust it with `--allow-precompiled`"));
  }
  CpuFeatures missing = artifact.cpu_features() & ~host_cpu_features();
  if (missing != 0) {
    return fail(ErrorCode::unsupported,
                fmt::format("it was compiled for a processor with {}, which this one lacks",
                            describe_cpu_features(missing)));
  }
  return {};
}

Result<std::vector<uint8_t>> Loader::compile(std::span<const uint8_t> wasm,
                                             const std::string& name) const {
  return compile_with_key(wasm, artifact_key(hash(wasm), options_.compile), name);
}

Result<std::vector<uint8_t>> Loader::compile_file(const std::string& path) const {
  os::FileDescriptor file = TRY(os::open_input(path));
  return compile(TRY(os::read_all(file.get())), path);
}

Result<std::vector<uint8_t>> Loader::compile_with_key(std::span<const uint8_t> wasm,
                                                      const Digest& key,
                                                      const std::string& name) const {
  Tier* tier = TRY(options_.tier());
  CompileOptions compile_options = options_.compile;
  compile_options.key = key;
  compile_options.name = name;
  std::vector<uint8_t> artifact = TRY(tenon::compiler::compile(wasm, *tier, compile_options));
  if (cache_) sign_artifact(artifact, cache_->key());
  return artifact;
}

Result<std::shared_ptr<const Artifact>> Loader::make(std::span<const uint8_t> wasm,
                                                     const Digest& key,
                                                     const std::string& name) const {
  if (cache_) {
    if (auto artifact = cache_->find(key)) return artifact;
  }
  std::vector<uint8_t> bytes = TRY(compile_with_key(wasm, key, name));
  if (cache_) {
    cache_->store(key, bytes);
    if (auto artifact = cache_->find(key)) return artifact;
  }
  return Artifact::open(bytes);
}

}  // namespace tenon::compiler
