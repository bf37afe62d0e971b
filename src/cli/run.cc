#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>

#include "base/result.h"
#include "cli/commands.h"
#include "cli/core_values.h"
#include "cli/program_options.h"
#include "tenon/linker.h"
#include "tenon/wasi.h"

extern char** environ;

namespace tenon::cli {
namespace {

struct Preload {
  std::string name;
  std::string path;
};

// What is granted without being asked for.
wasi::WasiConfig standard_streams() {
  wasi::WasiConfig config;
  config.inherit_stdin = config.inherit_stdout = config.inherit_stderr = true;
  return config;
}

struct RunOptions {
  EngineOptions engine;
  StoreConfig store;
  wasi::WasiConfig wasi = standard_streams();
  std::optional<std::string> invoke;
  std::optional<std::string> argv0;
  std::vector<Preload> preloads;
  std::vector<std::string> env;  // NAME or NAME=VALUE
  bool inherit_env = false;
  bool link_wasi = true;
  bool trap_on_unknown_imports = false;

  Command command();
  Group wasm_group();
  Group wasi_group();
  Result<void> finish(std::span<const std::string_view> operands);
};

// HOST[::GUEST[:ro]]
Result<void> add_directory(wasi::WasiConfig& config, std::string_view text) {
  wasi::PreopenedDirectory directory;
  size_t separator = text.find("::");
  directory.host_path = text.substr(0, separator);
  if (separator == std::string_view::npos) {
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
  if (directory.host_path.empty())
    return fail(ErrorCode::usage, "no directory given; expected HOST::GUEST");
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

Group RunOptions::wasm_group() {
  return {
      "-W, --wasm",
      "WebAssembly",
      {{"unknown-imports-trap", "[=y|n]", "imports that nothing defines become functions that trap",
        set_bool(trap_on_unknown_imports)},
       {"max-memory-size", "=BYTES", "of all memories together",
        set_number(store.max_memory_bytes)},
       {"max-wasm-stack", "=BYTES", "for guest code", set_number(store.stack_bytes)}},
      {"fuel", "timeout", "epoch-interruption", "trap-on-grow-failure", "all-proposals", "threads",
       "shared-memory", "max-instances", "max-tables", "max-memories", "max-table-elements",
       "nan-canonicalization", "component-model-async", "gc", "exceptions"}};
}

Group RunOptions::wasi_group() {
  return {
      "-S, --wasi",
      "WASI",
      {{"cli", "[=y|n]", "n: link nothing of WASI", set_bool(link_wasi)},
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
      {"http", "tcp", "udp", "inherit-network", "allow-ip-name-lookup", "config", "keyvalue", "nn",
       "tls", "p3", "threads"}};
}

Command RunOptions::command() {
  auto repeat = [](auto& target) {
    return [&target](std::string_view text) -> Result<void> {
      target.emplace_back(text);
      return {};
    };
  };
  auto once = [](std::optional<std::string>& target) {
    return [&target](std::string_view text) -> Result<void> {
      if (target) return fail(ErrorCode::usage, "given twice");
      target = text;
      return {};
    };
  };
  Command command{
      .name = "run",
      .operands = "[OPTIONS] WASM [ARGS]...",
      .summary =
          "Runs a component (wasi:cli/run) or a core module (_start, preview 1). `-` is standard "
          "input.\n"
          "Nothing of the host is granted but arguments, the standard streams, clocks and random "
          "bytes.",
      .flags =
          {
              {"--dir", "HOST[::GUEST[:ro]]",
               "grant a directory, under another name in the guest; :ro makes it\nread-only",
               [this](std::string_view text) { return add_directory(wasi, text); }},
              {"--env", "NAME[=VALUE]", "set a variable; without a value it is this process's",
               repeat(env)},
              {"--invoke", "CALL",
               "call an export instead: 'greet(\"world\")' in WAVE for a component,\n"
               "a name for a core module, with ARGS as its arguments",
               once(invoke)},
              {"--preload", "NAME=FILE",
               "instantiate a core module first; NAME is what later modules import it by",
               [this](std::string_view text) { return add_preload(preloads, text); }},
              {"--argv0", "NAME", "the guest's first argument (default: the file's name)",
               once(argv0)},
          },
      .groups = {engine.optimize_group(), engine.codegen_group()},
      .epilogue =
          "Exit status: the guest's own; 134 after a trap, 1 for anything else that fails, 2 for a "
          "wrong\n"
          "command line.\n"};
  for (Flag& flag : engine.flags()) command.flags.push_back(std::move(flag));
  command.groups.push_back(wasm_group());
  command.groups.push_back(wasi_group());
  return command;
}

Result<void> RunOptions::finish(std::span<const std::string_view> operands) {
  if (operands.empty()) {
    return std::unexpected(
        Error(ErrorCode::usage, "no WebAssembly file given").hint("see `tenon run --help`"));
  }
  std::string file(operands[0]);
  wasi.args.push_back(argv0 ? *argv0 : std::filesystem::path(file).filename().string());
  for (std::string_view argument : operands.subspan(1)) wasi.args.emplace_back(argument);
  if (inherit_env) {
    for (char** variable = environ; *variable != nullptr; ++variable) add_variable(wasi, *variable);
  }
  for (const std::string& variable : env) add_variable(wasi, variable);
  return {};
}

std::unexpected<Error> in_file(Error error, const std::string& file) {
  return std::unexpected(std::move(error).in(fmt::format("`{}`", file)));
}

// Prints what ended a run before or in guest code.
int report_instantiation(const InstantiationError& error, const std::string& file) {
  if (error.trap() != nullptr) return report_trap(*error.trap(), fmt::format("`{}`", file));
  print_error(Error(*error.error()).in(fmt::format("`{}`", file)));
  return exit_failure;
}

class Run {
 public:
  Run(RunOptions& options, const Engine& engine, std::string file)
      : options_(options), engine_(engine), file_(std::move(file)), store_(engine, options.store) {}

  Result<int> component(const Component& component);
  Result<int> module(CommandEngine& engine, const Module& module);

 private:
  int trap(const Trap& trap) { return report_trap(trap, fmt::format("`{}`", file_)); }
  Result<int> call_core(const CoreFunc& function, std::span<const std::string> arguments);

  RunOptions& options_;
  const Engine& engine_;
  std::string file_;
  Store store_;
};

Result<int> Run::component(const Component& component) {
  if (!options_.preloads.empty()) {
    return fail(ErrorCode::usage, "--preload is for core modules; this is a component");
  }
  Linker linker(engine_);
  if (options_.link_wasi) wasi::add_to_linker(linker);
  linker.trap_on_unknown_imports(options_.trap_on_unknown_imports);
  TRY_VOID(wasi::attach(store_, options_.wasi));
  auto instance = linker.instantiate(store_, component);
  if (!instance) return report_instantiation(instance.error(), file_);
  if (options_.invoke) {
    auto result = TRY(instance->call_wave(*options_.invoke));
    if (!result) return trap(result.error());
    fmt::print("{}\n", *result);
    return 0;
  }
  using RunSignature = std::expected<void, std::monostate>();
  auto run = instance->get_func<RunSignature>("wasi:cli/run@0.2.0#run");
  if (!run) {
    return std::unexpected(
        std::move(run).error().hint("a component without wasi:cli/run is called with --invoke"));
  }
  auto result = (*run)();
  if (!result) return trap(result.error());
  return result->has_value() ? 0 : exit_failure;
}

Result<int> Run::call_core(const CoreFunc& function, std::span<const std::string> arguments) {
  auto values = TRY(parse_core_values(function.params(), arguments));
  auto results = TRY(function.call(values));
  if (!results) return trap(results.error());
  for (const CoreValue& value : *results) fmt::print("{}\n", to_text(value));
  return 0;
}

Result<int> Run::module(CommandEngine& engine, const Module& module) {
  ModuleLinker linker(engine_);
  if (options_.link_wasi) wasi::add_to_linker(linker);
  linker.trap_on_unknown_imports(options_.trap_on_unknown_imports);
  TRY_VOID(wasi::attach(store_, options_.wasi));

  // `_initialize` makes a reactor ready before anything else of it is called.
  auto initialize = [&](const ModuleInstance& instance) -> Result<std::optional<int>> {
    if (!instance.exports_func("_initialize")) return std::nullopt;
    CoreFunc function = TRY(instance.get_func("_initialize"));
    auto result = TRY(function.call({}));
    if (!result) return trap(result.error());
    return std::nullopt;
  };
  for (const Preload& preload : options_.preloads) {
    auto program = engine.load(preload.path);
    if (!program) return std::unexpected(std::move(program).error().in("--preload"));
    const auto* library = std::get_if<Module>(&*program);
    if (library == nullptr) {
      return in_file(Error(ErrorCode::usage, "components cannot be preloaded"), preload.path);
    }
    auto instance = linker.instantiate(store_, *library);
    if (!instance) return report_instantiation(instance.error(), preload.path);
    if (auto ended = TRY(initialize(*instance))) return *ended;
    TRY_VOID(linker.define(preload.name, *instance));
  }
  auto instance = linker.instantiate(store_, module);
  if (!instance) return report_instantiation(instance.error(), file_);
  if (auto ended = TRY(initialize(*instance))) return *ended;
  std::span<const std::string> arguments = std::span(options_.wasi.args).subspan(1);
  if (options_.invoke) return call_core(TRY(instance->get_func(*options_.invoke)), arguments);
  for (const char* name : {"", "_start"}) {
    if (instance->exports_func(name)) return call_core(TRY(instance->get_func(name)), {});
  }
  return 0;
}

Result<int> run(RunOptions& options, const std::string& file) {
  CommandEngine engine(options.engine);
  Program program = TRY(engine.load(file));
  Run run(options, engine.engine(), file);
  auto status = std::holds_alternative<Component>(program)
                    ? run.component(std::get<Component>(program))
                    : run.module(engine, std::get<Module>(program));
  if (!status) return in_file(std::move(status).error(), file);
  return *status;
}

}  // namespace

int run_command(std::span<const std::string_view> arguments) {
  RunOptions options;
  std::string file;
  auto accept = [&](Operands operands) -> Result<void> {
    TRY_VOID(options.finish(operands));
    file = operands[0];
    return {};
  };
  return perform(options.command(), arguments, accept, [&] { return run(options, file); });
}

}  // namespace tenon::cli
