#include "wasm/text/lexer.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/utf8.h"

namespace tenon::wasm::text {

namespace {

enum CharClass : uint8_t { other, id_char, space, separator };

// wasm: text-idchar. Separators join id characters and strings to reserved tokens.
constexpr std::array<CharClass, 256> classes = [] {
  std::array<CharClass, 256> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = id_char;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<size_t>(c)] = id_char;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = id_char;
  for (char c : std::string_view("!#$%&'*+-./:<=>?@\\^_`|~"))
    table[static_cast<size_t>(c)] = id_char;
  for (char c : std::string_view(" \t\n\r")) table[static_cast<size_t>(c)] = space;
  for (char c : std::string_view(",;[]{}")) table[static_cast<size_t>(c)] = separator;
  return table;
}();

CharClass class_of(char c) {
  return classes[static_cast<uint8_t>(c)];
}

bool is_control(char c) {
  return static_cast<uint8_t>(c) < 0x20 || c == 0x7f;
}

// The value of a hexadecimal digit, or 16.
uint32_t hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<uint32_t>(c - 'A' + 10);
  return 16;
}

}  // namespace

bool is_id_char(char c) {
  return class_of(c) == id_char;
}

Lexer::Lexer(const Source& source, size_t begin, size_t end, std::span<const std::string_view> kept)
    : source_(source), at_(begin), end_(end), kept_(kept) {}

void Lexer::fail_at(size_t offset, std::string message) {
  if (!failure_) failure_ = Failure{offset, std::move(message)};
  at_ = end_;
}

Result<void> Lexer::status() const {
  if (!failure_) return {};
  return std::unexpected(error_at(source_, failure_->offset, failure_->message));
}

Token Lexer::token(Token::Kind kind, size_t start) {
  return Token{kind, source_.text.substr(start, at_ - start)};
}

Token Lexer::failed_token(size_t offset, std::string message) {
  fail_at(offset, std::move(message));
  return Token{Token::Kind::end, source_.text.substr(at_, 0)};
}

// wasm: text-token
Token Lexer::next() {
  if (!skip_space() || at_ >= end_) return Token{Token::Kind::end, source_.text.substr(at_, 0)};
  size_t start = at_;
  char c = source_.text[at_];
  switch (c) {
    case '(': ++at_; return token(Token::Kind::open, start);
    case ')': ++at_; return token(Token::Kind::close, start);
    case '"': return string();
    case '$': return identifier();
    case '\'':
      if (size_t size = character_size(); size > 0) {
        at_ += size;
        return token(Token::Kind::character, start);
      }
      return word();
    default: return word();
  }
}

// wasm: text-space. False after a failure.
bool Lexer::skip_space() {
  while (at_ < end_) {
    char c = source_.text[at_];
    if (class_of(c) == space) {
      ++at_;
    } else if (skip_comment()) {
      continue;
    } else if (c == '(' && peek(1) == '@') {
      if (!skip_annotation()) return false;
    } else {
      return true;
    }
  }
  return ok();
}

// wasm: text-comment. Whether one stood here. One without an end reaches to the end of the text.
bool Lexer::skip_comment() {
  if (peek() == ';' && peek(1) == ';') {
    while (at_ < end_ && source_.text[at_] != '\n' && source_.text[at_] != '\r') ++at_;
    return true;
  }
  if (peek() != '(' || peek(1) != ';') return false;
  size_t start = at_;
  at_ += 2;
  for (size_t depth = 1; at_ < end_;) {
    if (peek() == '(' && peek(1) == ';') {
      ++depth;
      at_ += 2;
    } else if (peek() == ';' && peek(1) == ')') {
      at_ += 2;
      if (--depth == 0) return true;
    } else {
      ++at_;
    }
  }
  fail_at(start, "unclosed comment");
  return true;
}

bool Lexer::annotation_id(std::string_view& id) {
  size_t start = at_;
  if (peek() == '"') {
    Token name = string();
    if (!ok()) return false;
    id = name.text.substr(1, name.text.size() - 2);
    std::string decoded;
    append_string(name.text, decoded);
    if (!is_utf8(decoded)) {
      fail_at(start, "malformed UTF-8 encoding");
      return false;
    }
  } else {
    while (at_ < end_ && is_id_char(source_.text[at_])) ++at_;
    id = source_.text.substr(start, at_ - start);
  }
  if (id.empty()) fail_at(start, "empty annotation id");
  return ok();
}

// wasm: text-annot
bool Lexer::skip_annotation() {
  Annotation annotation;
  annotation.offset = at_;
  at_ += 2;
  if (!annotation_id(annotation.id)) return false;
  size_t contents = at_;
  if (!skip_annotation_contents(annotation.offset)) return false;
  if (std::ranges::find(kept_, annotation.id) == kept_.end()) return true;
  annotation.contents = source_.text.substr(contents, at_ - 1 - contents);
  annotations_.push_back(annotation);
  return true;
}

// Tokens in well-nested parentheses. Annotations in annotations are but more of these.
bool Lexer::skip_annotation_contents(size_t start) {
  for (size_t depth = 1; at_ < end_;) {
    char c = source_.text[at_];
    if (class_of(c) == space) {
      ++at_;
    } else if (skip_comment()) {
      continue;
    } else if (c == '(') {
      ++depth;
      ++at_;
    } else if (c == ')') {
      ++at_;
      if (--depth == 0) return true;
    } else {
      size_t before = at_;
      if (c == '"' ? !skip_string() : (skip_reserved(), at_ == before)) {
        fail_at(at_, "illegal character");
        return false;
      }
    }
  }
  fail_at(start, "unclosed annotation");
  return false;
}

// component: Explainer.md#-value-definitions ('core:stringchar'). The bytes of a literal that
// starts here; 0: none does.
size_t Lexer::character_size() const {
  std::string_view rest = source_.text.substr(at_, end_ - at_);
  if (rest.size() < 3) return 0;
  size_t size = 1;
  if (rest[1] == '\\') {
    // Not the bytes that strings may have.
    Lexer escape(source_, at_ + 1, end_);
    if (hex_digit(rest[2]) < 16 || !escape.skip_escape()) return 0;
    size = escape.at_ - at_;
  } else if (is_control(rest[1]) || rest[1] == '"') {
    return 0;
  } else {
    utf8_next(rest, size);
  }
  return size < rest.size() && rest[size] == '\'' ? size + 1 : 0;
}

void Lexer::skip_form() {
  size_t start = at_;
  for (size_t depth = 1; at_ < end_;) {
    char c = source_.text[at_];
    if (c == '"') {
      for (++at_; at_ < end_ && source_.text[at_] != '"'; ++at_) {
        if (source_.text[at_] == '\\') ++at_;
      }
      ++at_;
    } else if (skip_comment()) {
      continue;
    } else if (c == '\'' && at_ > start && !is_id_char(source_.text[at_ - 1]) &&
               character_size() > 0) {
      at_ += character_size();
    } else {
      ++at_;
      depth += c == '(';
      if (c == ')' && --depth == 0) return;
    }
  }
  at_ = end_;
  fail_at(start, "unexpected end of text, expected `)`");
}

// wasm: text-string. Moves behind the closing quote; false after a failure.
bool Lexer::skip_string() {
  size_t start = at_++;
  while (at_ < end_) {
    char c = source_.text[at_];
    if (c == '"') {
      ++at_;
      return true;
    }
    if (c == '\\') {
      if (!skip_escape()) return false;
    } else if (is_control(c)) {
      fail_at(at_, c == '\n' || c == '\r' ? "unclosed string" : "illegal character in string");
      return false;
    } else {
      ++at_;
    }
  }
  fail_at(start, "unclosed string");
  return false;
}

bool Lexer::skip_escape() {
  size_t start = at_;
  char c = peek(1);
  if (c != '\0' && std::strchr("tnr\"'\\", c) != nullptr) {
    at_ += 2;
    return true;
  }
  if (hex_digit(c) < 16 && hex_digit(peek(2)) < 16) {
    at_ += 3;
    return true;
  }
  if (c == 'u' && peek(2) == '{') {
    uint32_t scalar = 0;
    bool digit_before = false;
    for (at_ += 3; at_ < end_ && peek() != '}'; ++at_) {
      uint32_t digit = hex_digit(peek());
      bool is_underscore = peek() == '_' && digit_before && hex_digit(peek(1)) < 16;
      if (digit == 16 && !is_underscore) break;
      digit_before = digit < 16;
      if (digit < 16) scalar = std::min(scalar << 4 | digit, 0x0fff'ffffu);
    }
    if (peek() == '}' && digit_before && is_unicode_scalar(scalar)) {
      ++at_;
      return true;
    }
  }
  fail_at(start, "illegal escape");
  return false;
}

// wasm: text-reserved
void Lexer::skip_reserved() {
  while (at_ < end_) {
    char c = source_.text[at_];
    CharClass kind = class_of(c);
    if (kind == id_char || (kind == separator && !(c == ';' && peek(1) == ';'))) {
      ++at_;
    } else if (c != '"' || !skip_string()) {
      return;
    }
  }
}

Token Lexer::string() {
  size_t start = at_;
  if (!skip_string()) return token(Token::Kind::end, at_);
  size_t end = at_;
  skip_reserved();
  return token(at_ == end ? Token::Kind::string : Token::Kind::reserved, start);
}

// wasm: text-id
Token Lexer::identifier() {
  size_t start = at_++;
  if (peek() == '"') {
    size_t quote = at_;
    if (!skip_string()) {
      bool unclosed = failure_->message == "unclosed string" && failure_->offset == quote;
      if (!unclosed) failure_ = Failure{start, "empty identifier"};
      return token(Token::Kind::end, at_);
    }
    std::string name;
    append_string(source_.text.substr(quote, at_ - quote), name);
    if (name.empty()) return failed_token(start, "empty identifier");
    if (!is_utf8(name)) return failed_token(start, "malformed UTF-8 encoding");
  } else {
    while (at_ < end_ && is_id_char(source_.text[at_])) ++at_;
    if (at_ == start + 1) return failed_token(start, "empty identifier");
  }
  size_t end = at_;
  skip_reserved();
  return token(at_ == end ? Token::Kind::id : Token::Kind::reserved, start);
}

Token Lexer::word() {
  size_t start = at_;
  while (at_ < end_ && is_id_char(source_.text[at_])) ++at_;
  size_t end = at_;
  if (at_ < end_ && (source_.text[at_] == '"' || class_of(source_.text[at_]) == separator))
    skip_reserved();
  if (at_ == start) {
    if (!ok()) return token(Token::Kind::end, at_);
    return failed_token(start, "illegal character");
  }
  if (at_ != end) return token(Token::Kind::reserved, start);
  char c = source_.text[start];
  if (c >= 'a' && c <= 'z') return token(Token::Kind::keyword, start);
  bool is_number = (c >= '0' && c <= '9') || c == '+' || c == '-';
  return token(is_number ? Token::Kind::number : Token::Kind::reserved, start);
}

namespace {

template <typename Bytes>
void append_escape(std::string_view text, size_t& at, Bytes& bytes) {
  char c = text[at + 1];
  at += 2;
  switch (c) {
    case 't': return bytes.push_back('\t');
    case 'n': return bytes.push_back('\n');
    case 'r': return bytes.push_back('\r');
    case '"':
    case '\'':
    case '\\': return bytes.push_back(static_cast<typename Bytes::value_type>(c));
    case 'u': {
      uint32_t scalar = 0;
      for (++at; text[at] != '}'; ++at) {
        if (text[at] != '_') scalar = scalar << 4 | hex_digit(text[at]);
      }
      ++at;
      std::string character;
      utf8_append(character, static_cast<char32_t>(scalar));
      bytes.insert(bytes.end(), character.begin(), character.end());
      return;
    }
    default:
      bytes.push_back(
          static_cast<typename Bytes::value_type>(hex_digit(c) << 4 | hex_digit(text[at])));
      ++at;
  }
}

template <typename Bytes>
void append_decoded(std::string_view token, Bytes& bytes) {
  std::string_view text = token.substr(1, token.size() - 2);
  for (size_t at = 0; at < text.size();) {
    size_t plain = std::min(text.find('\\', at), text.size());
    bytes.insert(bytes.end(), text.begin() + static_cast<ptrdiff_t>(at),
                 text.begin() + static_cast<ptrdiff_t>(plain));
    at = plain;
    while (at < text.size() && text[at] == '\\') append_escape(text, at, bytes);
  }
}

}  // namespace

void append_string(std::string_view token, std::string& bytes) {
  append_decoded(token, bytes);
}
void append_string(std::string_view token, std::vector<uint8_t>& bytes) {
  append_decoded(token, bytes);
}

}  // namespace tenon::wasm::text
