#include "base/text.h"

#include <fmt/format.h>

#include <cstdint>

namespace tenon {

std::string printable(std::string_view text) {
  std::string result;
  for (char c : text) {
    auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20 || byte == 0x7f) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace tenon
