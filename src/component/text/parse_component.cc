#include "component/text/parse_component.h"

#include <array>

#include "base/utf8.h"
#include "component/text/component_parser.h"
#include "wasm/text/annotations.h"
#include "wasm/text/parse_module.h"

namespace tenon::component::text {

namespace {

constexpr std::array<std::string_view, 3> annotations = {"name", wasm::text::custom_annotation,
                                                         wasm::text::producers_annotation};

// `(component $id? binary "...")`
Result<std::vector<uint8_t>> binary_component(Cursor& in) {
  std::vector<uint8_t> bytes;
  while (in.at(Token::Kind::string)) wasm::text::append_string(in.take().text, bytes);
  in.expect_close();
  if (!in.at_end()) in.unexpected("the end of the text");
  TRY_VOID(in.status());
  return bytes;
}

}  // namespace

Result<std::vector<uint8_t>> parse_component_fields(const wasm::text::Source& source, size_t begin,
                                                    size_t end, const ParseOptions& options) {
  Cursor in(source, begin, end, annotations);
  return ComponentParser(in, options).run();
}

Result<std::vector<uint8_t>> parse_component(const wasm::text::Source& source,
                                             const ParseOptions& options) {
  size_t valid = utf8_valid_prefix(source.text);
  if (valid != source.text.size())
    return std::unexpected(error_at(source, valid, "malformed UTF-8 encoding"));
  Cursor in(source, 0, source.text.size());
  if (!in.take_open("component")) in.unexpected("`(component`");
  size_t begin = in.taken_end();
  if (in.at(Token::Kind::id)) in.take();
  if (in.take_keyword("binary")) return binary_component(in);
  in.skip_form();
  size_t end = in.offset() - 1;
  if (!in.at_end()) in.unexpected("the end of the text");
  TRY_VOID(in.status());
  return parse_component_fields(source, begin, end, options);
}

Result<std::vector<uint8_t>> parse(const wasm::text::Source& source, const ParseOptions& options) {
  if (wasm::text::is_component_text(source.text)) return parse_component(source, options);
  return wasm::text::parse_module(
      source,
      {.with_names = options.with_names, .debug_info = options.debug_info, .marks = options.marks});
}

Error shown_in_text(const wasm::text::Source& source, Error error) {
  if (!error.offset() || !error.snippet().empty()) return error;
  std::vector<SourceMark> marks;
  if (!parse(source, {.marks = &marks})) return error;
  auto place = wasm::text::source_of(marks, *error.offset());
  if (!place) return error;
  return std::move(error).snippet(error_at(source, *place, "").snippet());
}

}  // namespace tenon::component::text
