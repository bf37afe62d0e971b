#include "component/wave/lexer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"

namespace tenon::component {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr std::string_view triple_quote = "\"\"\"";

// The value of hexadecimal digits, one to six; more than any character when they are not that.
uint32_t hex_value(std::string_view digits) {
  if (digits.empty() || digits.size() > 6) return UINT32_MAX;
  uint32_t value = 0;
  for (char c : digits) {
    uint32_t digit = is_digit(c)            ? static_cast<uint32_t>(c - '0')
                     : c >= 'a' && c <= 'f' ? static_cast<uint32_t>(c - 'a' + 10)
                     : c >= 'A' && c <= 'F' ? static_cast<uint32_t>(c - 'A' + 10)
                                            : UINT32_MAX;
    if (digit == UINT32_MAX) return UINT32_MAX;
    value = value << 4 | digit;
  }
  return value;
}

}  // namespace

bool is_wave_keyword(std::string_view text) {
  constexpr std::string_view keywords[] = {"true", "false", "some", "none",
                                           "ok",   "err",   "inf",  "nan"};
  return std::find(std::begin(keywords), std::end(keywords), text) != std::end(keywords);
}

std::unexpected<Error> WaveLexer::fail_at(std::string_view source,
                                          const std::string& message) const {
  size_t offset = static_cast<size_t>(source.data() - context_.data());
  size_t start = offset == 0 ? 0 : context_.rfind('\n', offset - 1) + 1;
  std::string_view line = context_.substr(start, context_.find('\n', offset) - start);
  // A caret below the line; columns are characters, not bytes.
  size_t column = 0;
  for (char c : printable(context_.substr(start, offset - start))) column += (c & 0xc0) != 0x80;
  return std::unexpected(
      Error(ErrorCode::usage, message)
          .snippet(fmt::format("  {}\n  {:>{}}", printable(line), "^", column + 1)));
}

std::unexpected<Error> WaveLexer::fail_here(const std::string& message) const {
  return fail_at(text_.substr(position_, 0), message);
}

void WaveLexer::skip_space() {
  while (position_ < text_.size()) {
    char c = text_[position_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      position_++;
    } else if (text_.substr(position_).starts_with("//")) {
      position_ = std::min(text_.find('\n', position_), text_.size());
    } else {
      return;
    }
  }
}

Result<WaveToken> WaveLexer::next() {
  skip_space();
  if (position_ == text_.size()) {
    WaveToken end;
    end.source = text_.substr(position_);
    return end;
  }
  char c = text_[position_];
  if (std::string_view("()[]{},:").find(c) != std::string_view::npos) {
    WaveToken token;
    token.kind = WaveToken::Kind::punctuation;
    token.source = text_.substr(position_++, 1);
    return token;
  }
  if (c == '%' || is_letter(c)) return label();
  if (c == '-' || is_digit(c)) return number();
  if (c == '\'') return character();
  if (text_.substr(position_).starts_with(triple_quote)) return multiline();
  if (c == '"') return string();
  return fail_here("unexpected character");
}

Result<WaveToken> WaveLexer::label() {
  WaveToken token;
  token.kind = WaveToken::Kind::label;
  size_t start = position_;
  token.is_escaped = text_[position_] == '%';
  if (token.is_escaped) position_++;
  size_t first = position_;
  while (position_ < text_.size() &&
         (is_letter(text_[position_]) || is_digit(text_[position_]) || text_[position_] == '-')) {
    position_++;
  }
  token.text = from(first);
  token.source = from(start);
  if (token.text.empty() || !is_letter(token.text.front()) || token.text.back() == '-') {
    return fail_at(token.source, "expected a name");
  }
  return token;
}

// As in JSON, and -inf.
Result<WaveToken> WaveLexer::number() {
  WaveToken token;
  token.kind = WaveToken::Kind::number;
  size_t start = position_;
  auto digits = [this] {
    size_t first = position_;
    while (position_ < text_.size() && is_digit(text_[position_])) position_++;
    return position_ - first;
  };
  auto skip = [this](std::string_view any_of) {
    bool found = position_ < text_.size() && any_of.find(text_[position_]) != any_of.npos;
    if (found) position_++;
    return found;
  };
  bool negative = skip("-");
  bool valid = true;
  if (negative && text_.substr(position_).starts_with("inf")) {
    position_ += 3;
  } else {
    size_t first = position_;
    size_t count = digits();
    valid = count > 0 && (count == 1 || text_[first] != '0');
    if (skip(".")) valid = digits() > 0 && valid;
    if (skip("eE")) {
      skip("+-");
      valid = digits() > 0 && valid;
    }
  }
  bool runs_on =
      position_ < text_.size() && (is_letter(text_[position_]) || text_[position_] == '_');
  token.source = from(start);
  if (!valid || runs_on)
    return fail_at(token.source, "expected a number in decimal, without leading zeros");
  return token;
}

Result<WaveToken> WaveLexer::character() {
  WaveToken token;
  token.kind = WaveToken::Kind::character;
  size_t start = position_++;
  while (position_ < text_.size() && text_[position_] != '\'' && text_[position_] != '\n') {
    position_ += text_[position_] == '\\' ? 2 : 1;
  }
  position_ = std::min(position_, text_.size());
  if (position_ == text_.size() || text_[position_] != '\'') {
    return fail_at(text_.substr(start), "this character does not end; expected `'`");
  }
  position_++;
  token.source = from(start);
  token.text = TRY(unescape(token.source.substr(1, token.source.size() - 2)));
  size_t end = 0;
  if (!token.text.empty()) (void)utf8_next(token.text, end);
  if (token.text.empty() || end != token.text.size()) {
    return fail_at(token.source, "expected one character between the quotes");
  }
  return token;
}

Result<WaveToken> WaveLexer::string() {
  WaveToken token;
  token.kind = WaveToken::Kind::string;
  size_t start = position_++;
  while (position_ < text_.size() && text_[position_] != '"' && text_[position_] != '\n') {
    position_ += text_[position_] == '\\' ? 2 : 1;
  }
  position_ = std::min(position_, text_.size());
  if (position_ == text_.size() || text_[position_] != '"') {
    return fail_at(text_.substr(start), "this string does not end on its line; expected `\"`");
  }
  position_++;
  token.source = from(start);
  token.text = TRY(unescape(token.source.substr(1, token.source.size() - 2)));
  return token;
}

// The first line is empty, the last holds spaces alone: these are taken from the start of every
// line.
Result<WaveToken> WaveLexer::multiline() {
  WaveToken token;
  token.kind = WaveToken::Kind::string;
  size_t start = position_;
  position_ += triple_quote.size();
  if (text_.substr(position_).starts_with('\r')) position_++;
  if (!text_.substr(position_).starts_with('\n')) {
    return fail_here("expected a new line after the `\"\"\"` that begins a string");
  }
  size_t first = ++position_;
  while (position_ < text_.size() && !text_.substr(position_).starts_with(triple_quote)) {
    position_ += text_[position_] == '\\' ? 2 : 1;
  }
  if (position_ >= text_.size())
    return fail_at(text_.substr(start), "this string does not end; expected `\"\"\"`");
  std::string_view body = from(first);
  position_ += triple_quote.size();
  token.source = from(start);

  size_t last_line = body.rfind('\n') + 1;  // 0 when there is but one
  std::string_view indentation = body.substr(last_line);
  if (indentation.find_first_not_of(' ') != indentation.npos) {
    return fail_at(indentation, "expected only spaces before the `\"\"\"` that ends a string");
  }
  std::string_view lines = body.substr(0, last_line == 0 ? 0 : last_line - 1);
  if (last_line == 0) return token;
  std::string raw;
  while (true) {
    size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(indentation)) {
      raw += TRY(unescape(line.substr(indentation.size())));
    } else if (line.find_first_not_of(' ') != line.npos) {
      return fail_at(line,
                     "expected at least the indentation of the `\"\"\"` that ends the string");
    }
    if (end == lines.size()) break;
    raw += '\n';
    lines.remove_prefix(end + 1);
  }
  token.text = std::move(raw);
  return token;
}

Result<std::string> WaveLexer::unescape(std::string_view raw) const {
  if (!is_utf8(raw)) return fail_at(raw, "the text is not valid UTF-8");
  std::string text;
  for (size_t i = 0; i < raw.size(); i++) {
    if (raw[i] != '\\') {
      text += raw[i];
      continue;
    }
    std::string_view escape = raw.substr(i);
    char c = escape.size() > 1 ? escape[1] : '\0';
    constexpr std::string_view letters = "\\'\"tnr";
    constexpr std::string_view meanings = "\\'\"\t\n\r";
    if (size_t known = c == '\0' ? letters.npos : letters.find(c); known != letters.npos) {
      text += meanings[known];
      i++;
      continue;
    }
    size_t close = escape.find('}');
    bool is_unicode = escape.starts_with("\\u{") && close != escape.npos;
    uint32_t scalar = is_unicode ? hex_value(escape.substr(3, close - 3)) : UINT32_MAX;
    if (!is_unicode_scalar(scalar))
      return fail_at(escape, "expected \\\\ \\' \\\" \\t \\n \\r or \\u{...}");
    utf8_append(text, static_cast<char32_t>(scalar));
    i += close;
  }
  return text;
}

}  // namespace tenon::component
