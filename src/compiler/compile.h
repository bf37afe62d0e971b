#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "compiler/chunks.h"
#include "compiler/tier.h"
#include "wasm/features.h"

// From a binary to an artifact: decode, validate, plan, compile, link. The same input and options
// give the same bytes, whatever the number of threads.
namespace tenon::compiler {

// What compiling may take before it ends with an error. How far a single function can go is up to
// the tier.
constexpr uint64_t max_compile_seconds = 3600;
constexpr uint64_t max_compile_memory = uint64_t{8} << 30;

struct CompileOptions {
  TierOptions tier;
  bool native_cpu = true;  // for the processor of this machine, instead of the one in `tier`
  wasm::Features features = wasm::Features::defaults();
  CompileLimits limits{
      .threads = 0, .seconds = max_compile_seconds, .memory_bytes = max_compile_memory};
  std::string name = "the input";  // what messages about a text call it
  Digest key{};                    // goes into the artifact (cache/key.h)
  ProgressFunction progress;       // on the calling thread; may be empty
};

// `wasm` is a core module, as binary or text, or a component. Features that tiers do not compile
// are off. The artifact is not signed (artifact/writer.h).
Result<std::vector<uint8_t>> compile(std::span<const uint8_t> wasm, Tier& tier,
                                     const CompileOptions& options);

}  // namespace tenon::compiler
