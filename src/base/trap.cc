#include "tenon/trap.h"

namespace tenon {

std::string_view trap_text(TrapCode code) {
  switch (code) {
    case TrapCode::unreachable: return "unreachable";
    case TrapCode::integer_divide_by_zero: return "integer divide by zero";
    case TrapCode::integer_overflow: return "integer overflow";
    case TrapCode::invalid_conversion_to_integer: return "invalid conversion to integer";
    case TrapCode::memory_out_of_bounds: return "out of bounds memory access";
    case TrapCode::table_out_of_bounds: return "out of bounds table access";
    case TrapCode::undefined_element: return "undefined element";
    case TrapCode::uninitialized_element: return "uninitialized element";
    case TrapCode::indirect_call_type_mismatch: return "indirect call type mismatch";
    case TrapCode::null_reference: return "null reference";
    case TrapCode::call_stack_exhausted: return "call stack exhausted";
    case TrapCode::cannot_enter_component: return "cannot enter component instance";
    case TrapCode::cannot_leave_component: return "cannot leave component instance";
    case TrapCode::host: return "host function failed";
    case TrapCode::exit: return "exit";
    case TrapCode::interrupted: return "interrupted";
    case TrapCode::null_function: return "null function reference";
    case TrapCode::null_structure: return "null structure reference";
    case TrapCode::null_array: return "null array reference";
    case TrapCode::null_i31: return "null i31 reference";
    case TrapCode::cast_failure: return "cast failure";
    case TrapCode::array_out_of_bounds: return "out of bounds array access";
    case TrapCode::heap_exhausted: return "GC heap out of memory";
    case TrapCode::unaligned_atomic: return "unaligned atomic";
    case TrapCode::expected_shared_memory: return "expected shared memory";
    case TrapCode::uncaught_exception: return "uncaught exception";
  }
  return "unknown trap";
}

std::string Trap::to_string() const {
  return context.empty() ? reason() : context + ": " + reason();
}

std::string Trap::reason() const {
  if (code == TrapCode::exit) return "the guest exited with status " + std::to_string(exit_code);
  if (code == TrapCode::host) return message;
  std::string text(trap_text(code));
  if (message.empty()) return text;
  return text + (code == TrapCode::uninitialized_element ? " " : ": ") + message;
}

}  // namespace tenon
