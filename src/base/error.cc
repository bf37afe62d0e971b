#include "tenon/error.h"

#include <fmt/format.h>

#include "base/text.h"

namespace tenon {

namespace {

// Names in messages come from inputs: a control character in one must not break the line, nor reach
// a terminal.
std::string printable(const std::string& text) {
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

}  // namespace

std::string Error::to_string() const {
  std::string text = context().empty() ? message() : context() + ": " + message();
  if (offset()) text += fmt::format(" (at {:#x})", *offset());
  if (!hint().empty()) text += "; " + hint();
  text = printable(text);
  if (!snippet().empty()) text += "\n" + snippet();
  return text;
}

}  // namespace tenon
