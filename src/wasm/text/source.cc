#include "wasm/text/source.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"

namespace tenon::wasm::text {

namespace {

constexpr size_t shown_before = 80;  // bytes of a line, on each side of the mark
constexpr size_t shown_after = 60;

bool is_continuation(char c) {
  return (c & 0xc0) == 0x80;
}

size_t characters(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return !is_continuation(c); }));
}

// Tabs are one column wide, so that the mark stands where it should; what is not UTF-8 is replaced.
std::string shown(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    size_t valid = utf8_valid_prefix(text);
    clean += text.substr(0, valid);
    text.remove_prefix(valid);
    if (text.empty()) break;
    clean += '?';
    text.remove_prefix(1);
  }
  std::ranges::replace(clean, '\t', ' ');
  return printable(clean);
}

}  // namespace

Position position_of(std::string_view text, size_t offset) {
  std::string_view before = text.substr(0, offset);
  size_t line_start = before.rfind('\n') + 1;
  Position position;
  position.line = 1 + static_cast<uint64_t>(std::ranges::count(before, '\n'));
  position.column = 1 + characters(before.substr(line_start));
  return position;
}

Error error_at(const Source& source, size_t offset, std::string message) {
  std::string_view text = source.text;
  offset = std::min(offset, text.size());
  size_t start = text.substr(0, offset).rfind('\n') + 1;
  size_t end = std::min(text.find_first_of("\r\n", offset), text.size());
  bool is_cut = offset - start > shown_before;
  if (is_cut) start = offset - shown_before;
  while (start < offset && is_continuation(text[start])) ++start;
  if (end - offset > shown_after) end = offset + shown_after;
  while (end > offset && end < text.size() && is_continuation(text[end])) --end;

  Position position = position_of(text, offset);
  std::string before = (is_cut ? "..." : "") + shown(text.substr(start, offset - start));
  std::string after = shown(text.substr(offset, end - offset));
  std::string number = std::to_string(position.line);
  std::string margin(number.size(), ' ');
  std::string snippet = fmt::format(" {}--> {}:{}:{}\n {} |\n {} | {}{}\n {} | {:>{}}", margin,
                                    printable(source.name), position.line, position.column, margin,
                                    number, before, after, margin, "^", characters(before) + 1);
  return Error(ErrorCode::malformed, std::move(message)).snippet(std::move(snippet));
}

}  // namespace tenon::wasm::text
