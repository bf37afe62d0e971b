#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

// The input of commands from file to file: binary or text, `-` for standard input. Errors name the
// file.
namespace tenon::cli {

Result<std::vector<uint8_t>> read_binary(const std::string& path);

// Names the file in an error about what it holds.
template <typename T>
Result<T> naming(const std::string& path, Result<T> result) {
  if (!result) return std::unexpected(std::move(result).error().in("`" + path + "`"));
  return result;
}

}  // namespace tenon::cli
