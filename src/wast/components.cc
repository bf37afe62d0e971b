#include <fmt/format.h>

#include "base/utf8.h"
#include "canon/values.h"
#include "component/binary/decode.h"
#include "component/text/parse_component.h"
#include "component/validate/validate.h"
#include "runtime/component/exported_func.h"
#include "wasm/text/parse_module.h"
#include "wast/component_values.h"
#include "wast/script.h"

// Components of scripts.
namespace tenon::wast {

using wasm::text::ScriptAction;
using wasm::text::ScriptCommand;
using wasm::text::ScriptModule;
using wasm::text::ScriptValue;

Result<Script::Bytes> Script::component_binary(const ScriptModule& component) const {
  component::text::ParseOptions options{.lenient_indices = options_.lenient_indices};
  switch (component.kind) {
    case ScriptModule::Kind::text:
      return component::text::parse_component_fields(source_, component.begin, component.end,
                                                     options);
    case ScriptModule::Kind::binary: return Bytes(component.bytes.begin(), component.bytes.end());
    case ScriptModule::Kind::quote: break;
  }
  if (!is_utf8(component.bytes)) return fail(ErrorCode::malformed, "malformed UTF-8 encoding");
  return component::text::parse_component_fields({source_.name, component.bytes}, 0,
                                                 component.bytes.size(), options);
}

// What validation does not have yet cannot be judged.
Script::Outcome<void> Script::validate_component(std::span<const uint8_t> bytes) const {
  auto outcome = [](Error error) -> Failure {
    if (error.code() == ErrorCode::unsupported) return Skip{error.message()};
    return error;
  };
  auto decoded = component::decode(bytes, options_.features);
  if (!decoded) return std::unexpected(outcome(std::move(decoded).error()));
  auto valid = component::validate(*decoded, options_.features);
  if (!valid) return std::unexpected(outcome(std::move(valid).error()));
  return {};
}

void Script::define_modules(runtime::ComponentLinker& linker, const std::string& name,
                            const Named& instance) {
  if (instance.component == nullptr) return;
  for (auto& [path, module] : instance.component->exported_modules()) {
    component::Path within{name};
    within.insert(within.end(), path->begin(), path->end() - 1);
    linker.define_module(runtime::path_text(within), path->back(), module);
  }
}

Script::Outcome<runtime::ComponentLinker> Script::component_linker(const component::Plan& plan) {
  runtime::ComponentLinker linker;
  host_.define(linker, *components_);
  if (plan.imported_modules.empty()) return linker;
  if (!host_module_) {
    auto binary = wasm::text::parse_module({"host", host_module_text});
    if (!binary) return std::unexpected(std::move(binary).error());
    host_module_ = TRY(compile(*binary));
  }
  linker.define_module(
      HostInstance::name, "simple-module",
      std::shared_ptr<const runtime::Module>(host_module_, &host_module_->module(0)));
  for (const auto& [name, instance] : registered_) define_modules(linker, name, instance);
  for (const auto& [name, instance] : instances_)
    if (!name.empty() && !registered_.contains(name)) define_modules(linker, name, instance);
  return linker;
}

Script::Outcome<runtime::InstantiatedComponent*> Script::instantiate_component(const Code& code) {
  auto loaded = std::make_shared<runtime::LoadedComponent>(code);
  auto linker = TRY(component_linker(loaded->plan()));
  auto imports = linker.resolve(*loaded);
  if (!imports) return std::unexpected(std::move(imports).error());
  auto instance =
      runtime::InstantiatedComponent::create(*components_, std::move(loaded), std::move(*imports));
  if (instance) return *instance;
  if (const Trap* trap = instance.error().trap()) return std::unexpected(Trap(*trap));
  return std::unexpected(Error(*instance.error().error()));
}

Script::Outcome<Script::Values> Script::invoke(runtime::InstantiatedComponent& component,
                                               const ScriptAction& action) {
  auto function = component.find_function(action.name);
  if (!function) return std::unexpected(std::move(function).error());
  const auto& params = (*function)->type().params;
  if (params.size() != action.args.size())
    return std::unexpected(
        Error(ErrorCode::invalid, fmt::format("`{}` takes {} arguments, {} are given", action.name,
                                              params.size(), action.args.size())));
  std::vector<Value> args;
  for (size_t i = 0; i < params.size(); ++i) {
    auto value = component_value(source_, action.args[i]);
    if (!value) return std::unexpected(std::move(value).error());
    auto checked = canon::check_value((*function)->types(), params[i].type, *value);
    if (!checked) return std::unexpected(std::move(checked).error());
    args.push_back(std::move(*value));
  }
  auto results = (*function)->call(args);
  if (!results) return std::unexpected(std::move(results).error());
  return Values(std::move(*results));
}

Script::Outcome<Script::Values> Script::value_of(const runtime::InstantiatedComponent& component,
                                                 const ScriptAction& action) {
  auto value = component.find_value(action.name);
  if (!value) return std::unexpected(std::move(value).error());
  return Values(ComponentValues{std::move(*value)});
}

Script::Verdict Script::compare(const ComponentValues& found, const ScriptCommand& command) const {
  std::vector<std::string> expected_texts, found_texts;
  bool same = found.size() == command.results.size();
  for (size_t i = 0; i < command.results.size(); ++i) {
    auto expected = component_value(source_, command.results[i]);
    if (!expected) return std::move(expected).error();
    same = same && matches(*expected, found[i]);
    expected_texts.push_back(text_of(*expected));
  }
  if (same) return std::nullopt;
  for (const Value& value : found) found_texts.push_back(text_of(value));
  return Error(ErrorCode::invalid, fmt::format("`{}` gave {}, not {}", command.action.name,
                                               list(found_texts), list(expected_texts)));
}

}  // namespace tenon::wast
