#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/program_options.h"
#include "tenon/store.h"
#include "tenon/wasi.h"

// What the command line of `tenon run` says.
namespace tenon::cli {

struct Preload {
  std::string name;
  std::string path;
};

struct RunOptions {
  RunOptions();
  RunOptions(const RunOptions&) = delete;
  RunOptions& operator=(const RunOptions&) = delete;

  // Flags and keys that set these fields; they refer to this object.
  Command command();
  // What follows from all of them, and from the operands: the file, and its arguments.
  Result<void> finish(std::span<const std::string_view> operands);

  EngineOptions engine;
  StoreConfig store;
  wasi::WasiConfig wasi;  // the standard streams are granted without being asked for
  std::string file;
  std::optional<std::string> invoke;
  std::optional<std::string> argv0;
  std::vector<Preload> preloads;
  std::vector<std::string> env;  // NAME or NAME=VALUE
  bool inherit_env = false;
  bool link_wasi = true;
  bool trap_on_unknown_imports = false;
  bool trace_resources = false;

 private:
  std::vector<Flag> flags();
  Group wasm_group();
  Group wasi_group();
};

}  // namespace tenon::cli
