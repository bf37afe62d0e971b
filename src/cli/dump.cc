#include "toolchain/dump.h"

#include "cli/binary_input.h"
#include "cli/commands.h"
#include "cli/module_output.h"
#include "cli/report.h"

namespace tenon::cli {

int dump_command(std::span<const std::string_view> arguments) {
  std::string input;
  std::string output = "-";
  Command command{
      .name = "dump",
      .operands = "[OPTIONS] [WASM]",
      .summary = "Lists a component or a core module byte by byte, and what the bytes mean.",
      .flags = {output_flag(output)},
      .groups = {},
      .epilogue = "Of a file that does not follow the format, all is listed up to that place.\n",
      .flags_behind_operands = true};
  return perform(command, arguments, file_or_stdin(command.name, input), [&]() -> Result<int> {
    OutputFile file = TRY(OutputFile::create(output));
    auto binary = TRY(read_binary(input));
    toolchain::Dump dump = toolchain::dump(binary);
    TRY_VOID(write_text(file, dump.text));
    TRY_VOID(naming(input, std::move(dump.status)));
    return 0;
  });
}

}  // namespace tenon::cli
