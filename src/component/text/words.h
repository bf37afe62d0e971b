#pragma once

#include <optional>
#include <string_view>

#include "component/component.h"

// Words of the text format of components that both parser and printer need.
namespace tenon::component::text {

// component: Binary.md#canonical-definitions (canonopt). With a sort: `(WORD idx)`.
struct CanonOptionWord {
  std::string_view word;
  uint8_t code;
  std::optional<Sort> sort;
};
inline constexpr CanonOptionWord canon_option_words[] = {
    {"string-encoding=utf8", 0x00, {}},
    {"string-encoding=utf16", 0x01, {}},
    {"string-encoding=latin1+utf16", 0x02, {}},
    {"memory", 0x03, Sort::core_memory},
    {"realloc", 0x04, Sort::core_func},
    {"post-return", 0x05, Sort::core_func},
    {"async", 0x06, {}},
    {"callback", 0x07, Sort::core_func},
};

}  // namespace tenon::component::text
