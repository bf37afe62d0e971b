#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

// The tokens of WAVE, the text form of component values. Strings and characters are decoded. Views
// into the text, which the caller keeps alive.
namespace tenon::component {

struct WaveToken {
  enum class Kind : uint8_t { punctuation, label, number, character, string, end };
  Kind kind = Kind::end;
  std::string_view source;  // as written
  bool is_escaped = false;  // label: written with %
  std::string text;         // label: without %; character, string: decoded

  bool is(char c) const { return kind == Kind::punctuation && source[0] == c; }
  // A keyword that is not escaped, or any label.
  bool is_label(std::string_view name) const {
    return kind == Kind::label && !is_escaped && text == name;
  }
};

class WaveLexer {
 public:
  // `context` is the whole of which `text` is a part; errors show it.
  WaveLexer(std::string_view text, std::string_view context) : text_(text), context_(context) {}

  // Reads the next token; at the end, one of kind `end`.
  Result<WaveToken> next();

  // An error that shows where `source`, a part of the text, is.
  std::unexpected<Error> fail_at(std::string_view source, const std::string& message) const;

 private:
  void skip_space();
  Result<WaveToken> label();
  Result<WaveToken> number();
  Result<WaveToken> character();
  Result<WaveToken> string();
  Result<WaveToken> multiline();
  Result<std::string> unescape(std::string_view raw) const;
  std::string_view from(size_t start) const { return text_.substr(start, position_ - start); }
  std::unexpected<Error> fail_here(const std::string& message) const;

  std::string_view text_;
  std::string_view context_;
  size_t position_ = 0;
};

// WAVE's own words, which as cases of variants and enums are written with %.
bool is_wave_keyword(std::string_view text);

}  // namespace tenon::component
