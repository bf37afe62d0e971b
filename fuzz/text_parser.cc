#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/check.h"
#include "fuzz/mutates_texts.h"
#include "wasm/binary/decode_module.h"
#include "wasm/text/parse_module.h"
#include "wasm/text/print_module.h"
#include "wasm/text/script.h"

// Parses text as a script and as a module, and holds the printer to its word: what is printed of a
// module that was text parses to the same bytes. Debugging information only adds to the end.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tenon::wasm;
  text::Source source{"fuzz.wat", std::string_view(reinterpret_cast<const char*>(data), size)};
  if (auto script = text::parse_script(source)) {
    for (const text::ScriptCommand& command : *script) {
      if (command.has_module) (void)text::module_binary(source, command.module);
    }
  }
  auto bytes = text::parse_module(source);
  if (!bytes) return 0;
  auto debug = text::parse_module(source, {.debug_info = text::DebugInfo::full});
  CHECK(debug.has_value());
  CHECK(std::ranges::equal(std::span(*debug).first(bytes->size()), *bytes));
  auto printed = text::print_module(*bytes);
  // A `(module binary ...)` may be anything, and its encodings of any length.
  if (!printed || source.text.find("binary") != std::string_view::npos) return 0;
  auto again = text::parse_module({"printed.wat", *printed});
  CHECK(again.has_value());
  if (source.text.find("(@") == std::string_view::npos) CHECK(*again == *bytes);
  return 0;
}
