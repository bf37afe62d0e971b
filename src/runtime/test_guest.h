#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiler/compile.h"
#include "compiler/tier_loader.h"
#include "runtime/call.h"
#include "runtime/host_function.h"
#include "runtime/linker.h"
#include "runtime/module.h"
#include "runtime/store.h"
#include "wasm/binary/encode.h"

// For tests: modules through the optimizing tier into a store.
namespace tenon::runtime {

// Null where this build has no compiler.
inline compiler::Tier* test_tier() {
  static Result<std::unique_ptr<compiler::Tier>> tier = compiler::load_llvm_tier();
  return tier ? tier->get() : nullptr;
}

// A module as binary or text.
inline Result<std::shared_ptr<const LoadedCode>> load_guest(
    const std::shared_ptr<Engine>& engine, std::span<const uint8_t> module,
    compiler::OptLevel level = compiler::OptLevel::full) {
  compiler::CompileOptions options;
  options.tier.memory_mode = engine->memory_mode();
  options.tier.opt_level = level;
  options.limits.threads = 1;
  options.features = wasm::Features::compiled();
  std::vector<uint8_t> bytes = TRY(compiler::compile(module, *test_tier(), options));
  auto artifact = TRY(compiler::Artifact::open(bytes));
  return LoadedCode::load(engine, std::move(artifact));
}

inline Result<std::shared_ptr<const LoadedCode>> load_guest(
    const std::shared_ptr<Engine>& engine, const wasm::ModuleBuilder& module,
    compiler::OptLevel level = compiler::OptLevel::full) {
  return load_guest(engine, module.finish(), level);
}

}  // namespace tenon::runtime
