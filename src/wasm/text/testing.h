#pragma once

#include <string>
#include <string_view>

#include "wasm/testing.h"
#include "wasm/text/parse_module.h"
#include "wasm/text/print_module.h"

// What the tests of the text format share.
namespace tenon::wasm::text::testing {

// The message of the error, or "" when the text parses.
inline std::string fault(std::string_view text) {
  auto parsed = parse_module({"t.wat", text});
  return parsed ? "" : parsed.error().message();
}

// The binary, or the error's text as bytes.
inline wasm::testing::Bytes parsed(std::string_view text) {
  auto bytes = parse_module({"t.wat", text});
  if (bytes) return *bytes;
  std::string message = bytes.error().to_string();
  return {message.begin(), message.end()};
}

inline std::string printed(const wasm::testing::Bytes& bytes, const PrintOptions& options = {}) {
  auto text = print_module(bytes, options);
  return text ? *text : text.error().to_string();
}

}  // namespace tenon::wasm::text::testing
