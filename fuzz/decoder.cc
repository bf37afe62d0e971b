// Any bytes as a core module: decoded, listed, stripped and described. What one command accepts the
// others have to accept, and a stripped module is the same to the decoder.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "fuzz/mutates_modules.h"
#include "toolchain/dump.h"
#include "toolchain/metadata.h"
#include "toolchain/objdump.h"
#include "toolchain/strip.h"
#include "wasm/binary/branch_hints.h"
#include "wasm/binary/decode_module.h"
#include "wasm/binary/names.h"

namespace {

using namespace tenon;

void check_stripped(std::span<const uint8_t> bytes, bool decodes) {
  auto stripped = toolchain::strip(bytes, [](std::string_view) { return true; });
  if (!stripped) return CHECK(!decodes);
  CHECK(stripped->size() <= bytes.size());
  auto module = wasm::decode_module(*stripped, 0, wasm::Features::validated());
  CHECK(module.has_value() || !decodes);
  if (module) CHECK(module->customs.empty());
}

void check_described(std::span<const uint8_t> bytes, bool decodes) {
  CHECK(toolchain::objdump(bytes).has_value() || !decodes);
  (void)toolchain::dump(bytes);
  auto metadata = toolchain::read_metadata(bytes);
  if (!metadata) return;
  toolchain::MetadataEdit edit;
  edit.name.set = "n";
  edit.producers = {{"sdk", {{"s", "1"}}}};
  auto edited = toolchain::edit_metadata(bytes, edit);
  if (!edited) return;
  auto again = toolchain::read_metadata(*edited);
  CHECK(again.has_value() && again->name == "n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::span bytes(data, size);
  auto module = wasm::decode_module(bytes, 0, wasm::Features::validated());
  if (module) {
    wasm::Names names(*module);
    wasm::BranchHints hints(*module);
  }
  check_stripped(bytes, module.has_value());
  check_described(bytes, module.has_value());
  return 0;
}
