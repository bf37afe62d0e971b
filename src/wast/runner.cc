#include "wast/runner.h"

#include "wast/script.h"

namespace tenon::wast {

void Report::add(const Report& other) {
  passed += other.passed;
  failed += other.failed;
  skipped += other.skipped;
  problems.insert(problems.end(), other.problems.begin(), other.problems.end());
}

Result<Report> run_script(const wasm::text::Source& source,
                          const std::shared_ptr<runtime::Engine>& engine, compiler::Tier& tier,
                          const RunnerOptions& options) {
  auto commands = TRY(wasm::text::parse_script(source));
  Script script(source, engine, tier, options);
  TRY_VOID(script.start());
  for (const auto& command : commands) script.run(command);
  return script.take_report();
}

}  // namespace tenon::wast
