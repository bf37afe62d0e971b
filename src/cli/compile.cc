#include <fmt/format.h>

#include <filesystem>

#include "base/result.h"
#include "cli/commands.h"
#include "cli/output_file.h"
#include "cli/planned.h"
#include "cli/program_options.h"

namespace tenon::cli {
namespace {

Result<int> compile(const EngineOptions& options, const std::string& input,
                    const std::string& output) {
  // First, so that nothing is compiled for a place that cannot be written.
  OutputFile file = TRY(OutputFile::create(output));
  CommandEngine engine(options);
  auto compiled = TRY(engine.compile(input));
  TRY_VOID(file.finish(compiled));
  return 0;
}

}  // namespace

int compile_command(std::span<const std::string_view> arguments) {
  std::string input;
  EngineOptions options;
  std::string output;
  Command command{
      .name = "compile",
      .operands = "[OPTIONS] WASM",
      .summary =
          "Compiles a component or a core module to a file that `tenon run` starts at once. `-` is "
          "standard input.",
      .flags = {{"-o, --output", "FILE",
                 "where to write, `-` for standard output (default: the input's name with\n"
                 "the ending .tenon, in the current directory)",
                 set_string(output)}},
      .groups = {options.optimize_group(),
                 options.codegen_group(),
                 EngineOptions::debug_group(),
                 {"-W, --wasm",
                  "WebAssembly",
                  options.feature_keys(),
                  planned::wasm_keys(),
                  {"component-model"}}},
      .planned = planned::options(),
      .epilogue =
          "The file is for this machine's kind of processor and this version of tenon. Another "
          "user or machine\n"
          "runs it with --allow-precompiled only.\n",
      .flags_behind_operands = true};
  for (Flag& flag : options.flags()) {
    if (flag.names == "--opt-level") command.flags.push_back(std::move(flag));
  }
  auto accept = [&](Operands operands) -> Result<void> {
    TRY_VOID(one_file("compile", input)(operands));
    if (output.empty()) {
      std::filesystem::path name(input == "-" ? "stdin" : input);
      output = name.stem().string() + ".tenon";
    }
    return {};
  };
  return perform(command, arguments, accept, [&] { return compile(options, input, output); });
}

}  // namespace tenon::cli
