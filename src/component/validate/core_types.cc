#include "component/validate/core_types.h"

#include <fmt/format.h>

#include "component/visit.h"
#include "wasm/map_types.h"
#include "wasm/validate/subtyping.h"

namespace tenon::component {
namespace {

constexpr const char* words[] = {"func", "struct", "array"};  // by wasm::SubType::Kind

std::string outline(const wasm::SubType& type) {
  return fmt::format("({} ...)", words[static_cast<size_t>(type.kind)]);
}

// As in the text format, with outlines where it has indices.
std::string text_of(const CoreTypeSet& types, wasm::ValType type) {
  if (!type.is_ref() || !type.heap().is_concrete()) return wasm::to_string(type);
  return fmt::format("(ref {}{})", type.is_nullable() ? "null " : "",
                     outline(types[type.heap().type()]));
}

// Of a function type.
std::string text_of(const CoreTypeSet& types, CoreTypeId id) {
  const wasm::SubType& type = types[id];
  std::string text = "(func";
  for (bool params : {true, false}) {
    const auto& list = params ? type.func.params : type.func.results;
    if (list.empty()) continue;
    text += params ? " (param" : " (result";
    for (wasm::ValType item : list) text += ' ' + text_of(types, item);
    text += ')';
  }
  text += ')';
  if (type.is_final && type.supertypes.empty()) return text;
  std::string super = type.supertypes.empty() ? "" : outline(types[type.supertypes[0]]) + ' ';
  return fmt::format("(sub {}{}{})", type.is_final ? "final " : "", super, text);
}

std::unexpected<Error> mismatch(std::string message) {
  return fail(ErrorCode::invalid, std::move(message));
}

std::unexpected<Error> type_mismatch(const CoreTypeSet& types, CoreTypeId actual,
                                     CoreTypeId expected) {
  std::string wanted = text_of(types, expected);
  std::string found = text_of(types, actual);
  // What is not written out differs, or what stands around the types in their groups.
  if (wanted == found) return mismatch(fmt::format("the types {} are not the same", wanted));
  return mismatch(fmt::format("expected: {}, found: {}", wanted, found));
}

// wasm: match-func
Result<void> check_func(const CoreTypeSet& types, CoreFuncType actual, CoreFuncType expected) {
  if (wasm::type_matches(types.as_module(), actual.type, expected.type)) return {};
  return type_mismatch(types, actual.type, expected.type);
}

// wasm: match-tag
Result<void> check_tag(const CoreTypeSet& types, CoreTagType actual, CoreTagType expected) {
  if (actual.type == expected.type) return {};
  return type_mismatch(types, actual.type, expected.type);
}

// wasm: match-limits
bool limits_match(const wasm::Limits& actual, const wasm::Limits& expected) {
  if (actual.is_64 != expected.is_64 || actual.min < expected.min) return false;
  return !expected.has_max || (actual.has_max && actual.max <= expected.max);
}

// wasm: match-tabletype
Result<void> check_table(const CoreTypeSet& types, const wasm::TableType& actual,
                         const wasm::TableType& expected) {
  if (actual.element != expected.element) {
    return mismatch(fmt::format("expected table element type {}, found {}",
                                text_of(types, expected.element), text_of(types, actual.element)));
  }
  if (!limits_match(actual.limits, expected.limits)) return mismatch("mismatch in table limits");
  return {};
}

Result<void> check_memory(const wasm::MemoryType& actual, const wasm::MemoryType& expected) {
  if (actual.is_shared != expected.is_shared)
    return mismatch("mismatch in the shared flag for memories");
  if (actual.page_size_log2 != expected.page_size_log2)
    return mismatch("mismatch in the page size of memories");
  if (!limits_match(actual.limits, expected.limits)) return mismatch("mismatch in memory limits");
  return {};
}

// wasm: match-globaltype
Result<void> check_global(const CoreTypeSet& types, const wasm::GlobalType& actual,
                          const wasm::GlobalType& expected) {
  if (actual.is_mutable != expected.is_mutable)
    return mismatch("global types differ in mutability");
  bool fits =
      actual.type == expected.type ||
      (!actual.is_mutable && wasm::val_matches(types.as_module(), actual.type, expected.type));
  if (fits) return {};
  return mismatch(fmt::format("expected global type {}, found {}", text_of(types, expected.type),
                              text_of(types, actual.type)));
}

// Tells types of a module in the ids of a CoreTypeSet.
class ModuleTypes {
 public:
  ModuleTypes(const wasm::Module& module, std::span<const CoreTypeId> ids)
      : module_(module), ids_(ids) {}

  CoreExternType extern_type(wasm::ExternKind kind, uint32_t index) const {
    switch (kind) {
      case wasm::ExternKind::func: break;
      case wasm::ExternKind::table: {
        wasm::TableType type = module_.tables[wasm::TableIndex(index)].type;
        type.element = val_type(type.element);
        return type;
      }
      case wasm::ExternKind::memory: return module_.memories[wasm::MemoryIndex(index)];
      case wasm::ExternKind::global: {
        wasm::GlobalType type = module_.globals[wasm::GlobalIndex(index)].type;
        type.type = val_type(type.type);
        return type;
      }
      case wasm::ExternKind::tag:
        return CoreTagType{ids_[module_.tags[wasm::TagIndex(index)].type.index]};
    }
    return CoreFuncType{ids_[module_.functions[wasm::FuncIndex(index)].index]};
  }

 private:
  wasm::ValType val_type(wasm::ValType type) const {
    return wasm::map_type(type, [&](wasm::TypeIndex index) { return ids_[index.index]; });
  }

  const wasm::Module& module_;
  std::span<const CoreTypeId> ids_;
};

}  // namespace

const char* kind_name(const CoreExternType& type) {
  static constexpr const char* names[] = {"func", "table", "memory", "global", "tag"};
  return names[type.index()];
}

Result<CoreModuleType> type_of(const wasm::Module& module, CoreTypeSet& types) {
  std::vector<CoreTypeId> ids = TRY(types.add(module));
  ModuleTypes module_types(module, ids);
  CoreModuleType type;
  for (const wasm::Import& item : module.imports) {
    type.imports.push_back({std::string(item.module), std::string(item.name),
                            module_types.extern_type(item.kind, item.index)});
  }
  auto exports = std::make_shared<CoreExports>();
  for (const wasm::Export& item : module.exports)
    exports->emplace(std::string(item.name), module_types.extern_type(item.kind, item.index));
  type.exports = std::move(exports);
  return type;
}

Result<void> check_core_subtype(const CoreTypeSet& types, const CoreExternType& actual,
                                const CoreExternType& expected) {
  if (actual.index() != expected.index()) {
    return mismatch(fmt::format("expected {}, found {}", kind_name(expected), kind_name(actual)));
  }
  return std::visit(Overloaded{
                        [&](const CoreFuncType& wanted) {
                          return check_func(types, std::get<CoreFuncType>(actual), wanted);
                        },
                        [&](const wasm::TableType& wanted) {
                          return check_table(types, std::get<wasm::TableType>(actual), wanted);
                        },
                        [&](const wasm::MemoryType& wanted) {
                          return check_memory(std::get<wasm::MemoryType>(actual), wanted);
                        },
                        [&](const wasm::GlobalType& wanted) {
                          return check_global(types, std::get<wasm::GlobalType>(actual), wanted);
                        },
                        [&](const CoreTagType& wanted) {
                          return check_tag(types, std::get<CoreTagType>(actual), wanted);
                        },
                    },
                    expected);
}

Result<void> check_core_subtype(const CoreTypeSet& types, const CoreModuleType& actual,
                                const CoreModuleType& expected) {
  std::unordered_map<std::string, const CoreExternType*> provided;
  auto key = [](const CoreImport& import) {
    return fmt::format("{}:{}:{}", import.module.size(), import.module, import.name);
  };
  for (const CoreImport& import : expected.imports) provided.emplace(key(import), &import.type);
  for (const CoreImport& import : actual.imports) {
    auto found = provided.find(key(import));
    if (found == provided.end()) {
      return mismatch(fmt::format("missing expected import `{}::{}`", import.module, import.name));
    }
    // Imports are contravariant: what is provided must satisfy what the module wants.
    if (Result<void> ok = check_core_subtype(types, *found->second, import.type); !ok) {
      return std::unexpected(std::move(ok).error().in(
          fmt::format("type mismatch in import `{}::{}`", import.module, import.name)));
    }
  }
  for (const auto& [name, type] : *expected.exports) {
    auto found = actual.exports->find(name);
    if (found == actual.exports->end())
      return mismatch(fmt::format("missing expected export `{}`", name));
    if (Result<void> ok = check_core_subtype(types, found->second, type); !ok) {
      return std::unexpected(
          std::move(ok).error().in(fmt::format("type mismatch in export `{}`", name)));
    }
  }
  return {};
}

}  // namespace tenon::component
