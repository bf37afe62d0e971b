#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/naming.h"
#include "base/result.h"

// The input of commands from file to file: binary or text, `-` for standard input. Errors name the
// file.
namespace tenon::cli {

Result<std::vector<uint8_t>> read_binary(const std::string& path);

}  // namespace tenon::cli
