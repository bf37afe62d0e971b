#include "runtime/component/type_check.h"

#include <fmt/format.h>

#include <memory>

namespace tenon::runtime {

using component::ComponentTypes;

Result<void> check_function_type(const ComponentTypes& types, const component::FuncType& wanted,
                                 const abi::FuncDesc& given, const ResourceTypeOf& resources) {
  if (wanted.params.size() != given.params.size()) {
    return fail(ErrorCode::link, fmt::format("the component has {} parameters, the host has {}",
                                             wanted.params.size(), given.params.size()));
  }
  for (size_t i = 0; i < given.params.size(); i++) {
    Result<void> checked =
        canon::check_type(types, wanted.params[i].type, *given.params[i], resources);
    if (!checked) {
      return std::unexpected(std::move(checked).error().in(
          fmt::format("parameter {} (`{}`)", i + 1, wanted.params[i].name)));
    }
  }
  if (!wanted.result && !given.result) return {};
  if (!wanted.result || !given.result) {
    return fail(ErrorCode::link,
                fmt::format("result: the component has {}, the host has {}",
                            wanted.result ? to_string(types, *wanted.result) : "none",
                            given.result ? canon::text_of(given.result) : "none"));
  }
  Result<void> checked = canon::check_type(types, *wanted.result, *given.result, resources);
  if (!checked) return std::unexpected(std::move(checked).error().in("result"));
  return {};
}

namespace {

// As much of a compiled module as its type consists of.
wasm::Module declarations_of(const compiler::ModuleInfo& info) {
  wasm::Module module;
  module.types.items() = info.types;
  module.rec_groups = info.rec_groups;
  for (const compiler::ImportInfo& item : info.imports)
    module.imports.push_back({item.module, item.name, item.kind, item.index});
  for (const compiler::ExportInfo& item : info.exports)
    module.exports.push_back({item.name, item.kind, item.index});
  for (uint32_t type : info.functions) module.functions.push_back(wasm::TypeIndex(type));
  for (uint32_t type : info.tags) module.tags.push_back({wasm::TypeIndex(type)});
  module.tables.items() = info.tables;
  module.memories.items() = info.memories;
  module.globals.items() = info.globals;
  return module;
}

Result<void> match_module(const wasm::Module& module, const component::ImportedModule& wanted,
                          const component::CoreTypes& core_types) {
  component::CoreTypeSet types;
  wasm::Module known;
  known.types.items() = core_types.types;
  known.rec_groups = core_types.groups;
  TRY_VOID(types.add(known));  // with the same ids
  component::CoreExports exports;
  for (const component::ImportedModule::Export& item : wanted.exports)
    exports.emplace(item.name, item.type);
  component::CoreModuleType expected{
      wanted.imports, std::make_shared<const component::CoreExports>(std::move(exports))};
  return check_core_subtype(types, TRY(component::type_of(module, types)), expected);
}

}  // namespace

Result<void> check_module_type(const Module& module, const component::ImportedModule& wanted,
                               const component::CoreTypes& core_types) {
  Result<void> matched = match_module(declarations_of(module.info()), wanted, core_types);
  if (matched) return {};
  return fail(ErrorCode::link,
              fmt::format("the module is of another type than the component wants: {}",
                          matched.error().to_string()));
}

}  // namespace tenon::runtime
