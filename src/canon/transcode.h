#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

// Strings from one encoding to another, in one pass. Sources are guest memory: nothing about them
// is known, they may overlap the destination, and may change under the reader. Every byte is
// therefore decoded with its bounds checked and none is trusted to be what it was before. Code
// units of UTF-16 are pairs of bytes, little-endian, at any alignment. Destinations are as large as
// each function says.
namespace tenon::canon {

using Bytes = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

// How far a conversion got, in code units of the source and of the destination.
struct Progress {
  size_t read = 0;
  size_t written = 0;
  friend bool operator==(Progress, Progress) = default;
};

// Nothing: the source is not well-formed. Same encoding: checks and copies all of it.
bool copy_utf8(Bytes source, MutableBytes to);
bool copy_utf16(Bytes source, MutableBytes to);

// Two bytes for each of the source.
void latin1_to_utf16(Bytes source, MutableBytes to);
// Two bytes for each of the source; the code units written.
std::optional<size_t> utf8_to_utf16(Bytes source, MutableBytes to);

// Stop before the first character that does not fit.
Progress latin1_to_utf8(Bytes source, MutableBytes to);
std::optional<Progress> utf16_to_utf8(Bytes source, MutableBytes to);

// Stop before the first character above U+007F. The destination needs no more bytes than the source
// has code units.
Progress latin1_to_ascii(Bytes source, MutableBytes to);
std::optional<Progress> utf16_to_ascii(Bytes source, MutableBytes to);

// Stop before the first character above U+00FF, or that does not fit. The destination needs no more
// bytes than the source has code units.
std::optional<Progress> utf8_to_latin1(Bytes source, MutableBytes to);
std::optional<Progress> utf16_to_latin1(Bytes source, MutableBytes to);

// Doubles the first `count` bytes to code units of UTF-16, in place.
void widen_latin1(MutableBytes text, size_t count);
// Halves `text` to bytes, in place, when all its code units are below 0x100.
bool narrow_utf16(MutableBytes text);

// Why `source` is not UTF-8, in the words of the standard's tests.
const char* utf8_problem(Bytes source);

}  // namespace tenon::canon
