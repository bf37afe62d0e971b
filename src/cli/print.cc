#include <fmt/format.h>

#include "base/naming.h"
#include "cli/commands.h"
#include "cli/features_option.h"
#include "cli/output_file.h"
#include "cli/report.h"
#include "os/input.h"
#include "toolchain/binary.h"

namespace tenon::cli {

namespace {

using Apply = std::function<Result<void>(std::string_view)>;

Apply set_indent(uint64_t& target) {
  return [&target](std::string_view value) -> Result<void> {
    constexpr uint64_t most = 40;
    target = TRY(parse_number(value));
    if (target <= most) return {};
    return fail(ErrorCode::usage, fmt::format("at most {} are possible", most));
  };
}

Apply set_indent_text(std::string& target) {
  return [&target](std::string_view value) -> Result<void> {
    if (value.empty() || value.find_first_not_of(" \t") != std::string_view::npos)
      return fail(ErrorCode::usage, "only spaces and tabs keep the text as it is");
    target = value;
    return {};
  };
}

}  // namespace

int print_command(std::span<const std::string_view> arguments) {
  std::string input;
  std::string output = "-";
  wasm::text::PrintOptions options;
  std::string indent_text;
  uint64_t indent = 2;
  Command command{
      .name = "print",
      .operands = "[OPTIONS] [WASM]",
      .summary = "Writes the text of a core module or a component.",
      .flags = {{"-o, --output", "FILE", "where to write (default: standard output)",
                 set_string(output)},
                {"-p, --print-offsets", "", "in front of each line, its offset in the binary",
                 set_true(options.offsets)},
                {"--skeleton", "", "leave out instructions and the contents of segments",
                 set_true(options.skeleton)},
                {"-f, --fold-instructions", "", "put instructions around their operands",
                 set_true(options.folded)},
                {"--name-unnamed", "", "make up names for what has none, as `$#func7`",
                 set_true(options.names_all)},
                {"--print-operand-stack", "",
                 "behind each instruction, the operands of the innermost block",
                 set_true(options.operands)},
                features_flag("--features", options.features),
                {"--indent", "N", "spaces to indent by (default: 2)", set_indent(indent)},
                {"--indent-text", "TEXT", "spaces and tabs to indent by instead",
                 set_indent_text(indent_text)}},
      .groups = {},
      .planned = {"-g, --generate-dwarf"},
      .epilogue =
          "`tenon parse` makes the same binary of it again, where its encodings are the "
          "shortest.\n"
          "Features are all that are there unless --features says otherwise; what is off is "
          "refused "
          "where it is used.\n",
      .flags_behind_operands = true};
  return perform(command, arguments, file_or_stdin(command.name, input), [&]() -> Result<int> {
    OutputFile file = TRY(OutputFile::create(output));
    options.indent = indent_text.empty() ? std::string(indent, ' ') : indent_text;
    auto bytes = TRY(os::read_input(input));
    std::string text = TRY(naming(input, toolchain::print_file(input, bytes, options)));
    text += '\n';
    TRY_VOID(file.finish({reinterpret_cast<const uint8_t*>(text.data()), text.size()}));
    return 0;
  });
}

}  // namespace tenon::cli
