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
};

// An engine that reports warnings, and progress on a terminal, as long as it lives.
class CommandEngine {
 public:
  explicit CommandEngine(EngineOptions options);
  CommandEngine(const CommandEngine&) = delete;
  CommandEngine& operator=(const CommandEngine&) = delete;
  const Engine& engine() const { return *engine_; }
  // Reads `path`, or standard input for `-`.
  Result<Program> load(const std::string& path);
  void finish_progress() { progress_.reset(); }

 private:
  std::unique_ptr<ProgressLine> progress_;
  std::unique_ptr<Engine> engine_;
};

// The whole of a file, or of standard input for `-`, up to the size limit of modules.
Result<std::vector<uint8_t>> read_input(const std::string& path);

}  // namespace tenon::cli
