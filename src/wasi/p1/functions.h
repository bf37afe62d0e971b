#pragma once

#include <span>
#include <string_view>

#include "tenon/abi/core_call.h"
#include "wasi/p1/process.h"

// wasi_snapshot_preview1 as a table, for a linker of core modules.
namespace tenon::wasi::p1 {

constexpr std::string_view module_name = "wasi_snapshot_preview1";

struct Function {
  std::string_view name;
  abi::FlatTypes params;
  bool has_result;  // an errno, as i32; only proc_exit has none
  // Reads the arguments from `call` and leaves the result there. Where `guest` holds a trap
  // afterwards, the call ends with it.
  void (*run)(Process& process, Guest& guest, abi::CoreCall& call);
};

std::span<const Function> functions();

}  // namespace tenon::wasi::p1
