#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"

// Everything that a guest is granted. A default WasiConfig grants nothing but clocks and random
// bytes: no arguments, no environment, no files; input is empty and output is dropped.
namespace tenon::wasi {

struct PreopenedDirectory {
  std::string host_path;
  std::string guest_path;
  bool read_only = false;
};

struct WasiConfig {
  std::vector<std::string> args;  // the program's name first
  std::vector<std::pair<std::string, std::string>> env;
  std::vector<PreopenedDirectory> directories;
  // The standard streams of this process.
  bool inherit_stdin = false;
  bool inherit_stdout = false;
  bool inherit_stderr = false;
  // What wasi:cli/environment.initial-cwd answers; it grants nothing.
  std::optional<std::string> cwd;

  uint32_t max_resources = limits::max_resources;
  uint64_t max_random_bytes = limits::max_random_bytes;  // asked for by one call
  uint64_t max_host_call_bytes =
      limits::max_host_call_bytes;  // copied out of the guest by one call
};

}  // namespace tenon::wasi
