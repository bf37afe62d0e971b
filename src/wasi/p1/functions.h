#pragma once

#include <span>
#include <string_view>

#include "tenon/abi/flatten.h"
#include "wasi/p1/process.h"

// wasi_snapshot_preview1 as a table, for a linker of core modules.
namespace tenon::wasi::p1 {

constexpr std::string_view module_name = "wasi_snapshot_preview1";

struct Function {
  std::string_view name;
  abi::FlatTypes params;
  bool has_result;  // an errno, as i32; only proc_exit has none
  // `params` hold a core value each, an i32 in the low half. The result, 0 for success, is
  // meaningless where `guest` holds a trap afterwards.
  uint32_t (*call)(Process& process, Guest& guest, const uint64_t* params);
};

std::span<const Function> functions();

}  // namespace tenon::wasi::p1
