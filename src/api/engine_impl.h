#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/loader.h"
#include "compiler/tier.h"
#include "runtime/engine.h"
#include "runtime/module.h"
#include "tenon/engine.h"

// What is behind tenon::Engine: the runtime's engine, and the compiler with its cache, which are
// opened when first needed. Threads share it.
namespace tenon {

class Engine::Impl {
 public:
  explicit Impl(const EngineConfig& config);

  const EngineConfig& config() const { return config_; }
  // Making an engine cannot fail; using it can.
  const Result<std::shared_ptr<runtime::Engine>>& runtime() const { return runtime_; }

  // Code ready to run, of a core module or a component, or of either compiled ahead of time. The
  // path "-" is standard input; errors name the path.
  Result<std::shared_ptr<const runtime::LoadedCode>> load(std::span<const uint8_t> bytes);
  Result<std::shared_ptr<const runtime::LoadedCode>> load_file(const std::string& path);
  // An artifact, as a file would hold it.
  Result<std::vector<uint8_t>> compile(std::span<const uint8_t> wasm);
  Result<std::vector<uint8_t>> compile_file(const std::string& path);

 private:
  Result<compiler::Loader*> loader();
  Result<compiler::Tier*> tier();

  const EngineConfig config_;
  const Result<std::shared_ptr<runtime::Engine>> runtime_;
  std::mutex mutex_;  // of the two that are made when first needed
  std::optional<compiler::Loader> loader_;
  std::unique_ptr<compiler::Tier> tier_;
};

}  // namespace tenon
