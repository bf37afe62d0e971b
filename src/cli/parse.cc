#include "base/naming.h"
#include "cli/commands.h"
#include "cli/module_output.h"
#include "cli/report.h"
#include "os/input.h"
#include "toolchain/binary.h"

namespace tenon::cli {

namespace {

Result<void> set_debug_info(component::text::ParseOptions& options, std::string_view value) {
  using wasm::text::DebugInfo;
  if (value != "lines" && value != "full")
    return fail(ErrorCode::usage, "expected `lines` or `full`");
  options.debug_info = value == "lines" ? DebugInfo::lines : DebugInfo::full;
  return {};
}

}  // namespace

int parse_command(std::span<const std::string_view> arguments) {
  std::string input;
  ModuleOutput output;
  component::text::ParseOptions options;
  std::vector<Flag> flags = module_output_flags(output);
  flags.push_back({"--lenient-indices", "",
                   "let references to core items of a component lack the word `core`",
                   set_true(options.lenient_indices)});
  flags.push_back({"--generate-dwarf", "lines|full",
                   "write debugging information: lines, or locals as well",
                   [&options](std::string_view value) { return set_debug_info(options, value); }});
  flags.push_back({"-g", "", "the same as --generate-dwarf full",
                   [&options](std::string_view) { return set_debug_info(options, "full"); }});
  Command command{
      .name = "parse",
      .operands = "[OPTIONS] [WAT]",
      .summary = "Writes the binary of what is in text form. Nothing is validated.",
      .flags = std::move(flags),
      .groups = {},
      .planned = {},
      .epilogue = "Identifiers become a name section. A binary is passed on as it is.\n",
      .flags_behind_operands = true};
  return perform(command, arguments, file_or_stdin(command.name, input), [&]() -> Result<int> {
    OutputFile file = TRY(OutputFile::create(output.path));
    auto bytes = TRY(os::read_input(input));
    auto binary = TRY(naming(input, toolchain::to_binary(input, std::move(bytes), options)));
    TRY_VOID(naming(input, write_module(file, output, binary)));
    return 0;
  });
}

}  // namespace tenon::cli
