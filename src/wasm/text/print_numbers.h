#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>

// Numbers as the printer writes them: floats exactly, in hexadecimal, with a comment for people.
namespace tenon::wasm::text {

template <std::integral T>
void append_number(std::string& out, T value) {
  char buffer[24];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, end);
}

// `0x1.8p+0 (;=1.5;)`
void append_f32(std::string& out, uint32_t bits);
void append_f64(std::string& out, uint64_t bits);

}  // namespace tenon::wasm::text
