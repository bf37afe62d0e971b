#include "base/utf8.h"

#include <cstring>

namespace tenon {
namespace {

bool is_continuation(uint8_t byte) {
  return (byte & 0xc0) == 0x80;
}

constexpr uint64_t high_bits = 0x8080808080808080u;
constexpr size_t block_size = 64;

// One branch for each block: the words are joined in vector registers.
bool is_ascii_block(const uint8_t* p) {
  uint64_t all = 0;
  for (size_t i = 0; i < block_size; i += sizeof all) {
    uint64_t word;
    std::memcpy(&word, p + i, sizeof word);
    all |= word;
  }
  return (all & high_bits) == 0;
}

// Length of the well-formed sequence that starts at `p`, or 0.
size_t sequence_length(const uint8_t* p, size_t left) {
  uint8_t lead = p[0];
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return left >= 2 && is_continuation(p[1]) ? 2 : 0;
  if (lead < 0xf0) {
    if (left < 3 || !is_continuation(p[1]) || !is_continuation(p[2])) return 0;
    if (lead == 0xe0 && p[1] < 0xa0) return 0;
    if (lead == 0xed && p[1] >= 0xa0) return 0;
    return 3;
  }
  if (lead < 0xf5) {
    if (left < 4 || !is_continuation(p[1]) || !is_continuation(p[2]) || !is_continuation(p[3]))
      return 0;
    if (lead == 0xf0 && p[1] < 0x90) return 0;
    if (lead == 0xf4 && p[1] >= 0x90) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

size_t utf8_valid_prefix(std::string_view text) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  size_t size = text.size();
  size_t i = 0;
  while (i < size) {
    if (i + 8 <= size) {
      uint64_t word;
      std::memcpy(&word, p + i, sizeof word);
      if ((word & high_bits) == 0) {
        i += 8;
        while (i + block_size <= size && is_ascii_block(p + i)) i += block_size;
        continue;
      }
    }
    size_t length = sequence_length(p + i, size - i);
    if (length == 0) return i;
    i += length;
  }
  return i;
}

char32_t utf8_next(std::string_view text, size_t& position) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data()) + position;
  if (p[0] < 0x80) {
    position += 1;
    return p[0];
  }
  if (p[0] < 0xe0) {
    position += 2;
    return static_cast<char32_t>((p[0] & 0x1f) << 6 | (p[1] & 0x3f));
  }
  if (p[0] < 0xf0) {
    position += 3;
    return static_cast<char32_t>((p[0] & 0x0f) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f));
  }
  position += 4;
  return static_cast<char32_t>((p[0] & 0x07) << 18 | (p[1] & 0x3f) << 12 | (p[2] & 0x3f) << 6 |
                               (p[3] & 0x3f));
}

void utf8_append(std::string& text, char32_t scalar) {
  auto put = [&text](uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (scalar < 0x80) {
    put(scalar);
  } else if (scalar < 0x800) {
    put(0xc0 | scalar >> 6);
    put(0x80 | (scalar & 0x3f));
  } else if (scalar < 0x10000) {
    put(0xe0 | scalar >> 12);
    put(0x80 | (scalar >> 6 & 0x3f));
    put(0x80 | (scalar & 0x3f));
  } else {
    put(0xf0 | scalar >> 18);
    put(0x80 | (scalar >> 12 & 0x3f));
    put(0x80 | (scalar >> 6 & 0x3f));
    put(0x80 | (scalar & 0x3f));
  }
}

}  // namespace tenon
