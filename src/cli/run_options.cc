#include "cli/run_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/result.h"
#include "cli/planned.h"

extern char** environ;

namespace tenon::cli {
namespace {

// HOST[::GUEST[:ro]]
Result<void> add_directory(wasi::WasiConfig& config, std::string_view text) {
  wasi::PreopenedDirectory directory;
  size_t separator = text.find("::");
  directory.host_path = text.substr(0, separator);
  if (separator == std::string_view::npos) {
    std::error_code ignored;
    if (text.ends_with(":ro") && !std::filesystem::exists(text, ignored)) {
      return fail(ErrorCode::usage, fmt::format("no such directory; read-only it is {0}::{0}:ro",
                                                text.substr(0, text.size() - 3)));
    }
    directory.guest_path = directory.host_path;
  } else {
    std::string_view guest = text.substr(separator + 2);
    if (guest.ends_with(":ro") || guest.ends_with(":rw")) {
      directory.read_only = guest.ends_with(":ro");
      guest.remove_suffix(3);
    }
    if (guest.find("::") != std::string_view::npos) {
      return fail(ErrorCode::usage, "more than one `::`; expected HOST::GUEST or HOST::GUEST:ro");
    }
    directory.guest_path = guest;
  }
  if (directory.host_path.empty()) {
    return fail(ErrorCode::usage, "no directory given; expected HOST::GUEST");
  }
  config.directories.push_back(std::move(directory));
  return {};
}

Result<void> add_preload(std::vector<Preload>& preloads, std::string_view text) {
  size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return fail(ErrorCode::usage, "expected NAME=FILE");
  }
  preloads.push_back({std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))});
  return {};
}

void add_variable(wasi::WasiConfig& config, std::string_view text) {
  size_t equals = text.find('=');
  std::string name(text.substr(0, equals));
  if (equals != std::string_view::npos) {
    config.env.emplace_back(std::move(name), text.substr(equals + 1));
  } else if (const char* value = std::getenv(name.c_str())) {
    config.env.emplace_back(std::move(name), value);
  }
}

}  // namespace

RunOptions::RunOptions() {
  wasi.inherit_stdin = wasi.inherit_stdout = wasi.inherit_stderr = true;
}

Group RunOptions::wasm_group() {
  Group group = {
      "-W, --wasm",
      "WebAssembly",
      {{"unknown-imports-trap", "[=y|n]", "imports that nothing defines become functions that trap",
        set_bool(trap_on_unknown_imports)},
       {"max-memory-size", "=BYTES", "of all memories together",
        set_number(store.max_memory_bytes)},
       {"max-gc-heap-size", "=BYTES", "of the garbage-collected heap",
        set_number(store.max_heap_bytes)},
       {"max-wasm-stack", "=BYTES", "for guest code", set_number(store.stack_bytes)}},
      planned::wasm_keys(),
      {"component-model"}};
  for (Key& key : engine.feature_keys()) group.keys.push_back(std::move(key));
  return group;
}

Group RunOptions::wasi_group() {
  return {
      "-S, --wasi",
      "WASI",
      {{"cli", "[=y|n]", "n: link nothing of WASI", set_bool(link_wasi)},
       {"common", "[=y|n]", "as cli", set_bool(link_wasi)},
       {"inherit-env", "[=y|n]", "pass all variables of this process", set_bool(inherit_env)},
       {"inherit-stdin", "[=y|n]", "n: standard input is empty", set_bool(wasi.inherit_stdin)},
       {"inherit-stdout", "[=y|n]", "n: standard output is dropped", set_bool(wasi.inherit_stdout)},
       {"inherit-stderr", "[=y|n]", "n: standard error is dropped", set_bool(wasi.inherit_stderr)},
       {"cwd", "=PATH", "what wasi:cli/environment.initial-cwd answers",
        [this](std::string_view text) -> Result<void> {
          wasi.cwd = text;
          return {};
        }},
       {"max-resources", "=N", "resources that the host keeps for the guest",
        [this](std::string_view text) -> Result<void> {
          uint64_t number = TRY(parse_number(text));
          wasi.max_resources = static_cast<uint32_t>(std::min<uint64_t>(number, UINT32_MAX));
          return {};
        }},
       {"max-random-size", "=BYTES", "random bytes for one call",
        set_number(wasi.max_random_bytes)},
       {"hostcall-fuel", "=BYTES", "copied out of the guest by one call",
        [this](std::string_view text) -> Result<void> {
          uint64_t number = TRY(parse_number(text));
          wasi.max_host_call_bytes = number;
          store.max_host_call_bytes = number;
          return {};
        }}},
      planned::wasi_keys(),
      {"cli-exit-with-code"}};
}

std::vector<Flag> RunOptions::flags() {
  auto once = [](std::optional<std::string>& target) {
    return [&target](std::string_view text) -> Result<void> {
      if (target) return fail(ErrorCode::usage, "given twice");
      target = text;
      return {};
    };
  };
  return {
      {"--dir", "HOST[::GUEST[:ro]]",
       "grant a directory, under another name in the guest; :ro makes it\nread-only",
       [this](std::string_view text) { return add_directory(wasi, text); }},
      {"--env", "NAME[=VALUE]", "set a variable; without a value it is this process's",
       [this](std::string_view text) -> Result<void> {
         if (text.empty() || text.front() == '=') {
           return fail(ErrorCode::usage, "expected NAME or NAME=VALUE");
         }
         env.emplace_back(text);
         return {};
       }},
      {"--invoke", "CALL",
       "call an export instead: 'greet(\"world\")' in WAVE for a component,\n"
       "a name for a core module, with ARGS as its arguments",
       once(invoke)},
      {"--preload", "NAME=FILE",
       "instantiate a core module first; NAME is what later modules import it by",
       [this](std::string_view text) { return add_preload(preloads, text); }},
      {"--trace-resources", "",
       "at the end, say which handles of a component's instances are still alive",
       set_true(trace_resources)},
      {"--argv0", "NAME", "the guest's first argument (default: the file's name)", once(argv0)},
  };
}

Command RunOptions::command() {
  Command command{
      .name = "run",
      .operands = "[OPTIONS] WASM [ARGS]...",
      .summary =
          "Runs a component (wasi:cli/run) or a core module (_start, preview 1). `-` is standard "
          "input.\n"
          "Nothing of the host is granted but arguments, the standard streams, clocks and random "
          "bytes.",
      .flags = flags(),
      .groups = {engine.optimize_group(), engine.codegen_group(), EngineOptions::debug_group(),
                 wasm_group(), wasi_group()},
      .planned = planned::options(),
      .epilogue =
          "Exit status: the guest's own; 134 after a trap, 1 for anything else that fails, 2 for a "
          "wrong\n"
          "command line.\n"};
  for (Flag& flag : engine.flags()) command.flags.push_back(std::move(flag));
  return command;
}

Result<void> RunOptions::finish(std::span<const std::string_view> operands) {
  if (operands.empty()) {
    return std::unexpected(
        Error(ErrorCode::usage, "no WebAssembly file given").hint("see `tenon run --help`"));
  }
  file = operands[0];
  wasi.args.push_back(argv0 ? *argv0 : std::filesystem::path(file).filename().string());
  for (std::string_view argument : operands.subspan(1)) wasi.args.emplace_back(argument);
  if (inherit_env) {
    for (char** variable = environ; *variable != nullptr; ++variable) {
      // Every process can be given entries that are no variables.
      if (**variable != '=') add_variable(wasi, *variable);
    }
  }
  for (const std::string& variable : env) add_variable(wasi, variable);
  return {};
}

}  // namespace tenon::cli
