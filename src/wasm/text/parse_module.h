#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasm/text/debug_info.h"
#include "wasm/text/source.h"

// The text format of core modules. In goes a text, out comes the binary format, which decoder and
// validator then treat like any other: nothing is typed here. What can fail is what the standard
// calls malformed: tokens, grammar, names that nothing defines or that are defined twice, numbers
// out of range. Such an error shows the line and marks the place.
//
// A name section is made from identifiers and `@name` annotations, custom sections from `@custom`
// and `@producers` annotations, branch hints from `@metadata.code.branch_hint`.
namespace tenon::wasm::text {

struct ParseOptions {
  bool with_names = true;  // write a name section
  // The module's name, where the text has no place for one.
  std::optional<std::string_view> name = {};
  DebugInfo debug_info = DebugInfo::none;
  // Gets, where it is not null, where the parts of the binary were written, by rising offset:
  // definitions, and the instructions of functions.
  std::vector<SourceMark>* marks = nullptr;
};

// A whole file: `(module ...)`, or the fields of a module without it.
Result<std::vector<uint8_t>> parse_module(const Source& source, const ParseOptions& options = {});

// What stands between two byte offsets of a larger text, which must be UTF-8, and follows
// `(module`,
// `(module definition` and the like: the optional name and the fields, without the closing
// parenthesis.
Result<std::vector<uint8_t>> parse_module_body(const Source& source, size_t begin, size_t end,
                                               const ParseOptions& options = {});

// The same without a name.
Result<std::vector<uint8_t>> parse_module_fields(const Source& source, size_t begin, size_t end,
                                                 const ParseOptions& options = {});

// Where what stands at this offset of the binary was written.
std::optional<size_t> source_of(std::span<const SourceMark> marks, uint64_t offset);

// Whether the bytes are a text rather than a binary: behind what space there is, a form or a
// comment begins.
bool is_text(std::span<const uint8_t> bytes);

// Whether the text is that of a component: its first form is `(component`.
bool is_component_text(std::string_view text);

}  // namespace tenon::wasm::text
