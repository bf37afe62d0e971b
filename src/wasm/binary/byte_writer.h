#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

// Writes the primitive values of the binary format to a growing buffer.
namespace tenon::wasm {

class ByteWriter {
 public:
  void byte(uint8_t value) { bytes_.push_back(value); }
  void bytes(std::span<const uint8_t> values) {
    bytes_.insert(bytes_.end(), values.begin(), values.end());
  }

  // wasm: binary-uint
  void u64(uint64_t value) {
    while (value >= 0x80) {
      byte(static_cast<uint8_t>(value | 0x80));
      value >>= 7;
    }
    byte(static_cast<uint8_t>(value));
  }
  void u32(uint32_t value) { u64(value); }
  // For lengths and counts, which are below 2^32.
  void size(size_t value) { u64(value); }

  // wasm: binary-sint
  void s64(int64_t value) {
    for (;;) {
      auto low = static_cast<uint8_t>(value & 0x7f);
      value >>= 7;
      bool is_last = (value == 0 && (low & 0x40) == 0) || (value == -1 && (low & 0x40) != 0);
      byte(is_last ? low : static_cast<uint8_t>(low | 0x80));
      if (is_last) return;
    }
  }

  void fixed_u32(uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) byte(static_cast<uint8_t>(value >> shift));
  }
  void fixed_u64(uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) byte(static_cast<uint8_t>(value >> shift));
  }

  // wasm: binary-name
  void name(std::string_view text) {
    size(text.size());
    bytes_.insert(bytes_.end(), text.begin(), text.end());
  }

  // A section, or anything else that its size precedes.
  void sized(const ByteWriter& content) {
    size(content.bytes_.size());
    bytes(content.bytes_);
  }

  bool empty() const { return bytes_.empty(); }
  size_t written() const { return bytes_.size(); }
  // Keeps the first `size` bytes.
  void truncate(size_t size) { bytes_.resize(size); }
  std::span<const uint8_t> view() const { return bytes_; }
  std::vector<uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace tenon::wasm
