#include "cli/program_options.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/limits.h"
#include "base/result.h"

namespace tenon::cli {
namespace {

Result<void> set_level(EngineConfig& config, std::string_view text) {
  if (text != "0" && text != "1" && text != "2") {
    return fail(ErrorCode::usage, fmt::format("`{}` is not 0, 1 or 2", text));
  }
  config.opt_level = static_cast<uint8_t>(text[0] - '0');
  return {};
}

std::unexpected<Error> io_error(const std::string& path, int error) {
  return fail(ErrorCode::io, fmt::format("cannot read `{}`: {}", path, std::strerror(error)));
}

}  // namespace

std::vector<Flag> EngineOptions::flags() {
  return {
      {"--opt-level", "0|1|2", "0 compiles fastest, 2 (default) makes the fastest code",
       [this](std::string_view text) { return set_level(config, text); }},
      {"--no-cache", "", "neither read nor write compiled code in the cache directory",
       [this](std::string_view) -> Result<void> {
         cache = false;
         return {};
       }},
      {"--allow-precompiled", "",
       "run compiled code that was not made by this user on this machine; it has\n"
       "the rights of this process, so only for files that are trusted like one",
       set_true(config.allow_precompiled)},
  };
}

Group EngineOptions::optimize_group() {
  return {"-O, --optimize",
          "Optimization",
          {{"opt-level", "=0|1|2", "as --opt-level",
            [this](std::string_view text) { return set_level(config, text); }},
           {"signals-based-traps", "[=y|n]",
            "n: check every memory access in code (y where address space allows)",
            [this](std::string_view text) -> Result<void> {
              bool on = true;
              TRY_VOID(set_bool(on)(text));
              config.checked_memories = !on;
              return {};
            }}},
          {"pooling-allocator", "memory-reservation", "memory-guard-size", "regalloc-algorithm",
           "memory-may-move", "table-lazy-init", "memory-init-cow"}};
}

Group EngineOptions::codegen_group() {
  return {"-C, --codegen",
          "Compilation",
          {{"cache", "[=y|n]", "n: as --no-cache", set_bool(cache)},
           {"parallel-compilation", "[=y|n]", "n: compile on one thread",
            [this](std::string_view text) -> Result<void> {
              bool on = true;
              TRY_VOID(set_bool(on)(text));
              config.compile_threads = on ? 0 : 1;
              return {};
            }}},
          {"compiler", "collector", "cache-config", "inlining", "native-unwind-info"}};
}

CommandEngine::CommandEngine(EngineOptions options) {
  EngineConfig& config = options.config;
  config.on_warning = [](std::string_view text) { print_warning(text); };
  config.on_progress = [this](const EngineConfig::Progress& progress) {
    if (!progress_) progress_ = std::make_unique<ProgressLine>();
    uint64_t percent = progress.total == 0 ? 100 : progress.done * 100 / progress.total;
    progress_->show(fmt::format("compiling: {}% of {:.1f} MB", percent,
                                static_cast<double>(progress.total) / 1e6));
  };
  if (options.cache && !config.cache_directory) {
    auto directory = default_cache_directory();
    if (directory) {
      config.cache_directory = std::move(*directory);
    } else {
      print_warning(fmt::format("compiled code is not kept: {}", directory.error().to_string()));
    }
  }
  if (!options.cache) config.cache_directory.reset();
  engine_ = std::make_unique<Engine>(config);
}

Result<Program> CommandEngine::load(const std::string& path) {
  auto program = [&]() -> Result<Program> {
    if (path != "-") return load_program(*engine_, path);
    auto bytes = TRY(read_input(path));
    return load_program(*engine_, bytes);
  }();
  finish_progress();
  if (!program) return std::unexpected(std::move(program).error().in(fmt::format("`{}`", path)));
  return program;
}

Result<std::vector<uint8_t>> read_input(const std::string& path) {
  int fd = path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return io_error(path, errno);
  std::vector<uint8_t> bytes;
  struct stat status;
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
    bytes.reserve(static_cast<size_t>(status.st_size));
  std::vector<uint8_t> part(1 << 16);
  int error = 0;
  while (true) {
    ssize_t n = read(fd, part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) error = errno;
    if (n <= 0) break;
    bytes.insert(bytes.end(), part.begin(), part.begin() + n);
    if (bytes.size() > limits::max_module_bytes) error = EFBIG;
    if (error != 0) break;
  }
  if (fd != STDIN_FILENO) close(fd);
  if (error != 0) return io_error(path, error);
  return bytes;
}

}  // namespace tenon::cli
