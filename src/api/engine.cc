#include "tenon/engine.h"

#include <fmt/format.h>

#include "api/engine_impl.h"
#include "base/naming.h"
#include "compiler/tier_loader.h"
#include "wasm/feature_list.h"

namespace tenon {
namespace {

runtime::EngineConfig runtime_config(const EngineConfig& config) {
  runtime::EngineConfig result;
  if (config.checked_memories) result.memory_mode = compiler::MemoryMode::checked;
  if (!config.huge_pages) result.huge_pages_from = 0;
  return result;
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

Result<compiler::Loader*> Engine::Impl::loader() {
  if (!runtime_) return std::unexpected(runtime_.error());
  if (config_.opt_level > 2) {
    return fail(ErrorCode::usage,
                fmt::format("there is no optimization level {}", config_.opt_level));
  }
  std::lock_guard lock(mutex_);
  if (loader_) return &*loader_;
  compiler::LoaderOptions options;
  options.compile.tier.opt_level = static_cast<compiler::OptLevel>(config_.opt_level);
  TRY_VOID(wasm::apply_feature_list(config_.features, options.compile.features));
  options.compile.tier.deterministic_relaxed_simd = config_.deterministic_relaxed_simd;
  options.compile.tier.memory_mode = (*runtime_)->memory_mode();
  options.compile.limits.threads = config_.compile_threads;
  if (config_.on_progress) {
    options.compile.progress = [this](uint64_t done, uint64_t total) {
      config_.on_progress({done, total});
    };
  }
  options.cache_directory = config_.cache_directory;
  options.allow_precompiled = config_.allow_precompiled;
  options.warn = config_.on_warning;
  options.tier = [this] { return tier(); };
  return &loader_.emplace(std::move(options));
}

Result<std::vector<uint8_t>> Engine::Impl::compile(std::span<const uint8_t> wasm) {
  compiler::Loader* loader = TRY(this->loader());
  return loader->compile(wasm);
}

Result<std::vector<uint8_t>> Engine::Impl::compile_file(const std::string& path) {
  compiler::Loader* loader = TRY(this->loader());
  return naming(path, loader->compile_file(path));
}

Result<std::shared_ptr<const runtime::LoadedCode>> Engine::Impl::load(
    std::span<const uint8_t> bytes) {
  compiler::Loader* loader = TRY(this->loader());
  return runtime::LoadedCode::load(*runtime_, TRY(loader->load(bytes)));
}

Result<std::shared_ptr<const runtime::LoadedCode>> Engine::Impl::load_file(
    const std::string& path) {
  compiler::Loader* loader = TRY(this->loader());
  auto artifact = TRY(naming(path, loader->load_file(path)));
  return naming(path, runtime::LoadedCode::load(*runtime_, std::move(artifact)));
}

}  // namespace tenon
