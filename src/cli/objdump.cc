#include "toolchain/objdump.h"

#include "cli/binary_input.h"
#include "cli/commands.h"
#include "cli/module_output.h"
#include "cli/report.h"

namespace tenon::cli {

int objdump_command(std::span<const std::string_view> arguments) {
  std::string input;
  std::string output = "-";
  Command command{.name = "objdump",
                  .operands = "[OPTIONS] [WASM]",
                  .summary = "Lists the sections of a component or a core module.",
                  .flags = {output_flag(output)},
                  .groups = {},
                  .epilogue = "A line has name, range of offsets, size, and number of entries.\n",
                  .flags_behind_operands = true};
  return perform(command, arguments, file_or_stdin(command.name, input), [&]() -> Result<int> {
    OutputFile file = TRY(OutputFile::create(output));
    auto binary = TRY(read_binary(input));
    std::string text = TRY(naming(input, toolchain::objdump(binary)));
    TRY_VOID(write_text(file, text));
    return 0;
  });
}

}  // namespace tenon::cli
