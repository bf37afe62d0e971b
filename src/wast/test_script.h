#pragma once

#include <string>
#include <string_view>

#include "compiler/tier_loader.h"
#include "wast/runner.h"

// Last: it takes the name CHECK over.
#include <doctest/doctest.h>

// For tests: scripts that have to hold, with the first and the last level of optimization.
namespace tenon::wast::test {

inline void check_holds(std::string_view text, const RunnerOptions& options) {
  static auto tier = compiler::load_llvm_tier();
  static auto engine = runtime::Engine::create();
  if (!tier) return;
  REQUIRE(engine.has_value());
  auto report = run_script({"test.wast", text}, *engine, **tier, options);
  if (!report) FAIL(report.error().to_string());
  for (const Problem& problem : report->problems) FAIL_CHECK(problem.message);
  CHECK(report->passed > 0);
}

constexpr compiler::OptLevel levels[] = {compiler::OptLevel::none, compiler::OptLevel::full};

inline std::string repeated(size_t count, std::string_view text) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace tenon::wast::test
