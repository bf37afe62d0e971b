#pragma once

#include <cstdint>
#include <string_view>

// A token of the text format, as a view into the source.
namespace tenon::wasm::text {

// wasm: text-token
struct Token {
  enum class Kind : uint8_t {
    end,  // of the text, and after a failure
    open,
    close,
    keyword,    // starts with a lower-case letter; `inf`, `nan` and `nan:0x1` are such
    number,     // starts with a digit or a sign; whether it is well-formed is for numbers.h to say
    string,     // with its quotes
    id,         // with its `$`
    character,  // with its single quotes; only texts of components have them
    reserved,   // what no rule of the grammar accepts
  };
  Kind kind = Kind::end;
  std::string_view text;

  bool is(Kind k) const { return kind == k; }
  bool is_keyword(std::string_view word) const { return kind == Kind::keyword && text == word; }
  // An unsigned number or an identifier, as far as the first character tells.
  bool is_index() const {
    return kind == Kind::id || (kind == Kind::number && text[0] >= '0' && text[0] <= '9');
  }
};

}  // namespace tenon::wasm::text
