#include "cli/program_options.h"

#include <fmt/format.h>

#include "base/result.h"
#include "cli/planned.h"

namespace tenon::cli {
namespace {

Result<void> set_level(EngineConfig& config, std::string_view text) {
  if (text != "0" && text != "1" && text != "2") {
    return fail(ErrorCode::usage, fmt::format("`{}` is not 0, 1 or 2", text));
  }
  config.opt_level = static_cast<uint8_t>(text[0] - '0');
  return {};
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
            }},
           {"huge-pages", "[=y|n]", "back memories of 4 MiB and more by huge pages (y)",
            set_bool(config.huge_pages)}},
          planned::optimize_keys()};
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
          planned::codegen_keys()};
}

std::vector<Key> EngineOptions::feature_keys() {
  struct Named {
    const char* name;
    const char* help;
  };
  static constexpr Named features[] = {
      {"bulk-memory", "bulk memory operations"},
      {"multi-value", "blocks and functions with several results"},
      {"reference-types", "reference types"},
      {"simd", "vectors"},
      {"relaxed-simd", "relaxed SIMD"},
      {"extended-const", "arithmetic in constant expressions"},
      {"tail-call", "tail calls"},
      {"multi-memory", "several memories"},
      {"memory64", "64-bit memories and tables"},
      {"function-references", "typed references to functions"},
      {"gc", "garbage collection"},
      {"exceptions", "exceptions"},
      {"threads", "shared memories and atomic operations (n unless asked for, as what follows)"},
      {"custom-page-sizes", "memories with pages of one byte"},
      {"wide-arithmetic", "128-bit arithmetic"},
      {"cm-legacy", "components with `cancellable`, or names that differ by hyphens alone"},
      {"cm-values", "values of components, and their start functions"},
  };
  std::vector<Key> keys;
  for (const Named& feature : features) {
    keys.push_back({feature.name, "[=y|n]", feature.help,
                    [this, name = feature.name](std::string_view text) -> Result<void> {
                      bool on = true;
                      TRY_VOID(set_bool(on)(text));
                      config.features += fmt::format("{}{},", on ? "" : "-", name);
                      return {};
                    }});
  }
  keys.push_back({"relaxed-simd-deterministic", "[=y|n]", "the same results on every processor",
                  set_bool(config.deterministic_relaxed_simd)});
  return keys;
}

Group EngineOptions::debug_group() {
  return {"-D, --debug", "Debugging", {}, planned::debug_keys()};
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
  auto program = load_program(*engine_, path);
  progress_.reset();
  return program;
}

Result<std::vector<uint8_t>> CommandEngine::compile(const std::string& path) {
  auto compiled = compile_program(*engine_, path);
  progress_.reset();
  return compiled;
}

}  // namespace tenon::cli
