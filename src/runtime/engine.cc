#include "runtime/engine.h"

#include <algorithm>

#include "base/limits.h"
#include "os/memory_map.h"
#include "os/signal.h"
#include "runtime/fault.h"

namespace tenon::runtime {

namespace {

// Guarded mode takes 4 GiB of address space for each memory. Where there is not enough for many of
// them, as under `ulimit -v` or with 39-bit addresses, memories are checked.
constexpr uint64_t guarded_address_space = uint64_t{256} << 30;

// How many types an engine can know.
constexpr uint32_t max_types_guarded = 1 << 22;
constexpr uint32_t max_types_checked = 1 << 20;
static_assert(max_types_checked >= limits::max_types);

}  // namespace

Result<std::shared_ptr<Engine>> Engine::create(const EngineConfig& config) {
  TRY_VOID(os::install_fault_function(on_guest_fault));
  EngineConfig complete = config;
  if (!complete.memory_mode) {
    complete.memory_mode = os::can_reserve(guarded_address_space) ? compiler::MemoryMode::guarded
                                                                  : compiler::MemoryMode::checked;
  }
  bool guarded = *complete.memory_mode == compiler::MemoryMode::guarded;
  std::unique_ptr<TypeRegistry> types =
      TRY(TypeRegistry::create(guarded ? max_types_guarded : max_types_checked));
  os::MemoryMap null_guard = TRY(os::MemoryMap::reserve(compiler::null_guard_size));
  return std::shared_ptr<Engine>(new Engine(complete, std::move(types), std::move(null_guard)));
}

Result<os::MemoryMap> Engine::reserve(uint64_t min, uint64_t wanted) const {
  uint64_t least = std::max(min, os::page_size());
  if (memory_mode() == compiler::MemoryMode::guarded)
    return os::MemoryMap::reserve(std::max(least, wanted));
  // Half of what is free stays for everything else.
  for (uint64_t size = wanted; size > least; size /= 2) {
    if (!os::can_reserve(2 * size)) continue;
    auto map = os::MemoryMap::reserve(size);
    if (map) return map;
  }
  return os::MemoryMap::reserve(least);
}

}  // namespace tenon::runtime
