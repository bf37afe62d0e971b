#include "wasm/text/cursor.h"

#include <fmt/format.h>

#include "base/utf8.h"
#include "wasm/text/keywords.h"

namespace tenon::wasm::text {

std::string describe(const Token& token) {
  constexpr size_t longest = 40;
  switch (token.kind) {
    case Token::Kind::end: return "the end of the text";
    case Token::Kind::string: return "a string";
    default:
      if (token.text.size() <= longest) return fmt::format("`{}`", token.text);
      return fmt::format("`{}...`",
                         token.text.substr(0, utf8_valid_prefix(token.text.substr(0, longest))));
  }
}

void Cursor::fill() {
  tokens_[count_] = lexer_.next();
  ++count_;
}

const Token& Cursor::peek_second() {
  while (count_ < 2) fill();
  return tokens_[1];
}

bool Cursor::take_keyword(std::string_view word) {
  if (!at_keyword(word)) return false;
  take();
  return true;
}

bool Cursor::take_open(std::string_view word) {
  if (!at_open(word)) return false;
  take();
  take();
  return true;
}

bool Cursor::take_close() {
  if (!at_close()) return false;
  take();
  return true;
}

void Cursor::expect_close() {
  if (!take_close()) unexpected("`)`");
}

void Cursor::expect_open() {
  if (!at(Token::Kind::open)) return unexpected("`(`");
  take();
}

void Cursor::expect_keyword(std::string_view word) {
  if (!take_keyword(word)) unexpected(fmt::format("`{}`", word));
}

void Cursor::skip_form() {
  if (count_ > 0) lexer_.move_to(offset_of(tokens_[0]));
  count_ = 0;
  lexer_.skip_form();
  lexer_.annotations().clear();
}

void Cursor::move_to(size_t offset) {
  if (!ok()) return;
  count_ = 0;
  lexer_.annotations().clear();
  lexer_.move_to(offset);
}

void Cursor::unexpected(std::string_view expected) {
  const Token& token = peek();
  if (token.kind == Token::Kind::reserved ||
      (token.kind == Token::Kind::keyword && !is_known_word(token.text)))
    return fail_at(token, "unknown operator " + std::string(token.text));
  fail_at(token, fmt::format("unexpected token {}, expected {}", describe(token), expected));
}

void Cursor::fault(const Token& token, NumberFault fault, std::string_view expected) {
  switch (fault) {
    case NumberFault::not_a_number:
      if (token.kind == Token::Kind::number)
        return fail_at(token, "unknown operator " + std::string(token.text));
      return unexpected(expected);
    case NumberFault::wrong_kind:
      return fail_at(token,
                     fmt::format("unexpected token {}, expected {}", describe(token), expected));
    case NumberFault::out_of_range:
      return fail_at(token, fmt::format("constant out of range of {}", expected));
  }
}

uint64_t Cursor::unsigned_number(int bits) {
  Token token = peek();
  if (token.kind != Token::Kind::number) {
    unexpected("a number");
    return 0;
  }
  auto value = parse_unsigned(token.text, bits);
  if (!value && value.error() == NumberFault::out_of_range) {
    fail_at(token, fmt::format("i{} constant out of range", bits));
    return 0;
  }
  if (!value) {
    fault(token, value.error(), fmt::format("i{}", bits));
    return 0;
  }
  take();
  return *value;
}

uint64_t Cursor::integer(int bits) {
  Token token = peek();
  auto value = parse_integer(token.text, bits);
  if (!value) {
    fault(token, value.error(), fmt::format("i{}", bits));
    return 0;
  }
  take();
  return *value;
}

uint32_t Cursor::f32() {
  Token token = peek();
  auto bits = parse_f32(token.text);
  if (!bits) {
    fault(token, bits.error(), "f32");
    return 0;
  }
  take();
  return *bits;
}

uint64_t Cursor::f64() {
  Token token = peek();
  auto bits = parse_f64(token.text);
  if (!bits) {
    fault(token, bits.error(), "f64");
    return 0;
  }
  take();
  return *bits;
}

std::string Cursor::string() {
  std::string bytes;
  if (!at(Token::Kind::string)) {
    unexpected("a string");
    return bytes;
  }
  append_string(take().text, bytes);
  return bytes;
}

std::string Cursor::name() {
  Token token = peek();
  std::string text = string();
  if (is_utf8(text)) return text;
  fail_at(token, "malformed UTF-8 encoding");
  return {};
}

std::optional<Annotation> Cursor::take_annotation(std::string_view id) {
  const Token& token = peek();
  auto& annotations = lexer_.annotations();
  if (annotations.empty() || annotations.front().id != id ||
      annotations.front().offset > offset_of(token))
    return std::nullopt;
  return take_annotation();
}

std::optional<Annotation> Cursor::take_annotation() {
  const Token& token = peek();
  auto& annotations = lexer_.annotations();
  if (annotations.empty() || annotations.front().offset > offset_of(token)) return std::nullopt;
  Annotation taken = annotations.front();
  annotations.pop_front();
  return taken;
}

void Cursor::refuse_annotation(const Token& before) {
  const Annotation& first = lexer_.annotations().front();
  if (first.offset > offset_of(before)) return;
  fail_at(first.offset, fmt::format("misplaced @{} annotation", first.id));
}

}  // namespace tenon::wasm::text
