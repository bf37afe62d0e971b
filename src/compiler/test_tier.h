#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "compiler/link/test_object.h"
#include "compiler/tier.h"

// For tests: a tier that makes of each function `mov eax, M << 16 | F; ret`, after calls of the
// functions before and behind it.
namespace tenon::compiler::test {

class FakeTier : public Tier {
 public:
  Result<std::vector<uint8_t>> compile_chunk(const ChunkInput& input) override {
    chunks++;
    ObjectBuilder builder;
    for (uint32_t f = input.first_function; f < input.last_function; f++) {
      if (f == fail_at) return fail(ErrorCode::compile, "function " + std::to_string(f));
      Function function{{input.module_number, f}, {}, {}, {}, {}};
      for (uint32_t other : {f - 1, f + 1}) {
        if (other < input.module.imported_functions || other >= input.module.functions.size())
          continue;
        function.references.push_back({static_cast<uint32_t>(function.code.size()) + 1,
                                       true,
                                       {input.module_number, other},
                                       -4});
        function.code.insert(function.code.end(), {0xe8, 0, 0, 0, 0});
      }
      uint32_t value = input.module_number << 16 | f;
      function.code.push_back(0xb8);
      append(function.code, value);
      function.code.push_back(0xc3);
      function.positions = {static_cast<uint32_t>(input.module.body(wasm::FuncIndex(f)).offset) +
                            1};
      builder.add(function);
    }
    return builder.finish();
  }
  Result<void> check_options(const TierOptions& options) override {
    if (options.cpu == "unknown") return fail(ErrorCode::usage, "unknown processor");
    return {};
  }
  std::string identity() const override { return "fake"; }
  void host_cpu(TierOptions& options) const override { options.cpu = "x86-64"; }

  std::atomic<int> chunks = 0;
  uint32_t fail_at = 0xffffffff;
};

}  // namespace tenon::compiler::test
