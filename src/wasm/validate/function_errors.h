#pragma once

#include <string>

#include "wasm/module.h"

// The texts of what can be wrong with a body, kept out of the walker's template.
namespace tenon::wasm {

[[gnu::cold]] std::string type_mismatch(ValType expected, ValType found);
[[gnu::cold]] std::string missing_operand(ValType expected);
[[gnu::cold]] std::string unknown(const char* what, uint64_t index);
[[gnu::cold]] std::string too_many(uint64_t count, const char* what, uint64_t limit);
[[gnu::cold]] std::string too_many_operands(size_t count);
[[gnu::cold]] std::string invalid_lane(uint32_t lane);
[[gnu::cold]] std::string wrong_kind(TypeIndex type, const char* wanted);
[[gnu::cold]] std::string uninitialized_local(uint32_t local);
// "func 17 (`memcpy`)", the name where the name section has one.
[[gnu::cold]] std::string describe_function(const Module& module, FuncIndex function);

}  // namespace tenon::wasm
