#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasm/text/debug_info.h"
#include "wasm/text/source.h"

// The text format of components. In goes a text, out comes the binary format, which decoder and
// validator then treat like any other: nothing is typed here. Core modules inside are parsed as
// such. What can fail is tokens, grammar, names that nothing defines before they are used or that
// are defined twice, and nesting beyond a limit. Such an error shows the line and marks the place.
//
// What is short in the text is written out: inline imports, exports, types, aliases and instances
// become definitions in front of the one that they stand in; exports of definitions follow at the
// end. A `component-name` section is made from identifiers and `@name` annotations.
namespace tenon::component::text {

struct ParseOptions {
  bool with_names = true;                                          // write name sections
  wasm::text::DebugInfo debug_info = wasm::text::DebugInfo::none;  // in core modules
  // References to core items may lack the word `core`, and stand without parentheses of their own:
  // `(memory $i "mem")` for `(memory (core memory $i "mem"))`.
  bool lenient_indices = false;
  // Gets, where it is not null, where the parts of the binary were written, by rising offset.
  std::vector<wasm::text::SourceMark>* marks = nullptr;
};

// A whole file: `(component ...)`.
Result<std::vector<uint8_t>> parse_component(const wasm::text::Source& source,
                                             const ParseOptions& options = {});

// What stands between two byte offsets of a larger text, which must be UTF-8: what follows
// `(component`, starting with the optional identifier, and without the closing parenthesis.
Result<std::vector<uint8_t>> parse_component_fields(const wasm::text::Source& source, size_t begin,
                                                    size_t end, const ParseOptions& options = {});

// A whole file that is a module or a component, as its first form says.
Result<std::vector<uint8_t>> parse(const wasm::text::Source& source,
                                   const ParseOptions& options = {});

// With the line that the place in the binary of this text was made of, unless the error shows one.
Error shown_in_text(const wasm::text::Source& source, Error error);

}  // namespace tenon::component::text
