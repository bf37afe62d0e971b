#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tenon/error.h"

// A text to parse and what it is called in messages. Views: the caller keeps name and text alive.
namespace tenon::wasm::text {

struct Source {
  std::string_view name;  // of the file, as the user knows it
  std::string_view text;
};

// Counted from 1; columns are characters, not bytes.
struct Position {
  uint64_t line = 1;
  uint64_t column = 1;
};

// What stands at an offset of a binary was written at a byte offset of the text.
struct SourceMark {
  uint64_t offset = 0;
  size_t source = 0;
};

Position position_of(std::string_view text, size_t offset);

// A `malformed` error whose snippet names file, line and column and marks the place. Of a long line
// it shows the part around the mark.
Error error_at(const Source& source, size_t offset, std::string message);

}  // namespace tenon::wasm::text
