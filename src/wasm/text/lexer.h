#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasm/text/source.h"
#include "wasm/text/token.h"

// Cuts the text format into tokens, for core modules, scripts and components alike. In comes a
// Source that is UTF-8 (the caller checks), out come tokens as views into it. What can fail:
// characters outside the grammar, and strings, comments, annotations and identifiers that do not
// end or are empty. The first failure of lexer or parser is kept, with its place; from then on
// there are no tokens but `end`, so that parsers need to look at `ok()` only once per item.
//
// White space, comments and annotations are passed over. Annotations whose names were asked for are
// kept until somebody takes them. Nothing here recurses.
namespace tenon::wasm::text {

// wasm: text-annot
struct Annotation {
  std::string_view id;        // as written: without quotes, escapes left alone
  std::string_view contents;  // between the id and the closing parenthesis
  size_t offset = 0;          // of the opening parenthesis
};

class Lexer {
 public:
  // Reads `source` from `begin` to `end` (byte offsets). Annotations named in `kept` are kept.
  Lexer(const Source& source, size_t begin, size_t end,
        std::span<const std::string_view> kept = {});

  Token next();
  // Moves behind the parenthesis that closes what was opened just before, without looking into it
  // further than to find that parenthesis.
  void skip_form();
  // Where the next token is looked for.
  size_t offset() const { return at_; }
  size_t offset_of(std::string_view part) const {
    return static_cast<size_t>(part.data() - source_.text.data());
  }
  void move_to(size_t offset) { at_ = offset; }

  // The annotations that were passed since they were last taken.
  std::deque<Annotation>& annotations() { return annotations_; }

  bool ok() const { return !failure_; }
  void fail_at(size_t offset, std::string message);
  Result<void> status() const;
  const Source& source() const { return source_; }

 private:
  struct Failure {
    size_t offset;
    std::string message;
  };
  char peek(size_t ahead = 0) const {
    return at_ + ahead < end_ ? source_.text[at_ + ahead] : '\0';
  }
  bool skip_space();
  bool skip_comment();
  bool skip_annotation();
  bool annotation_id(std::string_view& id);
  bool skip_annotation_contents(size_t start);
  bool skip_string();
  bool skip_escape();
  void skip_reserved();
  Token token(Token::Kind kind, size_t start);
  Token failed_token(size_t offset, std::string message);
  Token identifier();
  Token string();
  Token word();
  size_t character_size() const;

  Source source_;
  size_t at_;
  size_t end_;
  std::span<const std::string_view> kept_;
  std::deque<Annotation> annotations_;
  std::optional<Failure> failure_;
};

// Appends the bytes that a string token, with its quotes, stands for. The token must come from a
// Lexer, which has checked its escapes.
void append_string(std::string_view token, std::string& bytes);
void append_string(std::string_view token, std::vector<uint8_t>& bytes);

// wasm: text-idchar
bool is_id_char(char c);

}  // namespace tenon::wasm::text
