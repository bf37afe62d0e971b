#include "runtime/fault.h"

#include "runtime/code_registry.h"
#include "runtime/module.h"
#include "runtime/store.h"

namespace tenon::runtime {

namespace {

// The trap code at a trap site: `ud1l CODE(%eax), %eax`.
std::optional<TrapCode> trap_site_code(const uint8_t* pc, const CodeRange& range) {
  std::span<const uint8_t> text = range.code->artifact().text();
  size_t offset = static_cast<size_t>(pc - text.data());
  if (text.size() - offset < 5) return std::nullopt;
  if (pc[0] != 0x67 || pc[1] != 0x0f || pc[2] != 0xb9 || pc[3] != 0x40) return std::nullopt;
  if (pc[4] == 0 || pc[4] > static_cast<uint8_t>(last_trap_code)) return std::nullopt;
  return static_cast<TrapCode>(pc[4]);
}

// Fields of structs are read and written through null; arrays and the like are checked by code.
bool is_null_access(Store& store, const void* address) {
  uintptr_t offset =
      reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(store.context().heap_base);
  return offset < compiler::null_guard_size;
}

}  // namespace

bool on_guest_fault(const os::Fault& fault) {
  const os::CallState& state = *fault.state;
  Store& store = Store::of(reinterpret_cast<compiler::StoreContext*>(fault.state));
  RawTrap& trap = store.raw_trap_;
  if (fault.kind == os::FaultKind::stack_exhausted) {
    trap = RawTrap{};
    trap.code = TrapCode::call_stack_exhausted;
    walk_from_exit(state, store.current_stack(), trap);
    return true;
  }
  // While C++ runs for the guest, a fault is a bug of the C++.
  if (state.exit_pc != nullptr) return false;
  CodeRange range = find_code(fault.pc);
  Registers registers{fault.pc, fault.sp, fault.fp};
  std::optional<TrapCode> code;
  const Memory* memory = nullptr;
  switch (fault.kind) {
    case os::FaultKind::illegal_instruction:
      if (range.code != nullptr) code = trap_site_code(fault.pc, range);
      break;
    case os::FaultKind::memory:
    case os::FaultKind::image:
      // The C library's memmove and memset, called by the guest directly, may be the ones to hit
      // the guard.
      if (store.current_stack().in_guard(fault.address)) {
        code = TrapCode::call_stack_exhausted;
      } else if (range.code != nullptr) {
        memory = store.memory_reserving(fault.address);
        if (memory != nullptr)
          code = TrapCode::memory_out_of_bounds;
        else if (is_null_access(store, fault.address))
          code = TrapCode::null_structure;
      }
      break;
    case os::FaultKind::stack_exhausted: break;
  }
  if (!code) return false;
  trap = RawTrap{};
  trap.code = *code;
  if (memory != nullptr) {
    trap.has_address = true;
    trap.is_image_fault = fault.kind == os::FaultKind::image;
    trap.address =
        static_cast<uint64_t>(static_cast<const uint8_t*>(fault.address) - memory->base());
    trap.memory_length = memory->byte_length();
  }
  walk_from_fault(state, store.current_stack(), registers, trap);
  return true;
}

}  // namespace tenon::runtime
