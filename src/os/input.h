#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/file.h"

// Files that a user names: modules, components, texts. "-" is standard input. Errors say what the
// system said, and leave the name to the caller.
namespace tenon::os {

Result<FileDescriptor> open_input(const std::string& path);

// All of an open file, from where it stands to its end; at most limits::max_module_bytes.
Result<std::vector<uint8_t>> read_all(int fd);

// Both, with the path as the error's context.
Result<std::vector<uint8_t>> read_input(const std::string& path);

}  // namespace tenon::os
