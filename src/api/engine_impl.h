#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "compiler/cache/cache.h"
#include "compiler/compile.h"
#include "compiler/tier.h"
#include "runtime/engine.h"
#include "runtime/module.h"
#include "tenon/engine.h"

// What is behind tenon::Engine: the runtime's engine, and the compiler, which is loaded when
// something is first compiled. Threads share it.
namespace tenon {

class Engine::Impl {
 public:
  explicit Impl(const EngineConfig& config);

  const EngineConfig& config() const { return config_; }
  // Making an engine cannot fail; using it can.
  const Result<std::shared_ptr<runtime::Engine>>& runtime() const { return runtime_; }

  // Code ready to run, of a core module or a component, or of either compiled ahead of time.
  Result<std::shared_ptr<const runtime::LoadedCode>> load(std::span<const uint8_t> bytes);
  Result<std::shared_ptr<const runtime::LoadedCode>> load_file(const std::string& path);
  // An artifact, as a file would hold it.
  Result<std::vector<uint8_t>> compile(std::span<const uint8_t> wasm);

 private:
  using Code = std::shared_ptr<const runtime::LoadedCode>;

  Result<compiler::Tier*> tier();
  const compiler::Cache* cache();
  compiler::CompileOptions options() const;
  // Compiled code that was handed in, not found in the cache.
  Result<Code> load_artifact(std::span<const uint8_t> bytes);
  Result<Code> find(const Digest& input);
  Result<Code> compile_and_keep(std::span<const uint8_t> wasm, const Digest& input);

  const EngineConfig config_;
  const Result<std::shared_ptr<runtime::Engine>> runtime_;
  std::mutex mutex_;  // of the two that are made when first needed
  std::unique_ptr<compiler::Tier> tier_;
  std::unique_ptr<compiler::Cache> cache_;
  bool has_opened_cache_ = false;
};

}  // namespace tenon
