#include "toolchain/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "wasm/text/printed_names.h"

namespace tenon::toolchain {

namespace {

constexpr uint64_t max_listed_bytes = uint64_t{1} << 32;
constexpr size_t bytes_per_line = 4;
constexpr size_t bytes_width = bytes_per_line * 3 - 1;
constexpr uint32_t deepest = 50;  // deeper lines are not indented further

}  // namespace

std::string quoted(std::string_view name) {
  std::string out;
  wasm::text::append_quoted_name(out, name);
  return out;
}

Listing::Listing(std::span<const uint8_t> binary)
    : binary_(binary), width_(fmt::formatted_size("{:#x}", binary.size()) + 1) {}

Listing::Listing(std::span<const uint8_t> binary, uint64_t around) : Listing(binary) {
  around_ = around;
}

bool Listing::is_full() const {
  return is_found_ || out_.size() >= max_listed_bytes;
}

// Behind the lines of an item.
void Listing::line_done(uint64_t start) {
  if (!around_) return;
  constexpr size_t most_kept = 4;
  is_found_ = *around_ < next_;
  bool is_at = is_found_ && start <= *around_;
  if (is_found_ && !is_at) return out_.clear();
  // Further lines of an item have only bytes.
  std::string item = is_at ? ">" : " ";
  for (char c : std::exchange(out_, {})) {
    if (item.ends_with('\n')) item += ' ';
    item += c;
  }
  kept_.push_back(std::move(item));
  if (kept_.size() > most_kept) kept_.pop_front();
}

std::string Listing::take_around() {
  std::string lines;
  if (!is_found_) return lines;
  for (const std::string& item : kept_) lines += item;
  if (lines.ends_with('\n')) lines.pop_back();
  return lines;
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
  uint64_t start = next_;
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
  line_done(start);
}

void Listing::blob(const ByteReader& in) {
  uint64_t end = in.offset();
  CHECK(end >= next_ && end <= binary_.size());
  if (is_full()) return skip_to(end);
  offset(next_);
  out_ += " |-------------| ";
  text(fmt::format("... {} bytes of data\n", end - next_));
  uint64_t start = std::exchange(next_, end);
  line_done(start);
}

void Listing::heading(std::string_view what) {
  if (is_full()) return;
  out_.append(width_ + 1, '=');
  out_ += ' ';
  out_ += what;
  out_ += '\n';
  line_done(next_);
}

}  // namespace tenon::toolchain
