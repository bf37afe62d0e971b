#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/report.h"
#include "tenon/engine.h"
#include "tenon/program.h"

// What the commands that compile or run code have in common: their options, the engine, and how a
// file is read.
namespace tenon::cli {

struct EngineOptions {
  EngineConfig config;
  bool cache = true;

  // Flags and keys that set these fields; they refer to this object.
  std::vector<Flag> flags();
  Group optimize_group();
  Group codegen_group();
  // Of a -W group: features of core WebAssembly, by Wasmtime's names.
  std::vector<Key> feature_keys();
  static Group debug_group();
};

// An engine that reports warnings, and progress on a terminal, as long as it lives.
class CommandEngine {
 public:
  explicit CommandEngine(EngineOptions options);
  CommandEngine(const CommandEngine&) = delete;
  CommandEngine& operator=(const CommandEngine&) = delete;
  const Engine& engine() const { return *engine_; }
  // As load_program and compile_program; then nothing of the progress is left on the screen.
  Result<Program> load(const std::string& path);
  Result<std::vector<uint8_t>> compile(const std::string& path);

 private:
  std::unique_ptr<ProgressLine> progress_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace tenon::cli
