#include "toolchain/inspect.h"

#include "base/naming.h"
#include "cli/commands.h"
#include "cli/module_output.h"
#include "cli/report.h"
#include "os/input.h"

namespace tenon::cli {
namespace {

enum class Form : uint8_t { text, json, html };

std::function<Result<void>(std::string_view)> set_form(std::optional<Form>& target, Form form) {
  return [&target, form](std::string_view) -> Result<void> {
    if (target && *target != form)
      return fail(ErrorCode::usage, "--json and --html exclude each other");
    target = form;
    return {};
  };
}

std::string written(const toolchain::Inspection& inspection, const std::string& name, Form form,
                    const toolchain::TreeOptions& options) {
  switch (form) {
    case Form::text: return toolchain::inspection_text(inspection, name, options);
    case Form::json: return toolchain::inspection_json(inspection) + "\n";
    case Form::html: return toolchain::inspection_html(inspection, name);
  }
  return {};
}

}  // namespace

int inspect_command(std::span<const std::string_view> arguments) {
  std::string input;
  std::string output = "-";
  std::optional<Form> form;
  toolchain::TreeOptions options;
  Command command{
      .name = "inspect",
      .operands = "[OPTIONS] [WASM]",
      .summary =
          "Shows what a component or a core module is made of: components, modules and their "
          "sizes,\n"
          "imports and exports, how they are joined, and what it may ask to be granted.",
      .flags = {output_flag(output),
                {"--full", "", "all that interfaces hold and modules export, with types",
                 set_true(options.full)},
                {"--json", "", "as one JSON value, with everything in it",
                 set_form(form, Form::json)},
                {"--html", "", "as a page with graphs, which stands alone",
                 set_form(form, Form::html)}},
      .groups = {},
      .epilogue =
          "A joint is `WHAT = DEFINITION <- GIVER (HOW MUCH), ...`. Grants are options of `tenon "
          "run`.\n",
      .flags_behind_operands = true};
  return perform(command, arguments, file_or_stdin(command.name, input), [&]() -> Result<int> {
    OutputFile file = TRY(OutputFile::create(output));
    auto bytes = TRY(os::read_input(input));
    auto inspection = TRY(naming(input, toolchain::inspect_file(input, bytes)));
    std::string name = input == "-" ? "standard input" : input;
    TRY_VOID(write_text(file, written(inspection, name, form.value_or(Form::text), options)));
    return 0;
  });
}

}  // namespace tenon::cli
