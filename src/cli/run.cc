#include <fmt/format.h>

#include "base/result.h"
#include "cli/commands.h"
#include "cli/core_values.h"
#include "cli/run_options.h"
#include "tenon/linker.h"

namespace tenon::cli {
namespace {

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
  explicit Run(const RunOptions& options)
      : options_(options), engine_(options.engine), store_(engine_.engine(), options.store) {}

  Result<int> perform();

 private:
  Result<int> component(const Component& component);
  Result<int> module(const Module& module);
  Result<std::optional<int>> preload(ModuleLinker& linker, const Preload& preload);
  Result<std::optional<int>> initialize(const ModuleInstance& instance);
  Result<int> call_core(const CoreFunc& function);
  int trap(const Trap& trap) { return report_trap(trap, fmt::format("`{}`", options_.file)); }

  const RunOptions& options_;
  CommandEngine engine_;
  Store store_;
};

Result<int> Run::perform() {
  // What cannot be granted is said before anything is compiled.
  TRY_VOID(wasi::attach(store_, options_.wasi));
  Program program = TRY(engine_.load(options_.file));
  auto status = std::holds_alternative<Component>(program) ? component(std::get<Component>(program))
                                                           : module(std::get<Module>(program));
  if (options_.trace_resources) report_live_handles(store_.live_handles());
  if (!status) return in_file(std::move(status).error(), options_.file);
  return *status;
}

Result<int> Run::component(const Component& component) {
  if (!options_.preloads.empty()) {
    return fail(ErrorCode::usage, "--preload is for core modules; this is a component");
  }
  Linker linker(engine_.engine());
  if (options_.link_wasi) wasi::add_to_linker(linker);
  linker.trap_on_unknown_imports(options_.trap_on_unknown_imports);
  auto instance = linker.instantiate(store_, component);
  if (!instance) return report_instantiation(instance.error(), options_.file);
  if (options_.invoke) {
    auto result = TRY(instance->call_wave(*options_.invoke));
    if (!result) return trap(result.error());
    fmt::print("{}\n", *result);
    return 0;
  }
  using RunSignature = std::expected<void, std::monostate>();
  auto run = instance->get_func<RunSignature>("wasi:cli/run@0.2.0#run");
  if (!run && run.error().code() == ErrorCode::not_found) {
    return std::unexpected(std::move(run).error().hint(
        "a component that does not export wasi:cli/run is called with --invoke"));
  }
  if (!run) return std::unexpected(std::move(run).error());
  auto result = (*run)();
  if (!result) return trap(result.error());
  return result->has_value() ? 0 : exit_failure;
}

Result<int> Run::call_core(const CoreFunc& function) {
  std::span<const std::string> arguments = std::span(options_.wasi.args).subspan(1);
  auto values = TRY(parse_core_values(function.params(), arguments));
  auto results = TRY(function.call(values));
  if (!results) return trap(results.error());
  for (const CoreValue& value : *results) fmt::print("{}\n", to_text(value));
  return 0;
}

// `_initialize` makes a reactor ready before anything else of it is called. A status is the end.
Result<std::optional<int>> Run::initialize(const ModuleInstance& instance) {
  if (!instance.exports_func("_initialize")) return std::nullopt;
  CoreFunc function = TRY(instance.get_func("_initialize"));
  auto result = TRY(function.call({}));
  if (!result) return trap(result.error());
  return std::nullopt;
}

Result<std::optional<int>> Run::preload(ModuleLinker& linker, const Preload& preload) {
  auto program = engine_.load(preload.path);
  if (!program) return std::unexpected(std::move(program).error().in("--preload"));
  const auto* library = std::get_if<Module>(&*program);
  if (library == nullptr) {
    return in_file(Error(ErrorCode::usage, "components cannot be preloaded"), preload.path);
  }
  auto instance = linker.instantiate(store_, *library);
  if (!instance) return report_instantiation(instance.error(), preload.path);
  if (auto ended = TRY(initialize(*instance))) return ended;
  TRY_VOID(linker.define(preload.name, *instance));
  return std::nullopt;
}

Result<int> Run::module(const Module& module) {
  ModuleLinker linker(engine_.engine());
  if (options_.link_wasi) wasi::add_to_linker(linker);
  linker.trap_on_unknown_imports(options_.trap_on_unknown_imports);
  for (const Preload& library : options_.preloads) {
    if (auto ended = TRY(preload(linker, library))) return *ended;
  }
  auto instance = linker.instantiate(store_, module);
  if (!instance) return report_instantiation(instance.error(), options_.file);
  if (auto ended = TRY(initialize(*instance))) return *ended;
  if (options_.invoke) return call_core(TRY(instance->get_func(*options_.invoke)));
  for (const char* name : {"", "_start"}) {
    if (instance->exports_func(name)) return call_core(TRY(instance->get_func(name)));
  }
  return 0;
}

}  // namespace

int run_command(std::span<const std::string_view> arguments) {
  RunOptions options;
  auto accept = [&](Operands operands) { return options.finish(operands); };
  return perform(options.command(), arguments, accept, [&] { return Run(options).perform(); });
}

}  // namespace tenon::cli
