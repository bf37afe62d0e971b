#include "cli/module_output.h"

#include <unistd.h>

#include "toolchain/binary.h"

namespace tenon::cli {

Flag output_flag(std::string& path) {
  return {"-o, --output", "FILE", "where to write (default: standard output)", set_string(path)};
}

std::vector<Flag> module_output_flags(ModuleOutput& output) {
  return {output_flag(output.path),
          {"-t, --wat", "", "write the text instead of the binary", set_true(output.as_text)}};
}

Result<void> write_module(OutputFile& file, const ModuleOutput& output,
                          std::span<const uint8_t> binary) {
  if (output.as_text) {
    std::string text = TRY(toolchain::print(binary, {}));
    return write_text(file, text + '\n');
  }
  if (output.path == "-" && isatty(STDOUT_FILENO) == 1) {
    return std::unexpected(
        Error(ErrorCode::usage, "the output is binary and would go to a terminal")
            .hint("name a file with -o, or ask for text with -t"));
  }
  return file.finish(binary);
}

Result<void> write_text(OutputFile& file, std::string_view text) {
  return file.finish({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

}  // namespace tenon::cli
