#include "tenon/engine.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "api/engine_impl.h"
#include "base/limits.h"
#include "compiler/artifact/artifact.h"
#include "compiler/compile.h"
#include "compiler/cpu.h"
#include "compiler/tier_loader.h"

namespace tenon {
namespace {

runtime::EngineConfig runtime_config(const EngineConfig& config) {
  runtime::EngineConfig result;
  if (config.checked_memories) result.memory_mode = compiler::MemoryMode::checked;
  return result;
}

}  // namespace

Result<std::vector<uint8_t>> read_file(const std::string& path) {
  auto problem = [&] { return fail(ErrorCode::io, fmt::format("cannot read `{}`: {}", path, std::strerror(errno))); };
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), std::fclose);
  if (!file) return problem();
  std::vector<uint8_t> bytes;
  std::vector<uint8_t> part(1 << 20);
  while (size_t count = std::fread(part.data(), 1, part.size(), file.get())) {
    bytes.insert(bytes.end(), part.begin(), part.begin() + static_cast<ptrdiff_t>(count));
    if (bytes.size() > limits::max_module_bytes) {
      return fail(ErrorCode::limit, fmt::format("`{}` is larger than {} bytes", path, limits::max_module_bytes));
    }
  }
  if (std::ferror(file.get())) return problem();
  return bytes;
}

Engine::Engine(const EngineConfig& config) : impl_(std::make_shared<Impl>(config)) {}

Engine::Impl::Impl(const EngineConfig& config)
    : config_(config), runtime_(runtime::Engine::create(runtime_config(config))) {}

Result<compiler::Tier*> Engine::Impl::tier() {
  std::lock_guard lock(mutex_);
  if (!tier_) tier_ = TRY(compiler::load_llvm_tier());
  return tier_.get();
}

Result<std::vector<uint8_t>> Engine::Impl::compile(std::span<const uint8_t> wasm) {
  if (!runtime_) return std::unexpected(runtime_.error());
  compiler::Tier& tier = *TRY(this->tier());
  compiler::CompileOptions options;
  options.tier.opt_level = static_cast<compiler::OptLevel>(config_.opt_level);
  options.tier.memory_mode = (*runtime_)->memory_mode();
  tier.host_cpu(options.tier);
  options.limits.threads = config_.compile_threads;
  if (config_.on_progress) {
    options.progress = [this](uint64_t done, uint64_t total) { config_.on_progress({done, total}); };
  }
  return compiler::compile(wasm, tier, options);
}

Result<std::shared_ptr<const runtime::LoadedCode>> Engine::Impl::open(
    std::shared_ptr<const compiler::Artifact> artifact) {
  compiler::CpuFeatures missing = artifact->cpu_features() & ~compiler::host_cpu_features();
  if (missing != 0) {
    return fail(ErrorCode::unsupported, fmt::format("it was compiled for a processor with {}, which this one has not",
                                                    compiler::describe_cpu_features(missing)));
  }
  return runtime::LoadedCode::load(*runtime_, std::move(artifact));
}

Result<std::shared_ptr<const runtime::LoadedCode>> Engine::Impl::load(std::span<const uint8_t> bytes) {
  if (!runtime_) return std::unexpected(runtime_.error());
  if (!compiler::Artifact::is_artifact(bytes)) {
    std::vector<uint8_t> compiled = TRY(compile(bytes));
    return open(TRY(compiler::Artifact::open(compiled)));
  }
  if (!config_.allow_precompiled) {
    return std::unexpected(Error(ErrorCode::usage, "it is compiled code, which runs with the rights of this process")
                               .hint("allow it with --allow-precompiled if its maker is trusted like this program"));
  }
  std::shared_ptr<const compiler::Artifact> artifact = TRY(compiler::Artifact::open(bytes));
  if (artifact->compute_digest() != artifact->seal().digest) {
    return fail(ErrorCode::malformed, "the compiled code is damaged: its digest is not that of its contents");
  }
  return open(std::move(artifact));
}

Result<std::shared_ptr<const runtime::LoadedCode>> Engine::Impl::load_file(const std::string& path) {
  std::vector<uint8_t> bytes = TRY(read_file(path));
  return load(bytes);
}

}  // namespace tenon
