#include "toolchain/listing.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace tenon::toolchain {

namespace {

constexpr uint64_t max_listed_bytes = uint64_t{1} << 32;
constexpr size_t bytes_per_line = 4;
constexpr size_t bytes_width = bytes_per_line * 3 - 1;
constexpr uint32_t deepest = 50;  // deeper lines are not indented further

}  // namespace

Listing::Listing(std::span<const uint8_t> binary)
    : binary_(binary), width_(fmt::formatted_size("{:#x}", binary.size()) + 1) {}

bool Listing::is_full() const {
  return out_.size() >= max_listed_bytes;
}

void Listing::offset(uint64_t value) {
  char buffer[24];
  auto end = fmt::format_to(buffer, "{:#x}", value);
  auto size = static_cast<size_t>(end - buffer);
  out_.append(width_ - std::min(width_, size), ' ');
  out_.append(buffer, size);
}

void Listing::text(std::string_view text) {
  out_.append(size_t{2} * std::min(depth_, deepest), ' ');
  out_ += text;
}

void Listing::item_to(uint64_t end, std::string_view what) {
  CHECK(end >= next_ && end <= binary_.size());
  if (is_full()) return skip_to(end);
  constexpr char digits[] = "0123456789abcdef";
  bool is_first = true;
  do {
    if (is_first) {
      offset(next_);
    } else {
      out_.append(width_, ' ');
    }
    out_ += " | ";
    size_t count = std::min<uint64_t>(bytes_per_line, end - next_);
    for (size_t i = 0; i < count; ++i) {
      uint8_t byte = binary_[next_ + i];
      if (i > 0) out_ += ' ';
      out_ += digits[byte >> 4];
      out_ += digits[byte & 15];
    }
    if (is_first) {
      out_.append(bytes_width - (count == 0 ? 0 : count * 3 - 1), ' ');
      out_ += " | ";
      text(what);
    }
    out_ += '\n';
    next_ += count;
    is_first = false;
  } while (next_ < end);
}

void Listing::blob(const ByteReader& in) {
  uint64_t end = in.offset();
  CHECK(end >= next_ && end <= binary_.size());
  if (is_full()) return skip_to(end);
  offset(next_);
  out_ += " |-------------| ";
  text(fmt::format("... {} bytes of data\n", end - next_));
  next_ = end;
}

void Listing::heading(std::string_view what) {
  if (is_full()) return;
  out_.append(width_ + 1, '=');
  out_ += ' ';
  out_ += what;
  out_ += '\n';
}

}  // namespace tenon::toolchain
