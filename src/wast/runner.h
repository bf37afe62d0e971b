#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/tier.h"
#include "runtime/engine.h"
#include "runtime/gc/heap.h"
#include "wasm/features.h"
#include "wasm/text/source.h"

// Runs test scripts (`.wast`): every command in order, modules compiled one by one as their turn
// comes, all in one store. In goes a script's text, out comes a report: how many assertions held,
// and what is to be said of those that did not. A command that fails does not end the script. What
// can fail as a whole is the script's own syntax.
//
// An assertion that cannot be judged, because a module before it uses what the compiler does not
// have yet, is counted as skipped, with the reason.
namespace tenon::wast {

struct RunnerOptions {
  wasm::Features features = wasm::Features::standard();
  compiler::OptLevel opt_level = compiler::OptLevel::none;
  bool lenient_indices = false;  // component::text::ParseOptions
  bool validate_only = false;    // instantiate nothing; what would have to run is skipped
  runtime::HeapConfig heap = {.marking = runtime::HeapConfig::Marking::in_steps};
};

struct Problem {
  enum class Kind : uint8_t { failed, skipped };
  Kind kind = Kind::failed;
  wasm::text::Position position;  // of the command
  std::string message;
};

struct Report {
  uint32_t passed = 0;
  uint32_t failed = 0;
  uint32_t skipped = 0;
  std::vector<Problem> problems;  // in order; those that skip name a reason once

  void add(const Report& other);
};

// `tier` may serve several runs at the same time.
Result<Report> run_script(const wasm::text::Source& source,
                          const std::shared_ptr<runtime::Engine>& engine, compiler::Tier& tier,
                          const RunnerOptions& options);

}  // namespace tenon::wast
