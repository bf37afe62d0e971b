#include "toolchain/strip.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include "cli/binary_input.h"
#include "cli/commands.h"
#include "cli/module_output.h"
#include "cli/report.h"

namespace tenon::cli {

namespace {

using Patterns = std::vector<std::unique_ptr<RE2>>;

std::function<Result<void>(std::string_view)> add_pattern(Patterns& patterns) {
  return [&patterns](std::string_view text) -> Result<void> {
    auto pattern = std::make_unique<RE2>(re2::StringPiece(text.data(), text.size()), RE2::Quiet);
    if (!pattern->ok())
      return fail(ErrorCode::usage, fmt::format("not a regular expression: {}", pattern->error()));
    patterns.push_back(std::move(pattern));
    return {};
  };
}

bool any_matches(const Patterns& patterns, std::string_view name) {
  re2::StringPiece text(name.data(), name.size());
  for (const auto& pattern : patterns) {
    if (RE2::PartialMatch(text, *pattern)) return true;
  }
  return false;
}

}  // namespace

int strip_command(std::span<const std::string_view> arguments) {
  std::string input;
  ModuleOutput output;
  bool all = false;
  Patterns patterns;
  Command command{
      .name = "strip",
      .operands = "[OPTIONS] [WASM]",
      .summary = "Removes custom sections from a component or a core module.",
      .flags = {{"-a, --all", "", "remove every custom section", set_true(all)},
                {"-d, --delete", "REGEX",
                 "remove the custom sections whose name matches, and no others;\nmay be given "
                 "several times",
                 add_pattern(patterns)}},
      .groups = {},
      .epilogue =
          "Without -a and -d all go but `name`, `component-type:*` and `dylink.0`. Modules and\n"
          "components that are nested are stripped, too.\n",
      .flags_behind_operands = true};
  for (Flag& flag : module_output_flags(output)) command.flags.push_back(std::move(flag));
  auto removes = [&](std::string_view name) {
    if (all) return true;
    return patterns.empty() ? toolchain::is_removed_by_default(name) : any_matches(patterns, name);
  };
  return perform(command, arguments, file_or_stdin(command.name, input), [&]() -> Result<int> {
    OutputFile file = TRY(OutputFile::create(output.path));
    auto binary = TRY(read_binary(input));
    auto stripped = TRY(naming(input, toolchain::strip(binary, removes)));
    TRY_VOID(naming(input, write_module(file, output, stripped)));
    return 0;
  });
}

}  // namespace tenon::cli
