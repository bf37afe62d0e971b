#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tenon/error.h"

// WASI: preview 1 for core modules, 0.2 for components. A linker learns the functions once; what
// they may do is said for each store.
//
//   wasi::add_to_linker(linker);
//   wasi::attach(store, {.args = {"hello", "one"}, .inherit_stdout = true});
namespace tenon {

class Linker;
class ModuleLinker;
class Store;

namespace wasi {

struct PreopenedDirectory {
  std::string host_path;
  std::string guest_path;
  bool read_only = false;
};

// Everything that a guest is granted. A default WasiConfig grants nothing but clocks and random
// bytes: no arguments, no environment, no files; input is empty and output is dropped.
struct WasiConfig {
  std::vector<std::string> args = {};  // the program's name first
  std::vector<std::pair<std::string, std::string>> env = {};
  std::vector<PreopenedDirectory> directories = {};
  // The standard streams of this process.
  bool inherit_stdin = false;
  bool inherit_stdout = false;
  bool inherit_stderr = false;
  // What wasi:cli/environment.initial-cwd answers; it grants nothing.
  std::optional<std::string> cwd = {};

  uint32_t max_resources = 1'000'000;
  uint64_t max_random_bytes = uint64_t{64} << 20;      // asked for by one call
  uint64_t max_host_call_bytes = uint64_t{128} << 20;  // copied out of the guest by one call
};

// Defines the interfaces of WASI 0.2.
void add_to_linker(Linker& linker);
// Defines wasi_snapshot_preview1.
void add_to_linker(ModuleLinker& linker);

// Opens what `config` grants and gives it to the guests of `store`. Functions of WASI trap in a
// store without.
Result<void> attach(Store& store, WasiConfig config);

}  // namespace wasi
}  // namespace tenon
