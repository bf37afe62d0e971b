// A valid core module is printed, flat and folded. Both texts parse to one and the same binary; it
// is valid as the first one is, and prints as it was printed.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "fuzz/mutates_modules.h"
#include "wasm/binary/decode_module.h"
#include "wasm/text/parse_module.h"
#include "wasm/text/print_module.h"
#include "wasm/validate/module.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tenon::wasm;
  constexpr Features features = Features::validated();
  std::span bytes(data, size);
  auto module = decode_module(bytes, 0, features);
  if (!module || !validate_module(*module, features)) return 0;
  auto flat = text::print_module(bytes);
  auto folded = text::print_module(bytes, {.folded = true});
  CHECK(flat.has_value() && folded.has_value());
  auto binary = text::parse_module({"flat.wat", *flat});
  auto binary_of_folded = text::parse_module({"folded.wat", *folded});
  CHECK(binary.has_value() && binary_of_folded.has_value());
  CHECK(*binary == *binary_of_folded);
  auto again = decode_module(*binary, 0, features);
  CHECK(again.has_value());
  CHECK(validate_module(*again, features).has_value());
  auto printed = text::print_module(*binary);
  CHECK(printed.has_value());
  auto kept = text::parse_module({"printed.wat", *printed});
  CHECK(kept.has_value() && *kept == *binary);
  return 0;
}
