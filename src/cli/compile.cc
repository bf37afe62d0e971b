#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/result.h"
#include "cli/commands.h"
#include "cli/planned.h"
#include "cli/program_options.h"

namespace tenon::cli {
namespace {

// Created beside its place and renamed, so that a stop leaves the old file or the new one.
Result<void> write_file(const std::string& path, std::span<const uint8_t> bytes) {
  auto io_error = [&](const char* verb) {
    return fail(ErrorCode::io, fmt::format("cannot {} `{}`: {}", verb, path, std::strerror(errno)));
  };
  std::string temporary = path + ".XXXXXX";
  int fd = mkstemp(temporary.data());
  if (fd < 0) return io_error("create");
  size_t written = 0;
  while (written < bytes.size()) {
    ssize_t n = write(fd, bytes.data() + written, bytes.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    written += static_cast<size_t>(n);
  }
  bool done = written == bytes.size() && fchmod(fd, 0644) == 0;
  done = close(fd) == 0 && done;
  if (done && rename(temporary.c_str(), path.c_str()) == 0) return {};
  auto error = io_error("write");
  unlink(temporary.c_str());
  return error;
}

Result<int> compile(const EngineOptions& options, const std::string& input,
                    const std::string& output) {
  CommandEngine engine(options);
  auto compiled = TRY(engine.compile(input));
  TRY_VOID(write_file(output, compiled));
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
                 "where to write (default: the input's name with the ending .tenon, in the\n"
                 "current directory)",
                 set_string(output)}},
      .groups = {options.optimize_group(), options.codegen_group(), EngineOptions::debug_group()},
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
    if (operands.size() != 1) {
      return std::unexpected(Error(ErrorCode::usage, "expected one WebAssembly file")
                                 .hint("see `tenon compile --help`"));
    }
    input = operands[0];
    if (output.empty()) {
      std::filesystem::path name(input == "-" ? "stdin" : input);
      output = name.stem().string() + ".tenon";
    }
    return {};
  };
  return perform(command, arguments, accept, [&] { return compile(options, input, output); });
}

}  // namespace tenon::cli
