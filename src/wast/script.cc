#include "wast/script.h"

#include <algorithm>

#include <fmt/format.h>

#include "compiler/artifact/artifact.h"
#include "compiler/compile.h"
#include "runtime/call.h"
#include "wasm/binary/decode_module.h"
#include "wasm/validate/module.h"
#include "wast/component_values.h"
#include "wast/spectest.h"
#include "wast/trap_words.h"
#include "wast/values.h"

namespace tenon::wast {

using wasm::text::ScriptAction;
using wasm::text::ScriptCommand;
using wasm::text::ScriptModule;
using wasm::text::ScriptValue;
using Kind = ScriptCommand::Kind;

namespace {

Error wrong(std::string message) {
  return Error(ErrorCode::invalid, std::move(message));
}

bool is_assertion(Kind kind) {
  switch (kind) {
    case Kind::module:
    case Kind::instance:
    case Kind::register_:
    case Kind::action:
    case Kind::thread:
    case Kind::wait: return false;
    default: return true;
  }
}

}  // namespace

std::string list(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
  return all.empty() ? "nothing" : all;
}

Script::Script(const wasm::text::Source& source, std::shared_ptr<runtime::Engine> engine,
               compiler::Tier& tier, const RunnerOptions& options)
    : source_(source), engine_(std::move(engine)), tier_(tier), options_(options) {}

Result<void> Script::start() {
  runtime::StoreLimits limits;
  limits.heap = options_.heap;
  store_ = TRY(runtime::Store::create(engine_, limits));
  components_.emplace(*store_, nullptr);
  return define_spectest(*store_, spectest_, compiled_features());
}

void Script::run(const ScriptCommand& command) {
  Verdict verdict = judge(command);
  if (!verdict) {
    if (is_assertion(command.kind)) ++report_.passed;
    return;
  }
  Problem problem;
  problem.position = wasm::text::position_of(source_.text, command.offset);
  if (auto* skip = std::get_if<Skip>(&*verdict)) {
    if (is_assertion(command.kind)) ++report_.skipped;
    problem.kind = Problem::Kind::skipped;
    problem.message = skip->reason;
    bool is_known = std::ranges::any_of(report_.problems, [&](const Problem& known) {
      return known.kind == problem.kind && known.message == problem.message;
    });
    if (is_known) return;
  } else {
    ++report_.failed;
    auto* error = std::get_if<Error>(&*verdict);
    problem.message = error ? error->to_string() : std::get<Trap>(*verdict).to_string();
  }
  report_.problems.push_back(std::move(problem));
}

Script::Verdict Script::judge(const ScriptCommand& command) {
  if (options_.validate_only) return judge_modules(command);
  switch (command.kind) {
    case Kind::module: return define_or_instantiate(command);
    case Kind::instance: return instantiate_definition(command);
    case Kind::register_: return register_instance(command);
    case Kind::action: {
      auto values = act(command.action);
      if (!values) return std::move(values).error();
      return std::nullopt;
    }
    case Kind::assert_return: return assert_return(command);
    case Kind::assert_trap:
    case Kind::assert_exhaustion:
    case Kind::assert_suspension: return assert_trap(command);
    case Kind::assert_invalid:
    case Kind::assert_malformed:
    case Kind::assert_invalid_custom:
    case Kind::assert_malformed_custom: return assert_rejected(command);
    case Kind::assert_unlinkable: return assert_unlinkable(command);
    case Kind::assert_exception: return assert_exception(command);
    case Kind::thread: return start_thread(command);
    case Kind::wait: return wait_for_thread(command);
  }
  return std::nullopt;
}

// Without running anything: what there is of modules is validated.
Script::Verdict Script::judge_modules(const ScriptCommand& command) {
  switch (command.kind) {
    case Kind::assert_invalid:
    case Kind::assert_malformed:
    case Kind::assert_invalid_custom:
    case Kind::assert_malformed_custom: return assert_rejected(command);
    case Kind::thread:
      for (const ScriptCommand& inner : command.commands) run(inner);
      return std::nullopt;
    default: break;
  }
  if (command.kind == Kind::module || command.has_module) {
    auto bytes = binary(command.module);
    if (!bytes) return std::move(bytes).error();
    auto valid = validate(command.module, *bytes);
    if (!valid) return std::move(valid).error();
  }
  if (is_assertion(command.kind))
    return Skip{"it would have to run, and modules are only validated"};
  return std::nullopt;
}

// Modules and components.

Script::Outcome<Script::Bytes> Script::binary(const ScriptModule& module) const {
  auto bytes =
      module.is_component ? component_binary(module) : wasm::text::module_binary(source_, module);
  if (!bytes) return std::unexpected(std::move(bytes).error());
  return std::move(*bytes);
}

Script::Outcome<void> Script::validate(const ScriptModule& of,
                                       std::span<const uint8_t> bytes) const {
  if (of.is_component) return validate_component(bytes);
  auto module = wasm::decode_module(bytes, 0, options_.features);
  if (!module) return std::unexpected(std::move(module).error());
  auto valid = wasm::validate_module(*module, options_.features);
  if (!valid) return std::unexpected(std::move(valid).error());
  return {};
}

Script::Outcome<Script::Code> Script::compile(const ScriptModule& module) {
  Bytes bytes = TRY(binary(module));
  TRY_VOID(validate(module, bytes));
  return compile(bytes);
}

Script::Outcome<Script::Code> Script::compile(std::span<const uint8_t> bytes) {
  compiler::CompileOptions options;
  options.tier.opt_level = options_.opt_level;
  options.tier.memory_mode = engine_->memory_mode();
  options.features = compiled_features();
  options.limits.threads = 1;
  auto compiled = compiler::compile(bytes, tier_, options);
  if (!compiled) {
    if (compiled.error().code() == ErrorCode::unsupported)
      return std::unexpected(Skip{compiled.error().message()});
    return std::unexpected(std::move(compiled).error());
  }
  auto artifact = compiler::Artifact::open(*compiled);
  if (!artifact) return std::unexpected(std::move(artifact).error());
  auto code = runtime::LoadedCode::load(engine_, std::move(*artifact));
  if (!code) return std::unexpected(std::move(code).error());
  return code_.emplace_back(std::move(*code));
}

// Scripts of Wasmtime import from instances that have a name only, without registering them.
const Script::Named* Script::find_provider(std::string_view module) const {
  auto registered = registered_.find(module);
  if (registered != registered_.end()) return &registered->second;
  auto named = instances_.find(module);
  return module.empty() || named == instances_.end() ? nullptr : &named->second;
}

// An instance whose segments and start function are yet to run.
Script::Outcome<runtime::Instance*> Script::link(const Code& code) {
  const runtime::Module& module = code->module(0);
  for (const compiler::ImportInfo& wanted : module.info().imports) {
    const Named* from = find_provider(wanted.module);
    if (from != nullptr && from->instance == nullptr && !from->of_other_thread)
      return std::unexpected(Skip{from->skip_reason});
  }
  auto imports = spectest_.resolve(
      module, [this](const compiler::ImportInfo& wanted) -> std::optional<runtime::Import> {
        const Named* from = find_provider(wanted.module);
        return from == nullptr ? std::nullopt : find_export(*from, wanted.name);
      });
  if (!imports) return std::unexpected(std::move(imports).error());
  auto instance = runtime::Instance::create(*store_, module, *imports);
  if (!instance) return std::unexpected(std::move(instance).error());
  return *instance;
}

Script::Outcome<Script::Named> Script::instantiate(const Code& code) {
  Named made;
  if (code->artifact().plan()) {
    made.component = TRY(instantiate_component(code));
    return made;
  }
  made.instance = TRY(link(code));
  auto done = made.instance->initialize();
  if (!done) return std::unexpected(std::move(done).error());
  return made;
}

Script::Outcome<const Script::Named*> Script::find(const std::string& id) const {
  auto found = instances_.find(id);
  if (found == instances_.end())
    return std::unexpected(wrong(id.empty() ? "there is no instance yet"
                                            : fmt::format("there is no instance `${}`", id)));
  if (found->second.of_other_thread)
    return std::unexpected(wrong(fmt::format("`${}` is an instance of another thread", id)));
  const Named& named = found->second;
  if (named.instance == nullptr && named.component == nullptr)
    return std::unexpected(Skip{named.skip_reason});
  return &named;
}

// The instance made last has the empty name, too.
void Script::name(const std::string& id, Named named) {
  if (!id.empty()) instances_.insert_or_assign(id, named);
  instances_.insert_or_assign("", std::move(named));
}

Script::Verdict Script::name(const std::string& id, const Outcome<Named>& outcome) {
  if (outcome) {
    name(id, *outcome);
    return std::nullopt;
  }
  auto* skip = std::get_if<Skip>(&outcome.error());
  name(id, Named{.skip_reason = skip ? skip->reason : "its module failed"});
  return outcome.error();
}

Script::Verdict Script::define_or_instantiate(const ScriptCommand& command) {
  const ScriptModule& module = command.module;
  auto code = compile(module);
  if (module.is_definition) {
    auto* skip = code ? nullptr : std::get_if<Skip>(&code.error());
    std::expected<Code, std::string> kept = std::unexpected(skip ? skip->reason : "it failed");
    if (code) kept = *code;
    definitions_.insert_or_assign("", kept);
    definitions_.insert_or_assign(module.id, std::move(kept));
    if (!code) return std::move(code).error();
    return std::nullopt;
  }
  if (!code) return name(module.id, std::unexpected(std::move(code).error()));
  return name(module.id, instantiate(*code));
}

Script::Verdict Script::instantiate_definition(const ScriptCommand& command) {
  auto definition = definitions_.find(command.of_id);
  if (definition == definitions_.end())
    return wrong(fmt::format("there is no definition `${}`", command.of_id));
  if (!definition->second)
    return name(command.id, std::unexpected(Skip{definition->second.error()}));
  return name(command.id, instantiate(*definition->second));
}

Script::Verdict Script::register_instance(const ScriptCommand& command) {
  auto instance = instances_.find(command.id);
  if (instance == instances_.end()) return find(command.id).error();
  registered_.insert_or_assign(command.name, instance->second);
  return std::nullopt;
}

// Actions.

Script::Outcome<Script::Values> Script::act(const ScriptAction& action) {
  const Named* named = TRY(find(action.module_id));
  if (named->component != nullptr && action.kind == ScriptAction::Kind::get)
    return value_of(*named->component, action);
  if (named->component != nullptr) return invoke(*named->component, action);
  auto item = named->instance->find_export(action.name);
  if (!item) return std::unexpected(wrong(fmt::format("there is no export `{}`", action.name)));
  if (action.kind == ScriptAction::Kind::get) {
    auto* global = std::get_if<runtime::Global>(&*item);
    if (global == nullptr)
      return std::unexpected(wrong(fmt::format("the export `{}` is not a global", action.name)));
    return CoreValues{{global->type.type}, {*global->slot}};
  }
  auto* function = std::get_if<compiler::FuncRef*>(&*item);
  if (function == nullptr)
    return std::unexpected(wrong(fmt::format("the export `{}` is not a function", action.name)));
  return invoke(**function, action);
}

Script::Outcome<Script::Values> Script::invoke(compiler::FuncRef& function,
                                               const ScriptAction& action) {
  const wasm::FuncType& type = runtime::function_type(*store_, function);
  if (type.params.size() != action.args.size())
    return std::unexpected(wrong(fmt::format("`{}` takes {} arguments, {} are given", action.name,
                                             type.params.size(), action.args.size())));
  runtime::Heap* heap = TRY(store_->heap());
  runtime::RootScope scope(heap->roots());
  std::vector<compiler::Slot> arguments;
  for (const ScriptValue& value : action.args) {
    auto slot = TRY(argument(value, *store_, scope));
    if (!slot) return std::unexpected(Skip{"an argument is a reference that is not built yet"});
    arguments.push_back(*slot);
  }
  CoreValues values{type.results, std::vector<compiler::Slot>(type.results.size())};
  auto done = runtime::call_with_slots(*store_, function, arguments, values.slots);
  if (!done) return std::unexpected(std::move(done).error());
  return values;
}

// Assertions.

Script::Verdict Script::assert_return(const ScriptCommand& command) {
  auto values = act(command.action);
  if (!values) return std::move(values).error();
  return std::visit([&](const auto& found) { return compare(found, command); }, *values);
}

Script::Verdict Script::compare(const CoreValues& values, const ScriptCommand& command) const {
  bool same = values.slots.size() == command.results.size();
  for (size_t i = 0; same && i < values.slots.size(); ++i)
    same = matches(command.results[i], values.types[i], values.slots[i], *store_) &&
           is_function(command.results[i], values.slots[i], command.action);
  if (same) return std::nullopt;
  std::vector<std::string> expected, found;
  for (const ScriptValue& value : command.results) expected.push_back(text_of(value));
  for (size_t i = 0; i < values.slots.size(); ++i)
    found.push_back(text_of(values.types[i], values.slots[i]));
  return wrong(
      fmt::format("`{}` gave {}, not {}", command.action.name, list(found), list(expected)));
}

// Of a result that is expected to be a function of the acting instance, by its index.
bool Script::is_function(const ScriptValue& expected, compiler::Slot found,
                         const ScriptAction& action) const {
  if (expected.kind != ScriptValue::Kind::ref || !expected.has_number) return true;
  auto named = find(action.module_id);
  if (!named || (*named)->instance == nullptr) return false;
  runtime::Instance& instance = *(*named)->instance;
  return expected.bits < instance.module().info().functions.size() &&
         reinterpret_cast<uint64_t>(instance.function(static_cast<uint32_t>(expected.bits))) ==
             found.low;
}

// Of an action, or of an instantiation.
Script::Verdict Script::assert_trap(const ScriptCommand& command) {
  std::optional<Failure> failure;
  if (command.has_module) {
    auto code = compile(command.module);
    if (!code) return std::move(code).error();
    auto instance = instantiate(*code);
    if (!instance) failure = std::move(instance).error();
  } else {
    auto values = act(command.action);
    if (!values) failure = std::move(values).error();
  }
  if (!failure) return wrong(fmt::format("ended without the trap \"{}\"", command.message));
  auto* trap = std::get_if<Trap>(&*failure);
  if (trap == nullptr) return failure;
  std::string text = trap->reason();
  if (is_expected_trap(text, command.message)) return std::nullopt;
  return wrong(fmt::format("trapped with \"{}\", not with \"{}\"", text, command.message));
}

Script::Verdict Script::assert_exception(const ScriptCommand& command) {
  auto values = act(command.action);
  if (values) return wrong(fmt::format("`{}` ended without an exception", command.action.name));
  auto* trap = std::get_if<Trap>(&values.error());
  if (trap == nullptr) return std::move(values).error();
  if (trap->code == TrapCode::uncaught_exception) return std::nullopt;
  return wrong(fmt::format("trapped with \"{}\", without an exception", trap->to_string()));
}

// wasm: the text or binary is malformed, or the module invalid. Which of the two, and the words for
// it, are no contract.
Script::Verdict Script::assert_rejected(const ScriptCommand& command) {
  auto bytes = binary(command.module);
  if (!bytes) return std::nullopt;
  auto valid = validate(command.module, *bytes);
  if (!valid && std::holds_alternative<Skip>(valid.error())) return std::move(valid).error();
  if (!valid) return std::nullopt;
  return wrong(fmt::format("accepted, but it is wrong: \"{}\"", command.message));
}

Script::Verdict Script::assert_unlinkable(const ScriptCommand& command) {
  auto code = compile(command.module);
  if (!code) return std::move(code).error();
  auto instance = instantiate(*code);
  if (instance) return wrong(fmt::format("linked, but should not: \"{}\"", command.message));
  Failure failure = std::move(instance).error();
  if (std::holds_alternative<Error>(failure)) return std::nullopt;
  // Older scripts say so of segments that lie outside, which trap today.
  const Trap* trap = std::get_if<Trap>(&failure);
  if (trap && is_expected_trap(trap->reason(), command.message)) return std::nullopt;
  return failure;
}

}  // namespace tenon::wast
