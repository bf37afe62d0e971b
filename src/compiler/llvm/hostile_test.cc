#include "compiler/tier.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <time.h>

#include <memory>

#include <fmt/format.h>

#include "compiler/compile.h"
#include "compiler/llvm/hostile_modules.h"

extern "C" tenon::compiler::Tier* tenon_tier(uint32_t version);

namespace tenon::compiler::llvm_tier {
namespace {

// For one module at one level; on a machine of 2026 none takes more than a few seconds.
constexpr double max_cpu_seconds = 60;
constexpr long max_megabytes = 4096;

double cpu_seconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

long peak_megabytes() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

TEST_CASE("no function takes a compiler long, or breaks it") {
  std::unique_ptr<Tier> tier(tenon_tier(tier_interface_version));
  CompileOptions options;
  options.limits.threads = 1;
  for (const HostileModule& module : HostileWriter(1).all()) {
    for (OptLevel level : {OptLevel::none, OptLevel::light, OptLevel::full}) {
      options.tier.opt_level = level;
      double start = cpu_seconds();
      auto artifact = compile(module.bytes, *tier, options);
      double taken = cpu_seconds() - start;
      std::string what =
          fmt::format("{} ({} KB) at level {}: {:.1f} s, {} MB so far", module.name,
                      module.bytes.size() / 1000, static_cast<int>(level), taken, peak_megabytes());
      INFO(what);
      if (!artifact) FAIL_CHECK(artifact.error().to_string());
      CHECK(taken < max_cpu_seconds);
      CHECK(peak_megabytes() < max_megabytes);
    }
  }
}

}  // namespace
}  // namespace tenon::compiler::llvm_tier
