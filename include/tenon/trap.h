#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A Trap is how running guest code fails: an instruction that cannot go on, a host function that
// refuses its arguments, or a guest that asks to exit. It is a value; nothing throws.
namespace tenon {

// The numbers are part of the compiled-code contract (docs/contract.md): generated code names a
// cause by the immediate of its trap instruction.
enum class TrapCode : uint8_t {
  unreachable = 1,
  integer_divide_by_zero = 2,
  integer_overflow = 3,
  invalid_conversion_to_integer = 4,
  memory_out_of_bounds = 5,
  table_out_of_bounds = 6,
  undefined_element = 7,  // an index beyond the table of an indirect call
  uninitialized_element = 8,
  indirect_call_type_mismatch = 9,
  null_reference = 10,
  call_stack_exhausted = 11,
  cannot_enter_component = 12,
  cannot_leave_component = 13,
  host = 14,  // raised by a host function; `message` says why
  exit = 15,  // the guest asked to end; `exit_code` holds its status
  interrupted = 16,
  null_function = 17,
  null_structure = 18,
  null_array = 19,
  null_i31 = 20,
  cast_failure = 21,
  array_out_of_bounds = 22,
  heap_exhausted = 23,  // no memory for an object, or an object too large to be one
  unaligned_atomic = 24,
  expected_shared_memory = 25,
  uncaught_exception = 26,  // a guest threw, and nobody up to the host caught it
};
constexpr TrapCode last_trap_code = TrapCode::uncaught_exception;

// The text of the standard's test suite, for instance "integer divide by zero".
std::string_view trap_text(TrapCode code);

struct Frame {
  std::string module;    // from the name section; empty when unknown
  std::string function;  // empty when unknown
  uint32_t function_index = 0;
  std::optional<uint64_t> offset;  // into the outermost binary
  // In a component, the instance that the code is of, as Trap::component; empty, too, where several
  // instances share the code and it is not known which.
  std::vector<std::string> component = {};
  // Of the frame that was entered from outside of its instance: the export that was called.
  std::string called_export = {};
};

// An exception that a guest threw and no guest caught.
class Exception;

struct Trap {
  TrapCode code = TrapCode::unreachable;
  std::string message;        // host: the reason; memory_out_of_bounds: the address;
                              // uninitialized_element: the index; else empty
  int32_t exit_code = 0;      // exit
  std::vector<Frame> frames;  // innermost first, at most max_backtrace_frames
  // Where in a component it happened: the instance, by the names of those around it from the
  // outermost in, without the component that was loaded (whose own code has an empty list); and the
  // export of it that was called.
  std::vector<std::string> component = {};
  std::string called_export = {};
  std::string context = {};  // both as text: "component `main` > `logger`: export `log`"
  // uncaught_exception: what was thrown. A host function that returns the trap throws it again in
  // the guest that called it.
  std::shared_ptr<const Exception> exception = {};

  // In one line, without the frames: "CONTEXT: REASON", and the reason alone ("TEXT: MESSAGE").
  std::string to_string() const;
  std::string reason() const;

  static Trap host(std::string message) { return Trap{TrapCode::host, std::move(message), 0, {}}; }
  static Trap exit(int32_t code) { return Trap{TrapCode::exit, {}, code, {}}; }
};

// What a call into a guest gives.
template <typename T>
using CallResult = std::expected<T, Trap>;

}  // namespace tenon
