#include "wasm/validate/function_errors.h"

#include <fmt/format.h>

#include "wasm/binary/names.h"
#include "wasm/validate/subtyping.h"

namespace tenon::wasm {

std::string type_mismatch(ValType expected, ValType found) {
  return fmt::format("type mismatch: expected {}, found {}", to_string(expected), to_string(found));
}

std::string missing_operand(ValType expected) {
  return fmt::format("type mismatch: expected {}, found nothing", to_string(expected));
}

std::string unknown(const char* what, uint64_t index) {
  return fmt::format("unknown {} {}", what, index);
}

std::string too_many(uint64_t count, const char* what, uint64_t limit) {
  return fmt::format("{} {}, at most {} are allowed", count, what, limit);
}

std::string too_many_operands(size_t count) {
  return fmt::format("type mismatch: {} operand{} too many at the end of a block", count,
                     count == 1 ? "" : "s");
}

std::string invalid_lane(uint32_t lane) {
  return fmt::format("invalid lane index {}", lane);
}

std::string wrong_kind(TypeIndex type, const char* wanted) {
  return fmt::format("type mismatch: type {} is no {} type", type.index, wanted);
}

std::string uninitialized_local(uint32_t local) {
  return fmt::format("uninitialized local {}", local);
}

std::string describe_function(const Module& module, FuncIndex function) {
  std::string_view name = Names(module).function(function);
  if (name.empty()) return fmt::format("func {}", function.index);
  return fmt::format("func {} (`{}`)", function.index, name);
}

}  // namespace tenon::wasm
