#include <fmt/format.h>

#include <unordered_set>

#include "component/validate/validator.h"
#include "component/visit.h"
#include "wasm/validate/module.h"

// Core modules, core types and core instances.
namespace tenon::component {
namespace {

// Two-level names become one name when a module is seen as a component, so that they must be
// unique.
Result<void> add_import_name(std::unordered_set<std::string>& names, std::string_view module,
                             std::string_view name) {
  if (names.insert(fmt::format("{}:{}:{}", module.size(), module, name)).second) return {};
  return invalid(fmt::format("duplicate import name `{}:{}`", module, name));
}

// wasm: valid-limits
Result<void> check_limits(const wasm::Limits& limits, uint64_t most, const char* what) {
  if (limits.has_max && limits.max < limits.min)
    return invalid("size minimum must not be greater than maximum");
  if (limits.min > most || (limits.has_max && limits.max > most)) {
    return invalid(fmt::format("{} size must be at most {}", what, most));
  }
  return {};
}

}  // namespace

Result<Entity> Validator::add_module_type(CoreModuleType type) {
  ModuleType reference{static_cast<uint32_t>(output_.module_types.size())};
  output_.module_types.push_back(std::move(type));
  TypeId id = TRY(output_.types.add(reference));
  return Entity{EntityKind::module, id};
}

Validator::Item Validator::define(const CoreModuleDef& def) {
  const wasm::Module& module = input_.modules[def.module];
  if (Result<void> valid = wasm::validate_module(module, features_); !valid) {
    return std::unexpected(
        std::move(valid).error().in(fmt::format("core module {}", def.module.index)));
  }
  CoreModuleType type = TRY(type_of(module, output_.core_types));
  std::unordered_set<std::string> imported;
  for (const CoreImport& import : type.imports)
    TRY_VOID(add_import_name(imported, import.module, import.name));
  return StaticItem(TRY(add_module_type(std::move(type))));
}

Validator::Item Validator::define(const CoreTypeDef& def) {
  if (auto* group = std::get_if<CoreRecType>(&def.type)) {
    CoreTypeId first = TRY(core_rec_type(*group));
    return StaticItem(CoreTypeItem(first));
  }
  CoreModuleType type = TRY(core_module_type(std::get<CoreModuleTypeDecl>(def.type)));
  output_.module_types.push_back(std::move(type));
  CoreModuleTypeRef reference{static_cast<uint32_t>(output_.module_types.size() - 1)};
  return StaticItem(CoreTypeItem(reference));
}

// A group stands behind the core types that there are, which its types may mention. The first id.
Result<CoreTypeId> Validator::core_rec_type(const CoreRecType& group) {
  auto first = static_cast<uint32_t>(scope_->spaces.size(Sort::core_type));
  return output_.core_types.add(group.types, first,
                                [&](uint32_t index) { return core_type_at(index); });
}

Result<CoreExternType> Validator::core_extern_type(const CoreExternDesc& desc,
                                                   const CoreTypeSet::Resolve& resolve) {
  switch (desc.kind) {
    case wasm::ExternKind::table: {
      TRY_VOID(check_limits(desc.table.limits, wasm::max_table_size(desc.table), "table"));
      wasm::TableType type = desc.table;
      type.element = TRY(resolve_val_type(type.element, resolve));
      return type;
    }
    case wasm::ExternKind::memory:
      TRY_VOID(check_limits(desc.memory.limits, wasm::max_memory_pages(desc.memory), "memory"));
      if (desc.memory.is_shared && !desc.memory.limits.has_max)
        return invalid("shared memory must have maximum");
      return desc.memory;
    case wasm::ExternKind::global: {
      wasm::GlobalType type = desc.global;
      type.type = TRY(resolve_val_type(type.type, resolve));
      return type;
    }
    case wasm::ExternKind::func:
    case wasm::ExternKind::tag: break;
  }
  CoreTypeId id = TRY(resolve(desc.type));
  const wasm::SubType& type = output_.core_types[id];
  if (type.kind != wasm::SubType::Kind::func)
    return invalid(fmt::format("type {} is not a function type", desc.type));
  if (desc.kind == wasm::ExternKind::func) return CoreFuncType{id};
  if (!type.func.results.empty()) return invalid("non-empty tag result type");
  return CoreTagType{id};
}

// The innermost scope is the module type itself.
Result<CoreTypeId> Validator::outer_core_type(const CoreOuterAlias& alias,
                                              const CoreTypeSet::Resolve& own) {
  if (alias.count == 0) return own(alias.index);
  StaticItem outer = TRY(alias_outer(Sort::core_type, {alias.count - 1, alias.index}));
  if (auto* type = std::get_if<CoreTypeId>(&std::get<CoreTypeItem>(outer))) return *type;
  return invalid("a module type cannot alias a module type");
}

Result<CoreModuleType> Validator::core_module_type(const CoreModuleTypeDecl& decl) {
  CoreModuleType result;
  auto exports = std::make_shared<CoreExports>();
  std::vector<CoreTypeId> types;
  CoreTypeSet::Resolve resolve = [&](uint32_t index) -> Result<CoreTypeId> {
    if (index < types.size()) return types[index];
    return std::unexpected(unknown_index(Sort::core_type, index));
  };
  std::unordered_set<std::string> imported;
  for (const auto& item : decl.decls) {
    if (auto* group = std::get_if<CoreRecType>(&item)) {
      TRY_VOID(check_space_size(Sort::core_type, types.size() + group->types.size()));
      CoreTypeId first =
          TRY(output_.core_types.add(group->types, static_cast<uint32_t>(types.size()), resolve));
      for (size_t i = 0; i < group->types.size(); i++) types.push_back(CoreTypeId(first.index + i));
    } else if (auto* alias = std::get_if<CoreOuterAlias>(&item)) {
      types.push_back(TRY(outer_core_type(*alias, resolve)));
    } else if (auto* import = std::get_if<CoreImportDecl>(&item)) {
      CoreExternType type = TRY(core_extern_type(import->desc, resolve));
      TRY_VOID(add_import_name(imported, import->module, import->name));
      result.imports.push_back(
          {std::string(import->module), std::string(import->name), std::move(type)});
    } else {
      const auto& export_decl = std::get<CoreExportDecl>(item);
      CoreExternType type = TRY(core_extern_type(export_decl.desc, resolve));
      if (!exports->emplace(std::string(export_decl.name), std::move(type)).second) {
        return invalid(fmt::format("duplicate export name `{}` already defined", export_decl.name));
      }
    }
  }
  result.exports = std::move(exports);
  return result;
}

Validator::Item Validator::define(const CoreInstanceDef& def) {
  return std::visit(Overloaded{
                        [&](const CoreInstantiate& expr) { return core_instantiate(expr); },
                        [&](const std::vector<CoreInlineExport>& exports) {
                          return core_inline_exports(exports);
                        },
                    },
                    def.expr);
}

Validator::Item Validator::core_instantiate(const CoreInstantiate& def) {
  Entity module = TRY(entity(Sort::core_module, def.module));
  const CoreModuleType& type =
      output_.module_types[std::get<ModuleType>(output_.types[module.type]).index];
  std::unordered_map<std::string_view, CoreInstanceItem> args;
  for (const CoreInstantiateArg& arg : def.args) {
    CoreInstanceItem instance = TRY(core_instance(arg.instance));
    if (!args.emplace(arg.name, std::move(instance)).second) {
      return invalid(fmt::format("duplicate module instantiation argument named `{}`", arg.name));
    }
  }
  for (const CoreImport& import : type.imports) {
    auto arg = args.find(import.module);
    if (arg == args.end()) {
      return invalid(
          fmt::format("missing module instantiation argument named `{}`", import.module));
    }
    auto found = arg->second->find(import.name);
    if (found == arg->second->end()) {
      return invalid(
          fmt::format("module instantiation argument `{}` does not export an item named `{}`",
                      import.module, import.name));
    }
    if (Result<void> ok = check_core_subtype(output_.core_types, found->second, import.type); !ok) {
      return std::unexpected(std::move(ok).error().in(
          fmt::format("type mismatch for export `{}` of module instantiation argument `{}`",
                      import.name, import.module)));
    }
  }
  return StaticItem(type.exports);
}

Validator::Item Validator::core_inline_exports(const std::vector<CoreInlineExport>& exports) {
  auto result = std::make_shared<CoreExports>();
  for (const CoreInlineExport& item : exports) {
    if (item.item.sort > Sort::core_tag) {
      return invalid(
          fmt::format("a {} cannot be exported by a core instance", name_of(item.item.sort)));
    }
    const StaticItem* found = TRY(scope_->spaces.get(item.item.sort, item.item.index));
    if (!result->emplace(std::string(item.name), std::get<CoreExternType>(*found)).second) {
      return invalid(fmt::format("export name `{}` already defined", item.name));
    }
  }
  return StaticItem(CoreInstanceItem(std::move(result)));
}

}  // namespace tenon::component
