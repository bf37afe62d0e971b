#include "base/byte_reader.h"

#include <cstring>

#include "base/utf8.h"

namespace tenon {

uint8_t ByteReader::fail_at(const char* message, uint64_t offset) {
  if (!failure_) {
    failure_ = message;
    failure_offset_ = offset;
    next_ = end_;
  }
  return 0;
}

Result<void> ByteReader::status() const {
  if (ok()) return {};
  return std::unexpected(Error(ErrorCode::malformed, failure_).at(failure_offset_));
}

// wasm: binary-uint
uint64_t ByteReader::unsigned_leb(int bits) {
  uint64_t value = 0;
  for (int shift = 0; shift < bits; shift += 7) {
    uint8_t b = byte();
    if (!ok()) return 0;
    int left = bits - shift;
    if (left < 7 && (b & 0x7f) >> left != 0) {
      return fail_at(b & 0x80 ? "integer representation too long" : "integer too large",
                     offset() - 1);
    }
    value |= uint64_t{b & 0x7fu} << shift;
    if (!(b & 0x80)) return value;
  }
  return fail_at("integer representation too long", offset() - 1);
}

// wasm: binary-sint
int64_t ByteReader::signed_leb(int bits) {
  uint64_t value = 0;
  for (int shift = 0; shift < bits; shift += 7) {
    uint8_t b = byte();
    if (!ok()) return 0;
    int left = bits - shift;
    if (left < 7 && !(b & 0x80)) {
      // The bits beyond the width repeat the sign bit.
      uint8_t beyond = static_cast<uint8_t>((b & 0x7f) >> (left - 1));
      uint8_t ones = static_cast<uint8_t>(0x7f >> (left - 1));
      if (beyond != 0 && beyond != ones) return fail_at("integer too large", offset() - 1);
    }
    value |= uint64_t{b & 0x7fu} << shift;
    if (!(b & 0x80)) {
      int used = shift + 7;
      if (used < 64 && (b & 0x40)) value |= ~uint64_t{0} << used;
      return static_cast<int64_t>(value);
    }
  }
  return fail_at("integer representation too long", offset() - 1);
}

uint32_t ByteReader::fixed_u32() {
  uint32_t value = 0;
  auto raw = bytes(sizeof value);
  if (!raw.empty()) std::memcpy(&value, raw.data(), sizeof value);
  return value;
}

uint64_t ByteReader::fixed_u64() {
  uint64_t value = 0;
  auto raw = bytes(sizeof value);
  if (!raw.empty()) std::memcpy(&value, raw.data(), sizeof value);
  return value;
}

uint32_t ByteReader::count() {
  uint64_t start = offset();
  uint32_t n = u32();
  if (n <= left()) return n;
  return fail_at("length out of bounds", start);
}

std::span<const uint8_t> ByteReader::bytes(size_t n) {
  if (n > left()) {
    fail("unexpected end");
    return {};
  }
  std::span<const uint8_t> result(next_, n);
  next_ += n;
  return result;
}

ByteReader ByteReader::slice(size_t n) {
  uint64_t start = offset();
  return ByteReader(bytes(n), start);
}

std::string_view ByteReader::name() {
  uint32_t length = count();
  uint64_t start = offset();
  auto raw = bytes(length);
  std::string_view text(reinterpret_cast<const char*>(raw.data()), raw.size());
  if (!is_utf8(text)) {
    fail_at("malformed UTF-8 encoding", start);
    return {};
  }
  return text;
}

}  // namespace tenon
