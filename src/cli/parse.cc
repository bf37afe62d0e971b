#include "cli/binary_input.h"
#include "cli/commands.h"
#include "cli/module_output.h"
#include "cli/report.h"

namespace tenon::cli {

int parse_command(std::span<const std::string_view> arguments) {
  std::string input;
  ModuleOutput output;
  Command command{
      .name = "parse",
      .operands = "[OPTIONS] [WAT]",
      .summary = "Writes the binary of a core module in text form. Nothing is validated.",
      .flags = module_output_flags(output),
      .groups = {},
      .planned = {"-g, --generate-dwarf"},
      .epilogue = "Identifiers become a name section. A binary is passed on as it is.\n",
      .flags_behind_operands = true};
  return perform(command, arguments, file_or_stdin(command.name, input), [&]() -> Result<int> {
    OutputFile file = TRY(OutputFile::create(output.path));
    auto binary = TRY(read_binary(input));
    TRY_VOID(naming(input, write_module(file, output, binary)));
    return 0;
  });
}

}  // namespace tenon::cli
