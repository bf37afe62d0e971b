#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/command_line.h"
#include "cli/output_file.h"

// Where commands that make a binary write it, and in which form.
namespace tenon::cli {

struct ModuleOutput {
  std::string path = "-";
  bool as_text = false;
};

Flag output_flag(std::string& path);
// -o and -t.
std::vector<Flag> module_output_flags(ModuleOutput& output);

// A binary is not written to a terminal.
Result<void> write_module(OutputFile& file, const ModuleOutput& output,
                          std::span<const uint8_t> binary);
Result<void> write_text(OutputFile& file, std::string_view text);

}  // namespace tenon::cli
