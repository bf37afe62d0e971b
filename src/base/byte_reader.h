#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

// A cursor over untrusted bytes. The first failure is kept; from then on the reader stands at the
// end and every read yields zero. Callers read a whole item, then check `ok()` once; loops take
// their bound from `count()`. Does not own the bytes.
namespace tenon {

class ByteReader {
 public:
  // `origin` is the offset of `bytes` within the whole file, for the places in errors.
  explicit ByteReader(std::span<const uint8_t> bytes, uint64_t origin = 0)
      : begin_(bytes.data()),
        next_(bytes.data()),
        end_(bytes.data() + bytes.size()),
        origin_(origin) {}

  bool ok() const { return failure_ == nullptr; }
  bool at_end() const { return next_ == end_; }
  size_t left() const { return static_cast<size_t>(end_ - next_); }
  // Offset of the next byte within the whole file.
  uint64_t offset() const { return origin_ + static_cast<uint64_t>(next_ - begin_); }

  uint8_t byte() {
    if (next_ == end_) {
      fail("unexpected end");
      return 0;
    }
    return *next_++;
  }
  uint8_t peek() const { return next_ == end_ ? 0 : *next_; }

  // wasm: binary-int
  uint32_t u32() {
    if (next_ != end_ && *next_ < 0x80) return *next_++;
    return static_cast<uint32_t>(unsigned_leb(32));
  }
  uint64_t u64() { return unsigned_leb(64); }
  int32_t s32() { return static_cast<int32_t>(signed_leb(32)); }
  int64_t s33() { return signed_leb(33); }
  int64_t s64() { return signed_leb(64); }

  // Little-endian values of fixed width.
  uint32_t fixed_u32();
  uint64_t fixed_u64();

  // wasm: binary-list
  // The length of a list. Elements take at least one byte each, so a length above the bytes left
  // fails here and not in a loop or an allocation sized by it.
  uint32_t count();

  // The next `n` bytes; empty after a failure.
  std::span<const uint8_t> bytes(size_t n);
  // A reader over the next `n` bytes that keeps their offsets.
  ByteReader slice(size_t n);
  // wasm: binary-name (length, then UTF-8, checked). The view points into the input.
  std::string_view name();

  // Keeps the first failure; `message` is static text. Returns 0 for use in return statements.
  uint8_t fail(const char* message) { return fail_at(message, offset()); }
  uint8_t fail_at(const char* message, uint64_t offset);
  // The kept failure (malformed), or success.
  Result<void> status() const;
  const char* failure() const { return failure_; }
  uint64_t failure_offset() const { return failure_offset_; }

 private:
  uint64_t unsigned_leb(int bits);
  int64_t signed_leb(int bits);

  const uint8_t* begin_;
  const uint8_t* next_;
  const uint8_t* end_;
  uint64_t origin_;
  const char* failure_ = nullptr;
  uint64_t failure_offset_ = 0;
};

}  // namespace tenon
