#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "tenon/version.h"

// The program `tenon`: finds the command and leaves the rest to it. A first word that names no
// command is a WebAssembly file to run, as in Wasmtime.
namespace tenon::cli {
namespace {

struct Entry {
  std::string_view name;
  std::string_view summary;
  int (*run)(std::span<const std::string_view>);
};

constexpr Entry commands[] = {
    {"run", "run a component or a core module", run_command},
    {"compile", "compile a component or a core module ahead of time", compile_command},
    {"validate", "check a component or a core module", validate_command},
    {"parse", "turn a module's text into its binary", parse_command},
    {"print", "turn a module's binary into text", print_command},
    {"inspect", "show what a component is made of, and what it needs", inspect_command},
    {"dump", "list a binary byte by byte", dump_command},
    {"objdump", "list the sections of a binary", objdump_command},
    {"strip", "remove custom sections", strip_command},
    {"metadata", "show or change name, producers and facts", metadata_command},
    {"wast", "run test scripts", wast_command},
};

void print_help() {
  fmt::print("tenon {}: runs WebAssembly components and core modules\n\n", version);
  fmt::print(
      "usage: tenon COMMAND [OPTIONS] ...\n       tenon [RUN OPTIONS] WASM "
      "[ARGS]...\n\ncommands:\n");
  for (const Entry& command : commands) fmt::print("  {:<12}{}\n", command.name, command.summary);
  fmt::print(
      "\noptions:\n  -h, --help    this text; `tenon COMMAND --help` for a command's\n"
      "  -V, --version the version\n");
}

int dispatch(std::span<const std::string_view> arguments) {
  if (arguments.empty()) {
    print_help();
    return exit_usage;
  }
  std::string_view first = arguments[0];
  if (first == "-h" || first == "--help" || first == "help") {
    print_help();
    return 0;
  }
  if (first == "-V" || first == "--version") {
    fmt::print("tenon {}\n", version);
    return 0;
  }
  for (const Entry& command : commands) {
    if (first == command.name) return command.run(arguments.subspan(1));
  }
  bool has_name_of_file = first.find_first_of("./-") != std::string_view::npos;
  if (!has_name_of_file && access(std::string(first).c_str(), F_OK) != 0) {
    print_error(Error(ErrorCode::not_found, fmt::format("no command or file `{}`", first))
                    .hint("see `tenon --help`"));
    return exit_failure;
  }
  return run_command(arguments);
}

// Makes descriptors 0 to 2 what they are taken for: a file that is opened later must not become a
// guest's standard stream. Writing to a closed pipe, or beyond the largest file that the system
// allows, is an error of that write, not the end of the process.
void prepare_process() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) std::abort();
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace
}  // namespace tenon::cli

int main(int argc, char** argv) {
  tenon::cli::prepare_process();
  std::vector<std::string_view> arguments(argv + 1, argv + argc);
  return tenon::cli::finish_output(tenon::cli::dispatch(arguments));
}
