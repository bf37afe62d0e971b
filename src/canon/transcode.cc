#include "canon/transcode.h"

#include <algorithm>
#include <cstring>

#include "base/utf8.h"

namespace tenon::canon {
namespace {

uint32_t unit_at(const uint8_t* p) {
  return p[0] | uint32_t{p[1]} << 8;
}

void put_unit(uint8_t* p, uint32_t unit) {
  p[0] = static_cast<uint8_t>(unit);
  p[1] = static_cast<uint8_t>(unit >> 8);
}

constexpr uint32_t not_a_scalar = ~uint32_t{0};

struct Decoded {
  uint32_t scalar = not_a_scalar;
  size_t length = 1;  // bytes
};

uint32_t continuation(uint8_t byte) {
  return (byte & 0xc0) == 0x80 ? byte & 0x3fu : not_a_scalar;
}

// Each byte is read once, so that a source that changes cannot fool the checks.
Decoded decode_utf8(const uint8_t* p, size_t left) {
  uint8_t lead = p[0];
  if (lead < 0x80) return {lead, 1};
  size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || left < length) return {};
  uint32_t scalar = lead & (0x7fu >> length);
  for (size_t i = 1; i < length; i++) {
    uint32_t bits = continuation(p[i]);
    if (bits == not_a_scalar) return {};
    scalar = scalar << 6 | bits;
  }
  constexpr uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (scalar < smallest[length] || !is_unicode_scalar(scalar)) return {};
  return {scalar, length};
}

Decoded decode_utf16(const uint8_t* p, size_t left) {
  if (left < 2) return {};
  uint32_t unit = unit_at(p);
  if (unit < 0xd800 || unit > 0xdfff) return {unit, 2};
  if (unit > 0xdbff || left < 4) return {};
  uint32_t low = unit_at(p + 2);
  if (low < 0xdc00 || low > 0xdfff) return {};
  return {0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), 4};
}

size_t utf8_length(uint32_t scalar) {
  return scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
}

// Writes `scalar` when there is room; returns the bytes written.
size_t put_utf8(uint8_t* p, size_t room, uint32_t scalar) {
  size_t length = utf8_length(scalar);
  if (room < length) return 0;
  if (length == 1) {
    p[0] = static_cast<uint8_t>(scalar);
    return 1;
  }
  constexpr uint32_t marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (size_t i = length - 1; i > 0; i--) {
    p[i] = static_cast<uint8_t>(0x80 | (scalar & 0x3f));
    scalar >>= 6;
  }
  p[0] = static_cast<uint8_t>(marks[length] | scalar);
  return length;
}

size_t put_utf16(uint8_t* p, size_t room, uint32_t scalar) {
  if (scalar < 0x10000) {
    if (room < 2) return 0;
    put_unit(p, scalar);
    return 2;
  }
  if (room < 4) return 0;
  put_unit(p, 0xd800 + ((scalar - 0x10000) >> 10));
  put_unit(p + 2, 0xdc00 + ((scalar - 0x10000) & 0x3ff));
  return 4;
}

size_t put_ascii(uint8_t* p, size_t room, uint32_t scalar) {
  if (room < 1 || scalar > 0x7f) return 0;
  p[0] = static_cast<uint8_t>(scalar);
  return 1;
}

size_t put_latin1(uint8_t* p, size_t room, uint32_t scalar) {
  if (room < 1 || scalar > 0xff) return 0;
  p[0] = static_cast<uint8_t>(scalar);
  return 1;
}

Decoded decode_latin1(const uint8_t* p, size_t) {
  return {p[0], 1};
}

constexpr size_t word_size = sizeof(uint64_t);

uint64_t word_at(const uint8_t* p) {
  uint64_t word;
  std::memcpy(&word, p, word_size);
  return word;
}

// Whether one of four code units is a surrogate.
bool has_surrogate(uint64_t units) {
  uint64_t differs = (units & 0xf800f800f800f800u) ^ 0xd800d800d800d800u;  // 0 in its 16 bits
  return ((differs - 0x0001000100010001u) & ~differs & 0x8000800080008000u) != 0;
}

// How many bytes, a multiple of 8, ASCII runs on for; `p` has `left` of them.
size_t ascii_run(const uint8_t* p, size_t left) {
  constexpr uint64_t high_bits = 0x8080808080808080u;
  auto is_ascii_block = [](const uint8_t* at) {
    uint64_t all = word_at(at) | word_at(at + word_size) | word_at(at + 2 * word_size) |
                   word_at(at + 3 * word_size);
    return (all & high_bits) == 0;
  };
  size_t i = 0;
  while (i + word_size <= left && (word_at(p + i) & high_bits) == 0) {
    i += word_size;
    while (i + 4 * word_size <= left && is_ascii_block(p + i)) i += 4 * word_size;
  }
  return i;
}

void widen(const uint8_t* from, size_t count, uint8_t* to) {
  for (size_t i = 0; i < count; i++) {
    uint16_t unit = from[i];
    std::memcpy(to + 2 * i, &unit, sizeof unit);
  }
}

// What can be done many characters at a time, at the start of a source; in bytes of both sides.
Progress ascii_to_bytes(Bytes source, MutableBytes to) {
  size_t run = ascii_run(source.data(), std::min(source.size(), to.size()));
  if (run > 0) std::memmove(to.data(), source.data(), run);
  return {run, run};
}
Progress ascii_to_units(Bytes source, MutableBytes to) {
  size_t run = ascii_run(source.data(), std::min(source.size(), to.size() / 2));
  widen(source.data(), run, to.data());
  return {run, 2 * run};
}
// Code units with no bit of `mask`.
template <uint64_t mask>
Progress units_to_bytes(Bytes source, MutableBytes to) {
  Progress done;
  while (source.size() - done.read >= word_size && to.size() - done.written >= word_size / 2) {
    uint64_t units = word_at(source.data() + done.read);
    if ((units & mask) != 0) break;
    units = (units | units >> 8) & 0x0000ffff0000ffffu;
    auto bytes = static_cast<uint32_t>(units | units >> 16);
    std::memcpy(to.data() + done.written, &bytes, sizeof bytes);
    done.read += word_size;
    done.written += word_size / 2;
  }
  return done;
}
constexpr uint64_t above_ascii = 0xff80ff80ff80ff80u;
constexpr uint64_t above_latin1 = 0xff00ff00ff00ff00u;

// In bytes of both sides: as many characters at a time as `many` can, and others one by one; for
// longer where runs are rare.
template <auto many, auto decode, auto put>
std::optional<Progress> convert(Bytes source, MutableBytes to) {
  Progress done;
  while (done.read < source.size()) {
    Progress run = many(source.subspan(done.read), to.subspan(done.written));
    done.read += run.read;
    done.written += run.written;
    size_t stop = std::min(done.read + (run.read > 0 ? 1 : 8) * word_size, source.size());
    while (done.read < stop) {
      Decoded next = decode(source.data() + done.read, source.size() - done.read);
      if (next.scalar == not_a_scalar) return std::nullopt;
      size_t put_bytes = put(to.data() + done.written, to.size() - done.written, next.scalar);
      if (put_bytes == 0) return done;
      done.read += next.length;
      done.written += put_bytes;
    }
  }
  return done;
}

}  // namespace

bool copy_utf8(Bytes source, MutableBytes to) {
  if (source.empty()) return true;
  // The copy is what gets checked: the source might change in between.
  std::memmove(to.data(), source.data(), source.size());
  return is_utf8({reinterpret_cast<const char*>(to.data()), source.size()});
}

bool copy_utf16(Bytes source, MutableBytes to) {
  if (source.empty()) return true;
  std::memmove(to.data(), source.data(), source.size());
  for (size_t i = 0; i < source.size();) {
    if (i + word_size <= source.size() && !has_surrogate(word_at(to.data() + i))) {
      i += word_size;
      continue;
    }
    Decoded next = decode_utf16(to.data() + i, source.size() - i);
    if (next.scalar == not_a_scalar) return false;
    i += next.length;
  }
  return true;
}

void latin1_to_utf16(Bytes source, MutableBytes to) {
  widen(source.data(), source.size(), to.data());
}

std::optional<size_t> utf8_to_utf16(Bytes source, MutableBytes to) {
  auto done = convert<ascii_to_units, decode_utf8, put_utf16>(source, to);
  if (!done) return std::nullopt;
  return done->written / 2;
}

Progress latin1_to_utf8(Bytes source, MutableBytes to) {
  return *convert<ascii_to_bytes, decode_latin1, put_utf8>(source, to);
}

std::optional<Progress> utf16_to_utf8(Bytes source, MutableBytes to) {
  auto done = convert<units_to_bytes<above_ascii>, decode_utf16, put_utf8>(source, to);
  if (done) done->read /= 2;
  return done;
}

Progress latin1_to_ascii(Bytes source, MutableBytes to) {
  return *convert<ascii_to_bytes, decode_latin1, put_ascii>(source, to);
}

std::optional<Progress> utf16_to_ascii(Bytes source, MutableBytes to) {
  auto done = convert<units_to_bytes<above_ascii>, decode_utf16, put_ascii>(source, to);
  if (done) done->read /= 2;
  return done;
}

std::optional<Progress> utf8_to_latin1(Bytes source, MutableBytes to) {
  return convert<ascii_to_bytes, decode_utf8, put_latin1>(source, to);
}

std::optional<Progress> utf16_to_latin1(Bytes source, MutableBytes to) {
  auto done = convert<units_to_bytes<above_latin1>, decode_utf16, put_latin1>(source, to);
  if (done) done->read /= 2;
  return done;
}

void widen_latin1(MutableBytes text, size_t count) {
  for (size_t i = count; i > 0; i--) put_unit(text.data() + 2 * (i - 1), text[i - 1]);
}

bool narrow_utf16(MutableBytes text) {
  for (size_t i = 1; i < text.size(); i += 2) {
    if (text[i] != 0) return false;
  }
  for (size_t i = 0; i < text.size() / 2; i++) text[i] = text[2 * i];
  return true;
}

const char* utf8_problem(Bytes source) {
  std::string_view text(reinterpret_cast<const char*>(source.data()), source.size());
  Bytes rest = source.subspan(utf8_valid_prefix(text));
  if (rest.empty()) return "invalid utf-8";
  // A sequence that more bytes could have completed.
  uint8_t lead = rest[0];
  size_t length = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
  bool cut_off = rest.size() < length;
  for (uint8_t byte : rest.subspan(1)) cut_off = cut_off && (byte & 0xc0) == 0x80;
  return cut_off ? "incomplete utf-8 byte sequence" : "invalid utf-8";
}

}  // namespace tenon::canon
