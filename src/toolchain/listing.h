#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/byte_reader.h"

// The lines of a dump: `OFFSET | BYTES | TEXT`, four bytes to a line, the text beside the first.
// Each item goes from where the one before it ended. Nothing is added beyond a limit.
namespace tenon::toolchain {

// A name in quotes, with what is not printable ASCII escaped.
std::string quoted(std::string_view name);

class Listing {
 public:
  explicit Listing(std::span<const uint8_t> binary);
  // Keeps the lines around an offset alone, and then is full.
  Listing(std::span<const uint8_t> binary, uint64_t around);

  // An item that ends where `in` stands.
  void item(const ByteReader& in, std::string_view text) { item_to(in.offset(), text); }
  void item_to(uint64_t end, std::string_view text);
  // Bytes that are counted, not shown.
  void blob(const ByteReader& in);
  // The same, where there are any.
  void rest(const ByteReader& in) {
    if (in.offset() > next_) blob(in);
  }
  // A line that stands for no bytes.
  void heading(std::string_view text);

  void indent() { ++depth_; }
  void outdent() { --depth_; }

  bool is_full() const;
  std::string take() { return std::move(out_); }
  std::string take_around();

 private:
  void skip_to(uint64_t end) { next_ = end; }
  void line_done(uint64_t start);
  void offset(uint64_t value);
  void text(std::string_view text);

  std::span<const uint8_t> binary_;
  size_t width_;
  uint64_t next_ = 0;  // the first byte that has not been listed
  uint32_t depth_ = 0;
  std::string out_;
  std::optional<uint64_t> around_;
  std::deque<std::string> kept_;  // items before the offset, and that at it
  bool is_found_ = false;
};

}  // namespace tenon::toolchain
