#pragma once

#include "compiler/contract.h"
#include "wasm/types.h"

// What generated code calls (docs/contract.md, sections 2 and 5).
namespace tenon::runtime {

// For VmHeader::builtins, and for CallState::builtins: the C++ functions behind the stubs.
const void* const* builtin_stubs();
const void* const* builtin_functions();

// The `code` of a host function of this type.
const void* host_call_entry(const wasm::FuncType& type);

}  // namespace tenon::runtime
