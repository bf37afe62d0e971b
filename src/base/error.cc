#include "tenon/error.h"

#include <fmt/format.h>

#include "base/text.h"

namespace tenon {

std::string Error::to_string() const {
  std::string text = context().empty() ? message() : context() + ": " + message();
  if (offset()) text += fmt::format(" (at {:#x})", *offset());
  if (!hint().empty()) text += "; " + hint();
  text = printable(text);
  if (!snippet().empty()) text += "\n" + snippet();
  return text;
}

}  // namespace tenon
