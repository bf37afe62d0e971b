#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "fuzz/mutates_modules.h"
#include "wasm/binary/decode_module.h"
#include "wasm/binary/names.h"
#include "wasm/validate/checking_sink.h"
#include "wasm/validate/function.h"
#include "wasm/validate/module.h"

// Decodes and validates a core module, and holds the body walker to its contract.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tenon::wasm;
  constexpr Features features = Features::validated();
  auto module = decode_module(std::span(data, size), 0, features);
  if (!module) return 0;
  Names names(*module);
  if (!validate_declarations(*module, features)) return 0;
  bool walked = true;
  for (size_t i = module->imported_functions; i < module->functions.size() && walked; ++i) {
    CheckingSink sink(*module);
    walked = walk_function(*module, features, FuncIndex(i), sink).has_value();
    (void)names.function(FuncIndex(i));
  }
  CHECK(walked == validate_module(*module, features).has_value());
  return 0;
}
