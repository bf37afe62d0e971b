#include "wasm/text/print_module.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "wasm/binary/decode_module.h"
#include "wasm/text/body_printer.h"
#include "wasm/text/printer.h"
#include "wasm/text/section_printer.h"

namespace tenon::wasm::text {

Result<std::string> print_module(std::span<const uint8_t> bytes, const PrintOptions& options,
                                 const ModulePlace& place) {
  Features features = options.features;
  Module module = TRY(decode_module(bytes, place.origin, features));
  Printer to(module, options, place.depth);
  SectionPrinter sections(to);
  Reader in(bytes, place.origin, features);
  in.bytes(8);  // what the decoder has seen: magic and version
  sections.begin(place.opening);
  while (!in.at_end()) {
    uint8_t id = in.byte();
    uint32_t size = in.count();
    uint64_t start = in.offset();
    Reader content(in.bytes(size), start, features);
    sections.section(id, content);
    TRY_VOID(content.status());
    if (to.out().size() >= max_printed_bytes)
      return fail(ErrorCode::limit,
                  fmt::format("the text is longer than {} bytes", max_printed_bytes));
  }
  sections.end(place.origin + bytes.size());
  return std::move(to.out());
}

}  // namespace tenon::wasm::text
