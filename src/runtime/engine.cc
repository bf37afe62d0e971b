#include "runtime/engine.h"

#include "os/memory_map.h"
#include "os/signal.h"
#include "runtime/fault.h"

namespace tenon::runtime {

namespace {

// Guarded mode takes 4 GiB of address space for each memory. Where there is not enough for many of
// them, as under `ulimit -v` or with 39-bit addresses, memories are checked.
constexpr uint64_t guarded_address_space = uint64_t{256} << 30;

}  // namespace

Result<std::shared_ptr<Engine>> Engine::create(const EngineConfig& config) {
  TRY_VOID(os::install_fault_function(on_guest_fault));
  EngineConfig complete = config;
  if (!complete.memory_mode) {
    complete.memory_mode = os::can_reserve(guarded_address_space) ? compiler::MemoryMode::guarded
                                                                  : compiler::MemoryMode::checked;
  }
  return std::shared_ptr<Engine>(new Engine(complete));
}

}  // namespace tenon::runtime
