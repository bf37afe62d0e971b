#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "compiler/call_facts.h"
#include "compiler/contract.h"
#include "wasm/features.h"
#include "wasm/module.h"

// A tier turns function bodies into machine code for the contract of docs/contract.md. It knows
// nothing of artifacts, threads or running code: a driver cuts modules into chunks, calls the tier
// for each, on as many threads as it likes, and links the objects.
namespace tenon::compiler {

enum class OptLevel : uint8_t { none, light, full };

// How accesses of linear memory are checked: by the guard pages of a 4 GiB reservation, or by a
// comparison with the memory's length.
enum class MemoryMode : uint8_t { guarded, checked };

// Whether accesses fault behind the memory's end: it is at the end of a page of the system, and
// there is a guard. The end of a memory of one-byte pages is always found by a comparison.
constexpr bool has_guard(const wasm::MemoryType& type, MemoryMode mode) {
  return mode == MemoryMode::guarded && type.page_size_log2 == 16;
}

// Whether a module's memory 0 begins behind the header of its vmctx: then code needs no other
// register to reach it. Those that are imported or shared lie elsewhere.
template <typename Memories>
bool follows_header(const Memories& memories, uint32_t imported) {
  return imported == 0 && memories.size() > 0 && !memories.begin()->is_shared;
}

// Everything that decides which bytes a tier makes of a module; all of it is part of an artifact's
// key.
struct TierOptions {
  OptLevel opt_level = OptLevel::full;
  MemoryMode memory_mode = MemoryMode::guarded;
  // Relaxed SIMD as in the standard's deterministic profile, on every processor.
  bool deterministic_relaxed_simd = false;
  // Names that LLVM gives: a processor ("x86-64-v3") and changes to its features
  // ("+avx512f,-sse4a"). Tier::host_cpu fills in those of this machine.
  std::string cpu = "x86-64-v2";
  std::string cpu_features;
};

// A body that may stand in place of a call: it calls nothing but what may stand there in turn, and
// functions that do not return; nothing in it is a safepoint, takes or makes references, or loops.
// Nobody can tell from a trap that it is not a frame of its own (inlining.h).
struct InlineBody {
  const struct ModuleJob* callee = nullptr;  // null: none
  uint32_t module_number = 0;                // of `callee`, as in ChunkInput
  wasm::FuncIndex function;                  // in the index space of `callee`
  uint32_t instructions = 0;                 // with those of what it calls in turn
  uint32_t blocks = 0;                       // that a translation may have
};

// A module to compile, and what is known of the others that are compiled with it. All of it
// outlives the compilation.
struct ModuleJob {
  const wasm::Module* module = nullptr;
  wasm::Features features;
  VmLayout layout;
  // By index of a function that the module's code may call: which body to translate in place of a
  // call. May be shorter than the index space.
  std::vector<InlineBody> inlined = {};
  CallFacts calls = {};
};

// One run of functions of one module. All references outlive the call.
struct ChunkInput {
  const wasm::Module& module;  // checked by validate_module
  wasm::Features features;
  uint32_t module_number = 0;  // M in the symbols wM_F
  uint32_t first_function =
      0;  // defined functions [first, last), by index in the function index space
  uint32_t last_function = 0;
  const VmLayout& layout;
  const TierOptions& options;
  std::span<const InlineBody> inlined;  // ModuleJob::inlined
  const CallFacts& calls;
};

// Bodies larger than this have a chunk of their own. Chunks of many functions should stay below
// `chunk_bytes` of bodies: compilers take more time and memory per byte for larger ones.
constexpr uint32_t lone_function_bytes = 48 * 1024;
constexpr uint32_t chunk_bytes = 128 * 1024;
// What a compiling thread needs: the compiler recurses on what a guest contains.
constexpr uint64_t compile_stack_bytes = uint64_t{256} << 20;

class Tier {
 public:
  virtual ~Tier() = default;

  // An ELF relocatable object (docs/contract.md, section 6). The bodies are validated on the way:
  // an invalid one is the error of the lowest function. May be called from several threads at once,
  // each with compile_stack_bytes of stack. The same input gives the same bytes.
  virtual Result<std::vector<uint8_t>> compile_chunk(const ChunkInput& input) = 0;

  // Checks processor and features, so that an unknown name is one error before any chunk is
  // compiled.
  virtual Result<void> check_options(const TierOptions& options) = 0;

  // Compiler and version; part of an artifact's key.
  virtual std::string identity() const = 0;

  // Sets `cpu` and `cpu_features` to those of this machine.
  virtual void host_cpu(TierOptions& options) const = 0;
};

// The one name that a tier's shared object offers: returns a tier, or null when it was built for
// another version of this interface. The caller deletes it.
constexpr uint32_t tier_interface_version = contract_version << 16 | 2;
using TierEntry = Tier* (*)(uint32_t version);
constexpr const char* tier_entry_name = "tenon_tier";

}  // namespace tenon::compiler
