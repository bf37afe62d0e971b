#include <fmt/format.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "cli/commands.h"
#include "cli/features_option.h"
#include "cli/report.h"
#include "compiler/tier_loader.h"
#include "os/input.h"
#include "wast/runner.h"

namespace tenon::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  wast::RunnerOptions runner;
  uint64_t opt_level = 0;
  uint64_t threads = 0;
  std::string gc_stress;
  bool summary = false;
};

// What several files give, each at its place.
class Runs {
 public:
  explicit Runs(const Options& options) : options_(options), reports_(options.files.size()) {}

  Result<void> start() {
    engine_ = TRY(runtime::Engine::create());
    tier_ = TRY(compiler::load_llvm_tier());
    return {};
  }

  // Files are taken by whichever thread is free.
  void run() {
    std::vector<std::thread> threads;
    uint64_t count = options_.threads != 0 ? options_.threads : std::thread::hardware_concurrency();
    for (uint64_t i = 1; i < std::min<uint64_t>(count, reports_.size()); ++i)
      threads.emplace_back([this] { work(); });
    work();
    for (std::thread& thread : threads) thread.join();
  }

  int print() const {
    wast::Report all;
    bool broken = false;
    for (size_t i = 0; i < reports_.size(); ++i) {
      if (*reports_[i]) {
        print_report(options_.files[i], **reports_[i]);
        all.add(**reports_[i]);
      } else {
        print_error((*reports_[i]).error());
        broken = true;
      }
    }
    if (reports_.size() > 1)
      fmt::print("{} files: {} passed, {} failed, {} skipped\n", reports_.size(), all.passed,
                 all.failed, all.skipped);
    return broken || all.failed != 0 ? exit_failure : 0;
  }

 private:
  void work() {
    for (size_t i; (i = next_++) < reports_.size();) reports_[i] = run_file(options_.files[i]);
  }

  Result<wast::Report> run_file(const std::string& path) {
    auto bytes = TRY(os::read_input(path));
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return wast::run_script({path, text}, engine_, *tier_, options_.runner);
  }

  void print_report(const std::string& path, const wast::Report& report) const {
    if (!options_.summary || report.failed != 0)
      fmt::print("{}: {} passed, {} failed, {} skipped\n", path, report.passed, report.failed,
                 report.skipped);
    for (const wast::Problem& problem : report.problems) {
      bool is_failure = problem.kind == wast::Problem::Kind::failed;
      if (options_.summary && !is_failure) continue;
      fmt::print("  {}:{}:{}: {}{}\n", path, problem.position.line, problem.position.column,
                 is_failure ? "" : "skipped: ", problem.message);
    }
  }

  const Options& options_;
  std::shared_ptr<runtime::Engine> engine_;
  std::unique_ptr<compiler::Tier> tier_;
  std::vector<std::optional<Result<wast::Report>>> reports_;
  std::atomic<size_t> next_ = 0;
};

Result<runtime::HeapConfig::Stress> stress(std::string_view name) {
  using Stress = runtime::HeapConfig::Stress;
  if (name.empty()) return Stress::none;
  if (name == "collect") return Stress::collect;
  if (name == "step") return Stress::step;
  return std::unexpected(
      Error(ErrorCode::usage, fmt::format("--gc-stress is collect or step, not `{}`", name))
          .hint("see `tenon wast --help`"));
}

Result<int> run_scripts(const Options& options) {
  Runs runs(options);
  TRY_VOID(runs.start());
  runs.run();
  return runs.print();
}

}  // namespace

int wast_command(std::span<const std::string_view> arguments) {
  Options options;
  Command command{
      .name = "wast",
      .operands = "[OPTIONS] FILE...",
      .summary = "Runs test scripts (`.wast`) and prints how many assertions held.",
      .flags = {features_flag("-f, --features", options.runner.features),
                {"--opt-level", "0|1|2", "how much to optimize what is compiled (default: 0)",
                 set_number(options.opt_level)},
                {"--gc-stress", "collect|step",
                 "collect garbage, or a step further, at every allocation",
                 set_string(options.gc_stress)},
                {"--lenient-indices", "",
                 "let references to core items of a component lack the word `core`",
                 set_true(options.runner.lenient_indices)},
                {"--validate-only", "",
                 "validate modules and components without running them; assertions about what they "
                 "do are skipped",
                 set_true(options.runner.validate_only)},
                {"-j, --threads", "N", "files to run at the same time (default: one per processor)",
                 set_number(options.threads)},
                {"--summary", "", "print failures and the sum only", set_true(options.summary)}},
      .groups = {},
      .epilogue =
          "The exit status is 1 when an assertion failed. Features are those of the "
          "standard unless --features says otherwise. Modules of scripts can import `spectest` and "
          "`wasmtime`'s `gc`, components the instance `host`, the function `gc` of `wasmtime`, and "
          "the core modules of instances that have a name.\n",
      .flags_behind_operands = true};
  auto accept = [&](Operands operands) -> Result<void> {
    if (operands.empty()) {
      return std::unexpected(
          Error(ErrorCode::usage, "expected a script").hint("see `tenon wast --help`"));
    }
    if (options.opt_level > 2) {
      return fail(ErrorCode::usage,
                  fmt::format("there is no optimization level {}", options.opt_level));
    }
    options.runner.heap.stress = TRY(stress(options.gc_stress));
    options.runner.opt_level = static_cast<compiler::OptLevel>(options.opt_level);
    options.files.assign(operands.begin(), operands.end());
    return {};
  };
  return perform(command, arguments, accept, [&] { return run_scripts(options); });
}

}  // namespace tenon::cli
