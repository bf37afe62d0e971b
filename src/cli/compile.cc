#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <span>
#include <utility>

#include "base/result.h"
#include "cli/commands.h"
#include "cli/planned.h"
#include "cli/program_options.h"

namespace tenon::cli {
namespace {

// Where the result goes: a regular file is made beside its place and renamed when it is whole, so
// that a stop leaves the old file or the new one; anything else, as a pipe or a device, is written
// to. `-` is standard output.
class OutputFile {
 public:
  static Result<OutputFile> create(std::string path) {
    OutputFile file(std::move(path));
    struct stat found;
    bool exists = file.path_ != "-" && stat(file.path_.c_str(), &found) == 0;
    if (exists && S_ISDIR(found.st_mode)) return file.io_error("create", EISDIR);
    if (file.path_ == "-") {
      file.fd_ = dup(STDOUT_FILENO);
    } else if (exists && !S_ISREG(found.st_mode)) {
      file.fd_ = open(file.path_.c_str(), O_WRONLY | O_CLOEXEC);
    } else {
      // What a link leads to is replaced, not the link.
      std::error_code ignored;
      if (exists) file.path_ = std::filesystem::canonical(file.path_, ignored).string();
      file.temporary_ = file.path_ + ".XXXXXX";
      file.fd_ = mkstemp(file.temporary_.data());
      if (file.fd_ < 0) file.temporary_.clear();
    }
    if (file.fd_ < 0) return file.io_error("create", errno);
    return file;
  }

  OutputFile(OutputFile&& other) noexcept
      : path_(std::move(other.path_)),
        temporary_(std::exchange(other.temporary_, {})),
        fd_(std::exchange(other.fd_, -1)) {}
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile() {
    if (fd_ >= 0) close(fd_);
    if (!temporary_.empty()) unlink(temporary_.c_str());
  }

  Result<void> finish(std::span<const uint8_t> bytes) {
    while (!bytes.empty()) {
      ssize_t n = write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return io_error("write", errno);
      bytes = bytes.subspan(static_cast<size_t>(n));
    }
    if (!temporary_.empty() && fchmod(fd_, new_file_mode()) != 0) return io_error("write", errno);
    if (close(std::exchange(fd_, -1)) != 0) return io_error("write", errno);
    if (temporary_.empty()) return {};
    if (rename(temporary_.c_str(), path_.c_str()) != 0) return io_error("write", errno);
    temporary_.clear();
    return {};
  }

 private:
  explicit OutputFile(std::string path) : path_(std::move(path)) {}

  static mode_t new_file_mode() {
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
  }

  std::unexpected<Error> io_error(const char* verb, int code) const {
    return fail(ErrorCode::io, fmt::format("cannot {} `{}`: {}", verb, path_, std::strerror(code)));
  }

  std::string path_;
  std::string temporary_;  // empty where nothing is to be renamed
  int fd_ = -1;
};

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
