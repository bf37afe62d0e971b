#pragma once

#include <string>

#include "base/result.h"

// Names the file in an error about what it holds.
namespace tenon {

template <typename T>
Result<T> naming(const std::string& path, Result<T> result) {
  if (!result) return std::unexpected(std::move(result).error().in("`" + path + "`"));
  return result;
}

}  // namespace tenon
