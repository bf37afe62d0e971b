#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.h"
#include "compiler/tier.h"
#include "os/guest_stack.h"
#include "os/memory_map.h"
#include "runtime/type_registry.h"

// What stores share: types, stacks and how memories are laid out. Any number of threads may use it;
// it lives as long as the last module or store of it.
namespace tenon::runtime {

struct EngineConfig {
  // Not given: guarded where there is address space for it.
  std::optional<compiler::MemoryMode> memory_mode;
  uint64_t stack_size = 2 << 20;  // bytes for guest code, per store
  // Checked mode: how much a memory without a smaller maximum may grow to, where there is that
  // much.
  uint64_t checked_reservation = uint64_t{1} << 30;
  // How much a 64-bit memory may grow to; guarded mode reserves it. The default is what browsers
  // allow.
  uint64_t memory64_reservation = uint64_t{16} << 30;
  // A memory of at least so many bytes may be backed by huge pages; 0: none.
  uint64_t huge_pages_from = 4 << 20;
};

class Engine {
 public:
  // The first engine installs the process's handlers for guest faults (os/signal.h).
  static Result<std::shared_ptr<Engine>> create(const EngineConfig& config = {});

  const EngineConfig& config() const { return config_; }
  compiler::MemoryMode memory_mode() const { return *config_.memory_mode; }
  TypeRegistry& types() { return *types_; }
  os::GuestStackPool& stacks() { return stacks_; }
  // The `heap_base` of stores without a heap.
  uint8_t* null_guard() const { return null_guard_.data(); }
  // Address space for something that grows: `wanted` bytes, or fewer but at least `min` where there
  // is not much of it.
  Result<os::MemoryMap> reserve(uint64_t min, uint64_t wanted) const;

 private:
  Engine(const EngineConfig& config, std::unique_ptr<TypeRegistry> types, os::MemoryMap null_guard)
      : config_(config),
        types_(std::move(types)),
        null_guard_(std::move(null_guard)),
        stacks_(config.stack_size) {}

  const EngineConfig config_;
  const std::unique_ptr<TypeRegistry> types_;
  const os::MemoryMap null_guard_;
  os::GuestStackPool stacks_;
};

}  // namespace tenon::runtime
