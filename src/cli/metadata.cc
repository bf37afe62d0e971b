#include "toolchain/metadata.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/binary_input.h"
#include "cli/commands.h"
#include "cli/module_output.h"
#include "cli/report.h"

namespace tenon::cli {

namespace {

using toolchain::Fact;
using toolchain::MetadataEdit;
using Apply = std::function<Result<void>(std::string_view)>;

int show_command(std::span<const std::string_view> arguments) {
  std::string input;
  std::string output = "-";
  bool as_json = false;
  Command command{
      .name = "metadata show",
      .operands = "[OPTIONS] [WASM]",
      .summary =
          "Shows what a component or a core module says about itself: name, "
          "producers, and facts for\nregistries.",
      .flags = {output_flag(output), {"--json", "", "as one JSON value", set_true(as_json)}},
      .groups = {},
      .epilogue = "`--json` has the shape that wasm-tools gives it.\n",
      .flags_behind_operands = true};
  return perform(command, arguments, file_or_stdin(command.name, input), [&]() -> Result<int> {
    OutputFile file = TRY(OutputFile::create(output));
    auto binary = TRY(read_binary(input));
    auto metadata = TRY(naming(input, toolchain::read_metadata(binary)));
    TRY_VOID(write_text(file, as_json ? toolchain::metadata_json(metadata) + "\n"
                                      : toolchain::metadata_tables(metadata)));
    return 0;
  });
}

// What a value has to look like, and how it is spelled.
Result<std::string> checked(std::optional<Fact> fact, std::string_view value) {
  if (fact == Fact::source || fact == Fact::homepage) return toolchain::absolute_url(value);
  if (fact == Fact::licenses) TRY_VOID(toolchain::check_licenses(value));
  return std::string(value);
}

// `--NAME VALUE` and `--clear-NAME`.
void add_text_flags(std::vector<Flag>& flags, std::string_view name, std::string help,
                    std::optional<Fact> fact, MetadataEdit::Text& text) {
  auto refuse_second = [&text]() -> Result<void> {
    if (!text.is_edit()) return {};
    return fail(ErrorCode::usage, text.is_cleared ? "it cannot be both set and cleared"
                                                  : "it can be given once only");
  };
  flags.push_back({fmt::format("--{}", name), "TEXT", std::move(help),
                   [&text, fact, refuse_second](std::string_view value) -> Result<void> {
                     TRY_VOID(refuse_second());
                     text.set = TRY(checked(fact, value));
                     return {};
                   }});
  flags.push_back({fmt::format("--clear-{}", name), "", fmt::format("remove the {}", name),
                   [&text](std::string_view) -> Result<void> {
                     if (text.set)
                       return fail(ErrorCode::usage, "it cannot be both set and cleared");
                     text.is_cleared = true;
                     return {};
                   }});
}

Apply add_producer(toolchain::Producers& producers, std::string_view field) {
  return [&producers, field](std::string_view text) -> Result<void> {
    size_t equals = text.find('=');
    if (equals == std::string_view::npos)
      return fail(ErrorCode::usage, fmt::format("expected NAME=VERSION, found `{}`", text));
    // The fields stand in the order of their names, however the options stand.
    auto at = std::ranges::lower_bound(producers, field, {}, &toolchain::ProducerField::name);
    if (at == producers.end() || at->name != field)
      at = producers.insert(at, {std::string(field), {}});
    at->values.push_back(
        {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))});
    return {};
  };
}

constexpr const char* fact_help[] = {
    "who is responsible, and how they are reached",
    "what it is, for people",
    "an SPDX license expression (its form is checked, names are not\nlooked up)",
    "the URL of the source code",
    "the URL of a page about it",
    "the revision in source control",
    "the version of the package",
};

int add_command(std::span<const std::string_view> arguments) {
  std::string input;
  ModuleOutput output;
  MetadataEdit edit;
  Command command{
      .name = "metadata add",
      .operands = "[OPTIONS] [WASM]",
      .summary = "Adds to, or changes, what a component or a core module says about itself.",
      .flags = module_output_flags(output),
      .groups = {},
      .epilogue = "Modules and components that are nested stay as they are.\n",
      .flags_behind_operands = true};
  add_text_flags(command.flags, "name", "the name, in the name section", {}, edit.name);
  constexpr std::pair<const char*, const char*> producers[] = {
      {"language", "a source language; may be given several times"},
      {"processed-by", "a tool; may be given several times"},
      {"sdk", "an SDK; may be given several times"}};
  for (auto [field, help] : producers) {
    command.flags.push_back(
        {fmt::format("--{}", field), "NAME=VERSION", help, add_producer(edit.producers, field)});
  }
  for (size_t i = 0; i < toolchain::fact_names.size(); ++i) {
    add_text_flags(command.flags, toolchain::fact_names[i], fact_help[i], static_cast<Fact>(i),
                   edit.facts[i]);
  }
  return perform(command, arguments, file_or_stdin(command.name, input), [&]() -> Result<int> {
    OutputFile file = TRY(OutputFile::create(output.path));
    auto binary = TRY(read_binary(input));
    auto edited = TRY(naming(input, toolchain::edit_metadata(binary, edit)));
    TRY_VOID(naming(input, write_module(file, output, edited)));
    return 0;
  });
}

}  // namespace

int metadata_command(std::span<const std::string_view> arguments) {
  std::string_view first = arguments.empty() ? "" : arguments[0];
  if (first == "show") return show_command(arguments.subspan(1));
  if (first == "add") return add_command(arguments.subspan(1));
  Command command{
      .name = "metadata",
      .operands = "show|add [OPTIONS] [WASM]",
      .summary = "Shows or changes what a component or a core module says about itself.",
      .flags = {},
      .groups = {},
      .epilogue = "`tenon metadata show --help` and `tenon metadata add --help` say more.\n",
      .flags_behind_operands = true};
  auto refuse = [&](Operands) -> Result<void> {
    return std::unexpected(
        Error(ErrorCode::usage, "expected `show` or `add`").hint("see `tenon metadata --help`"));
  };
  return perform(command, arguments, refuse, []() -> Result<int> { return exit_usage; });
}

}  // namespace tenon::cli
