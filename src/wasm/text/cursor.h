#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "wasm/text/lexer.h"
#include "wasm/text/numbers.h"

// A place in a token stream with two tokens to look ahead, and the checks that all parsers of text
// formats made of parentheses share. Failures are kept in the lexer, the first one counts; after
// one, every token is `end`, so that loops over tokens come to their end by themselves.
namespace tenon::wasm::text {

class Cursor {
 public:
  Cursor(const Source& source, size_t begin, size_t end,
         std::span<const std::string_view> kept_annotations = {})
      : lexer_(source, begin, end, kept_annotations) {}

  // The token at hand, and the one behind it.
  const Token& peek() {
    if (count_ == 0) fill();
    return tokens_[0];
  }
  const Token& peek_second();
  // Takes the token at hand. An annotation in front of it that nobody took is an error.
  Token take() {
    Token token = peek();
    if (!lexer_.annotations().empty()) refuse_annotation(token);
    taken_end_ = offset_of(token) + token.text.size();
    if (count_ > 0 && --count_ > 0) tokens_[0] = tokens_[1];
    return token;
  }

  bool at(Token::Kind kind) { return peek().kind == kind; }
  bool at_end() { return at(Token::Kind::end); }
  bool at_close() { return at(Token::Kind::close); }
  bool at_keyword(std::string_view word) { return peek().is_keyword(word); }
  // Whether `(` and `word` follow.
  bool at_open(std::string_view word) {
    return at(Token::Kind::open) && peek_second().is_keyword(word);
  }
  bool take_keyword(std::string_view word);
  bool take_open(std::string_view word);
  bool take_close();
  // The close that ends a form; anything else is an unexpected token.
  void expect_close();
  void expect_open();
  void expect_keyword(std::string_view word);
  // Moves behind the close of the form whose `(` was taken last.
  void skip_form();
  // The byte offset behind the token that was taken last.
  size_t taken_end() const { return taken_end_; }
  // The byte offset of the token at hand if it has been read, else that behind the one before.
  size_t offset() const { return count_ > 0 ? offset_of(tokens_[0]) : lexer_.offset(); }
  // Goes on at a byte offset of the source.
  void move_to(size_t offset);

  // Numbers and strings: the token at hand is taken. On failure: zero, or empty.
  uint32_t u32() { return static_cast<uint32_t>(unsigned_number(32)); }
  uint64_t u64() { return unsigned_number(64); }
  uint64_t unsigned_number(int bits);
  uint64_t integer(int bits);
  uint32_t f32();
  uint64_t f64();
  std::string string();  // any bytes
  std::string name();    // UTF-8. wasm: text-name

  // Takes the annotation `id` in front of the token at hand, if there is one.
  std::optional<Annotation> take_annotation(std::string_view id);
  // Any annotation there.
  std::optional<Annotation> take_annotation();

  // Fails if there is one, at the end of the text.
  void refuse_annotations() {
    if (!lexer_.annotations().empty()) refuse_annotation(peek());
  }

  bool ok() const { return lexer_.ok(); }
  Result<void> status() const { return lexer_.status(); }
  void fail_at(const Token& token, std::string message) {
    lexer_.fail_at(offset_of(token), std::move(message));
    count_ = 0;
  }
  void fail_at(size_t offset, std::string message) {
    lexer_.fail_at(offset, std::move(message));
    count_ = 0;
  }
  // For the token at hand: `expected` says what would do.
  void unexpected(std::string_view expected);
  void fault(const Token& token, NumberFault fault, std::string_view expected);

  size_t offset_of(const Token& token) const { return lexer_.offset_of(token.text); }
  size_t offset_of(std::string_view part) const { return lexer_.offset_of(part); }
  const Source& source() const { return lexer_.source(); }

 private:
  void fill();
  void refuse_annotation(const Token& before);

  Lexer lexer_;
  Token tokens_[2];
  int count_ = 0;  // of tokens read ahead
  size_t taken_end_ = 0;
};

// What to call a token in a message.
std::string describe(const Token& token);

}  // namespace tenon::wasm::text
