#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "compiler/link/object.h"
#include "compiler/tier.h"

// Cuts modules into chunks and has them compiled on several threads.
namespace tenon::compiler {

// Functions [first, last) of a module.
struct Chunk {
  uint32_t module = 0;
  uint32_t first = 0;
  uint32_t last = 0;
  uint64_t bytes = 0;  // of bodies
};

// In the order of (module, function). Depends on the modules alone.
std::vector<Chunk> cut_into_chunks(const std::vector<ModuleJob>& jobs);

struct CompileLimits {
  uint32_t threads = 0;       // 0: as many as there are processors
  uint64_t seconds = 0;       // of real time; 0: no limit
  uint64_t memory_bytes = 0;  // of the whole process; 0: no limit
};

// Called on the thread that compiles, after each chunk.
using ProgressFunction = std::function<void(uint64_t done_bytes, uint64_t all_bytes)>;

// Compiles all chunks and hands their code to `consume`, on the calling thread and in order. Stops
// at the first error; of several, the one of the earliest chunk is returned.
Result<void> compile_chunks(const std::vector<ModuleJob>& jobs, const std::vector<Chunk>& chunks,
                            Tier& tier, const TierOptions& options, const CompileLimits& limits,
                            const ProgressFunction& progress,
                            const std::function<Result<void>(ObjectCode)>& consume);

}  // namespace tenon::compiler
