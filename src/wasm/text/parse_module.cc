#include "wasm/text/parse_module.h"

#include <algorithm>
#include <iterator>

#include "base/limits.h"
#include "base/utf8.h"
#include "wasm/text/annotations.h"
#include "wasm/text/field_parser.h"
#include "wasm/text/field_scan.h"

namespace tenon::wasm::text {

namespace {

// `(module binary "...")`
Result<std::vector<uint8_t>> binary_module(Cursor& in) {
  std::vector<uint8_t> bytes;
  while (in.at(Token::Kind::string)) append_string(in.take().text, bytes);
  in.expect_close();
  TRY_VOID(in.status());
  return bytes;
}

void take_module_name(Context& context, ModuleParts& parts) {
  auto name = context.optional_name();
  if (!name) return;
  parts.module_name = *name;
  parts.has_module_name = true;
}

Result<std::vector<uint8_t>> parse(const Source& source, size_t begin, size_t end, bool takes_name,
                                   const ParseOptions& options) {
  ModuleParts parts;
  Cursor first(source, begin, end);
  Context scanned(first, parts);
  if (takes_name && first.at(Token::Kind::id)) first.take();
  FieldScan scan = scan_fields(scanned);
  TRY_VOID(first.status());

  Cursor second(source, begin, end, known_annotations);
  Context context(second, parts);
  parts.keeps_marks = options.marks != nullptr || options.debug_info != DebugInfo::none;
  parts.has_module_name = options.name.has_value();
  parts.module_name = options.name.value_or("");
  for (size_t offset : scan.types) {
    second.move_to(offset);
    if (second.at_open("rec")) {
      parse_rec_field(context);
    } else {
      parse_type_field(context);
    }
    TRY_VOID(second.status());
    parts.groups.back().source = offset;
  }
  second.move_to(begin);
  if (takes_name) take_module_name(context, parts);
  FieldParser(context).run();
  TRY_VOID(second.status());
  std::vector<uint8_t> bytes = assemble(
      parts, options.with_names, debug_sections(parts, source, options.debug_info), options.marks);
  if (bytes.size() > limits::max_module_bytes)
    return fail(ErrorCode::limit, "the module is larger than 1 GiB");
  return bytes;
}

}  // namespace

Result<std::vector<uint8_t>> parse_module_body(const Source& source, size_t begin, size_t end,
                                               const ParseOptions& options) {
  return parse(source, begin, end, /*takes_name=*/true, options);
}

Result<std::vector<uint8_t>> parse_module_fields(const Source& source, size_t begin, size_t end,
                                                 const ParseOptions& options) {
  return parse(source, begin, end, /*takes_name=*/false, options);
}

std::optional<size_t> source_of(std::span<const SourceMark> marks, uint64_t offset) {
  auto behind = std::ranges::upper_bound(marks, offset, {}, &SourceMark::offset);
  if (behind == marks.begin()) return std::nullopt;
  return std::prev(behind)->source;
}

bool is_text(std::span<const uint8_t> bytes) {
  auto first = std::ranges::find_if_not(
      bytes, [](uint8_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
  return first != bytes.end() && (*first == '(' || *first == ';');
}

bool is_component_text(std::string_view text) {
  Source source{"", text};
  return Cursor(source, 0, text.size()).at_open("component");
}

Result<std::vector<uint8_t>> parse_module(const Source& source, const ParseOptions& options) {
  size_t valid = utf8_valid_prefix(source.text);
  if (valid != source.text.size())
    return std::unexpected(error_at(source, valid, "malformed UTF-8 encoding"));
  size_t size = source.text.size();
  Cursor in(source, 0, size);
  if (in.at_open("component"))
    return fail(ErrorCode::malformed, "this is a component, not a core module");
  if (!in.take_open("module")) {
    TRY_VOID(in.status());
    return parse_module_fields(source, 0, size, options);
  }
  size_t begin = in.taken_end();
  if (in.at(Token::Kind::id)) in.take();
  if (in.take_keyword("binary")) return binary_module(in);
  in.skip_form();
  size_t end = in.offset() - 1;
  if (!in.at_end()) in.unexpected("the end of the text");
  TRY_VOID(in.status());
  return parse_module_body(source, begin, end, options);
}

}  // namespace tenon::wasm::text
