#include "cli/binary_input.h"
#include "cli/commands.h"
#include "cli/output_file.h"
#include "cli/report.h"

namespace tenon::cli {

int parse_command(std::span<const std::string_view> arguments) {
  std::string input;
  std::string output = "-";
  Command command{
      .name = "parse",
      .operands = "[OPTIONS] WAT",
      .summary =
          "Writes the binary of a core module in text form. Nothing is "
          "validated. `-` is standard input.",
      .flags = {{"-o, --output", "FILE", "where to write (default: standard output)",
                 set_string(output)}},
      .groups = {},
      .epilogue = "Identifiers become a name section. A binary is passed on as it is.\n",
      .flags_behind_operands = true};
  return perform(command, arguments, one_file(command.name, input), [&]() -> Result<int> {
    OutputFile file = TRY(OutputFile::create(output));
    auto binary = TRY(read_binary(input));
    TRY_VOID(file.finish(binary));
    return 0;
  });
}

}  // namespace tenon::cli
