// Any bytes as an artifact: they open without harm or not at all. Seeds are modules and components,
// which mutation turns into their artifacts.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "compiler/artifact/artifact.h"
#include "compiler/artifact/test_touch.h"
#include "compiler/compile.h"
#include "compiler/test_tier.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tenon::compiler;
  auto artifact = Artifact::open(std::span(data, size));
  if (artifact) test::touch(**artifact);
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned) {
  using namespace tenon::compiler;
  if (size >= 4 && std::memcmp(data, "\0asm", 4) == 0) {
    test::FakeTier tier;
    CompileOptions options;
    options.limits.threads = 1;
    auto artifact = compile(std::span(data, size), tier, options);
    if (artifact && artifact->size() <= max_size) {
      std::memcpy(data, artifact->data(), artifact->size());
      return artifact->size();
    }
  }
  return LLVMFuzzerMutate(data, size, max_size);
}
