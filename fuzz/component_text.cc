#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "component/text/parse_component.h"
#include "component/text/print_component.h"
#include "fuzz/mutates_texts.h"

// Parses text as a component, and holds the printer to its word: what is printed of a component
// that was text parses to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tenon::component::text;
  tenon::wasm::text::Source source{"fuzz.wat",
                                   std::string_view(reinterpret_cast<const char*>(data), size)};
  auto bytes = parse_component(source);
  if (!bytes) {
    (void)parse_component(source, {.lenient_indices = true});
    return 0;
  }
  auto printed = print_component(*bytes);
  // A `(component binary ...)` may be anything, and its encodings of any length.
  if (!printed || source.text.find("binary") != std::string_view::npos) return 0;
  auto again = parse_component({"printed.wat", *printed});
  CHECK(again.has_value());
  if (source.text.find("(@") == std::string_view::npos) CHECK(*again == *bytes);
  return 0;
}
