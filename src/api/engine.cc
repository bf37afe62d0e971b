#include "tenon/engine.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "api/engine_impl.h"
#include "base/limits.h"
#include "compiler/artifact/writer.h"
#include "compiler/cache/key.h"
#include "compiler/tier_loader.h"
#include "os/file.h"

namespace tenon {
namespace {

// What the digests are of that the cache remembers for input files.
constexpr std::string_view input_purpose = "input";

runtime::EngineConfig runtime_config(const EngineConfig& config) {
  runtime::EngineConfig result;
  if (config.checked_memories) result.memory_mode = compiler::MemoryMode::checked;
  return result;
}

std::unexpected<Error> cannot_read(const std::string& path, int error) {
  return fail(ErrorCode::io, fmt::format("cannot read `{}`: {}", path, std::strerror(error)));
}

// The whole of an open file, up to the largest module.
Result<std::vector<uint8_t>> read_all(const os::FileDescriptor& file, const std::string& path) {
  std::vector<uint8_t> bytes;
  std::vector<uint8_t> part(1 << 20);
  while (true) {
    os::ReadBuffer buffer(part);
    auto count = os::read(file.get(), {&buffer, 1});
    if (!count) return fail(ErrorCode::io, fmt::format("cannot read `{}`", path));
    if (*count == 0) return bytes;
    bytes.insert(bytes.end(), part.begin(), part.begin() + static_cast<ptrdiff_t>(*count));
    if (bytes.size() > limits::max_module_bytes) {
      return fail(ErrorCode::limit,
                  fmt::format("`{}` is larger than {} bytes", path, limits::max_module_bytes));
    }
  }
}

}  // namespace

Engine::Engine(const EngineConfig& config) : impl_(std::make_shared<Impl>(config)) {}

Engine::Impl::Impl(const EngineConfig& config)
    : config_(config), runtime_(runtime::Engine::create(runtime_config(config))) {}

Result<compiler::Tier*> Engine::Impl::tier() {
  std::lock_guard lock(mutex_);
  if (!tier_) tier_ = TRY(compiler::load_llvm_tier());
  return tier_.get();
}

// Null when there is none.
const compiler::Cache* Engine::Impl::cache() {
  if (!config_.cache_directory) return nullptr;
  std::lock_guard lock(mutex_);
  if (!has_opened_cache_)
    cache_ = compiler::Cache::open(*config_.cache_directory, config_.on_warning);
  has_opened_cache_ = true;
  return cache_.get();
}

compiler::CompileOptions Engine::Impl::options() const {
  compiler::CompileOptions options;
  options.tier.opt_level = static_cast<compiler::OptLevel>(config_.opt_level);
  options.tier.memory_mode = (*runtime_)->memory_mode();
  options.limits.threads = config_.compile_threads;
  if (config_.on_progress) {
    options.progress = [this](uint64_t done, uint64_t total) {
      config_.on_progress({done, total});
    };
  }
  return options;
}

Result<std::vector<uint8_t>> Engine::Impl::compile(std::span<const uint8_t> wasm) {
  if (!runtime_) return std::unexpected(runtime_.error());
  if (config_.opt_level > 2) {
    return fail(ErrorCode::usage,
                fmt::format("there is no optimization level {}", config_.opt_level));
  }
  compiler::CompileOptions options = this->options();
  options.key = compiler::artifact_key(hash(wasm), options);
  compiler::Tier* tier = TRY(this->tier());
  std::vector<uint8_t> artifact = TRY(compiler::compile(wasm, *tier, options));
  // With the user's mark, the same user runs it without being asked.
  if (const compiler::Cache* cache = this->cache()) compiler::sign_artifact(artifact, cache->key());
  return artifact;
}

Result<Engine::Impl::Code> Engine::Impl::load_artifact(std::span<const uint8_t> bytes) {
  std::shared_ptr<const compiler::Artifact> artifact = TRY(compiler::Artifact::open(bytes));
  const compiler::Cache* cache = this->cache();
  bool is_ours = cache && compiler::made_with(artifact->seal(), cache->key());
  if (!is_ours && !config_.allow_precompiled) {
    return std::unexpected(
        Error(ErrorCode::usage, "it is compiled code that this user did not make on this machine")
            .hint("if it is trusted as much as this program, allow it with --allow-precompiled"));
  }
  if (!same_digest(artifact->compute_digest(), artifact->seal().digest)) {
    return fail(ErrorCode::malformed, "the compiled code is damaged: its digest does not fit");
  }
  return runtime::LoadedCode::load(*runtime_, std::move(artifact));
}

// From the cache; null when it is not there.
Result<Engine::Impl::Code> Engine::Impl::find(const Digest& input) {
  const compiler::Cache* cache = this->cache();
  if (!cache) return nullptr;
  auto artifact = cache->find(compiler::artifact_key(input, options()));
  if (!artifact) return nullptr;
  return runtime::LoadedCode::load(*runtime_, std::move(artifact));
}

Result<Engine::Impl::Code> Engine::Impl::compile_and_keep(std::span<const uint8_t> wasm,
                                                          const Digest& input) {
  std::vector<uint8_t> bytes = TRY(compile(wasm));
  if (const compiler::Cache* cache = this->cache()) {
    cache->store(compiler::artifact_key(input, options()), bytes);
  }
  std::shared_ptr<const compiler::Artifact> artifact = TRY(compiler::Artifact::open(bytes));
  return runtime::LoadedCode::load(*runtime_, std::move(artifact));
}

Result<Engine::Impl::Code> Engine::Impl::load(std::span<const uint8_t> bytes) {
  if (!runtime_) return std::unexpected(runtime_.error());
  if (compiler::Artifact::is_artifact(bytes)) return load_artifact(bytes);
  Digest input = hash(bytes);
  if (Code found = TRY(find(input))) return found;
  return compile_and_keep(bytes, input);
}

// A file that has not changed since it was last compiled is not read.
Result<Engine::Impl::Code> Engine::Impl::load_file(const std::string& path) {
  if (!runtime_) return std::unexpected(runtime_.error());
  os::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return cannot_read(path, errno);
  const compiler::Cache* cache = this->cache();
  if (cache) {
    if (auto input = cache->known_digest(file.get(), input_purpose)) {
      if (Code found = TRY(find(*input))) return found;
    }
  }
  auto hashed_at = compiler::Cache::start_hashing();
  std::vector<uint8_t> bytes = TRY(read_all(file, path));
  if (compiler::Artifact::is_artifact(bytes)) return load_artifact(bytes);
  Digest input = hash(bytes);
  if (cache) cache->remember(file.get(), input_purpose, input, hashed_at);
  if (Code found = TRY(find(input))) return found;
  return compile_and_keep(bytes, input);
}

}  // namespace tenon
