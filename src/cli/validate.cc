#include "cli/binary_input.h"
#include "cli/commands.h"
#include "cli/features_option.h"
#include "cli/report.h"
#include "os/input.h"
#include "toolchain/binary.h"

namespace tenon::cli {

int validate_command(std::span<const std::string_view> arguments) {
  std::string input;
  wasm::Features features = wasm::Features::standard();
  Command command{.name = "validate",
                  .operands = "[OPTIONS] [WASM]",
                  .summary =
                      "Checks a component or a core module, binary or text, and is silent "
                      "when it is valid.",
                  .flags = {features_flag("-f, --features", features)},
                  .groups = {},
                  .planned = {"--validate-custom", "-g, --generate-dwarf"},
                  .epilogue =
                      "Features are those of the standard unless --features says "
                      "otherwise. The exit status is 1 when the file is not valid.\n",
                  .flags_behind_operands = true};
  return perform(command, arguments, file_or_stdin(command.name, input), [&]() -> Result<int> {
    auto bytes = TRY(os::read_input(input));
    TRY_VOID(naming(input, toolchain::validate_file(input, bytes, features)));
    return 0;
  });
}

}  // namespace tenon::cli
