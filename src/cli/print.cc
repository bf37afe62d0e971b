#include "cli/binary_input.h"
#include "cli/commands.h"
#include "cli/output_file.h"
#include "cli/report.h"
#include "toolchain/binary.h"

namespace tenon::cli {

int print_command(std::span<const std::string_view> arguments) {
  std::string input;
  std::string output = "-";
  wasm::text::PrintOptions options;
  Command command{
      .name = "print",
      .operands = "[OPTIONS] [WASM]",
      .summary = "Writes the text of a core module.",
      .flags = {{"-o, --output", "FILE", "where to write (default: standard output)",
                 set_string(output)},
                {"-p, --print-offsets", "", "in front of each line, its offset in the binary",
                 set_true(options.offsets)},
                {"--skeleton", "", "leave out instructions and the contents of segments",
                 set_true(options.skeleton)},
                {"-f, --fold-instructions", "", "put instructions around their operands",
                 set_true(options.folded)}},
      .groups = {},
      .epilogue =
          "`tenon parse` makes the same binary of it again, where its encodings are the "
          "shortest.\n",
      .flags_behind_operands = true};
  return perform(command, arguments, file_or_stdin(command.name, input), [&]() -> Result<int> {
    OutputFile file = TRY(OutputFile::create(output));
    auto binary = TRY(read_binary(input));
    std::string text = TRY(naming(input, toolchain::print(binary, options)));
    text += '\n';
    TRY_VOID(file.finish({reinterpret_cast<const uint8_t*>(text.data()), text.size()}));
    return 0;
  });
}

}  // namespace tenon::cli
