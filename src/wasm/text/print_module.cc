#include "wasm/text/print_module.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "wasm/binary/decode_module.h"
#include "wasm/text/body_printer.h"
#include "wasm/text/printer.h"
#include "wasm/text/section_printer.h"

namespace tenon::wasm::text {

Result<std::string> print_module(std::span<const uint8_t> bytes, const PrintOptions& options) {
  Features features = options.features;
  Module module = TRY(decode_module(bytes, 0, features));
  Printer to(module, options);
  SectionPrinter sections(to);
  Reader in(bytes, 0, features);
  in.bytes(8);  // what the decoder has seen: magic and version
  sections.begin();
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
  sections.end(bytes.size());
  return std::move(to.out());
}

}  // namespace tenon::wasm::text
