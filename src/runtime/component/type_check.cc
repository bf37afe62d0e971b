#include "runtime/component/type_check.h"

#include <fmt/format.h>

#include <algorithm>

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

Result<void> check_module_type(const Module& module, const component::ImportedModule& wanted) {
  const compiler::ModuleInfo& info = module.info();
  for (const compiler::ImportInfo& import : info.imports) {
    bool is_given = std::ranges::any_of(wanted.imports, [&](const auto& given) {
      return given.module == import.module && given.name == import.name;
    });
    if (!is_given) {
      return fail(ErrorCode::link, fmt::format("the module imports `{}::{}`, which the component "
                                               "does not give it",
                                               import.module, import.name));
    }
  }
  for (const component::ImportedModule::Export& want : wanted.exports) {
    const compiler::ExportInfo* found = module.find_export(want.name);
    if (!found || found->kind != want.kind) {
      return fail(ErrorCode::link, fmt::format("the module has no export `{}` of the kind that the "
                                               "component wants",
                                               want.name));
    }
    if (!want.signature) continue;
    const wasm::FuncType& type = info.types[info.functions[found->index]].func;
    if (type != to_wasm(*want.signature)) {
      return fail(ErrorCode::link, fmt::format("export `{}` of the module is of another type than "
                                               "the component wants",
                                               want.name));
    }
  }
  return {};
}

}  // namespace tenon::runtime
