#include "component/validate/core_types.h"

#include <fmt/format.h>

#include "component/visit.h"
#include "wasm/validate/subtyping.h"

namespace tenon::component {
namespace {

std::string text_of(const wasm::FuncType& type) {
  std::string text = "(func";
  for (bool params : {true, false}) {
    const auto& list = params ? type.params : type.results;
    if (list.empty()) continue;
    text += params ? " (param" : " (result";
    for (wasm::ValType item : list) text += ' ' + wasm::to_string(item);
    text += ')';
  }
  return text + ')';
}

std::unexpected<Error> mismatch(std::string message) {
  return fail(ErrorCode::invalid, std::move(message));
}

Result<void> check_func(const wasm::FuncType& actual, const wasm::FuncType& expected) {
  if (actual == expected) return {};
  return mismatch(fmt::format("expected: {}, found: {}", text_of(expected), text_of(actual)));
}

// wasm: match-limits
bool limits_match(const wasm::Limits& actual, const wasm::Limits& expected) {
  if (actual.is_64 != expected.is_64 || actual.min < expected.min) return false;
  return !expected.has_max || (actual.has_max && actual.max <= expected.max);
}

Result<void> check_table(const wasm::TableType& actual, const wasm::TableType& expected) {
  if (actual.element != expected.element) {
    return mismatch(fmt::format("expected table element type {}, found {}",
                                wasm::to_string(expected.element),
                                wasm::to_string(actual.element)));
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

Result<void> check_global(const wasm::GlobalType& actual, const wasm::GlobalType& expected) {
  if (actual.is_mutable != expected.is_mutable)
    return mismatch("global types differ in mutability");
  if (actual.type != expected.type) {
    return mismatch(fmt::format("expected global type {}, found {}", wasm::to_string(expected.type),
                                wasm::to_string(actual.type)));
  }
  return {};
}

CoreExternType extern_type(const wasm::Module& module, wasm::ExternKind kind, uint32_t index) {
  switch (kind) {
    case wasm::ExternKind::func: return module.func_type(wasm::FuncIndex(index));
    case wasm::ExternKind::table: return module.tables[wasm::TableIndex(index)].type;
    case wasm::ExternKind::memory: return module.memories[wasm::MemoryIndex(index)];
    case wasm::ExternKind::global: return module.globals[wasm::GlobalIndex(index)].type;
    case wasm::ExternKind::tag:
      return CoreTagType{module.types[module.tags[wasm::TagIndex(index)].type].func};
  }
  return wasm::FuncType();
}

}  // namespace

const char* kind_name(const CoreExternType& type) {
  static constexpr const char* names[] = {"func", "table", "memory", "global", "tag"};
  return names[type.index()];
}

CoreModuleType type_of(const wasm::Module& module) {
  CoreModuleType type;
  for (const wasm::Import& item : module.imports) {
    type.imports.push_back({std::string(item.module), std::string(item.name),
                            extern_type(module, item.kind, item.index)});
  }
  auto exports = std::make_shared<CoreExports>();
  for (const wasm::Export& item : module.exports) {
    exports->emplace(std::string(item.name), extern_type(module, item.kind, item.index));
  }
  type.exports = std::move(exports);
  return type;
}

Result<void> check_core_subtype(const CoreExternType& actual, const CoreExternType& expected) {
  if (actual.index() != expected.index()) {
    return mismatch(fmt::format("expected {}, found {}", kind_name(expected), kind_name(actual)));
  }
  return std::visit(Overloaded{
                        [&](const wasm::FuncType& wanted) {
                          return check_func(std::get<wasm::FuncType>(actual), wanted);
                        },
                        [&](const wasm::TableType& wanted) {
                          return check_table(std::get<wasm::TableType>(actual), wanted);
                        },
                        [&](const wasm::MemoryType& wanted) {
                          return check_memory(std::get<wasm::MemoryType>(actual), wanted);
                        },
                        [&](const wasm::GlobalType& wanted) {
                          return check_global(std::get<wasm::GlobalType>(actual), wanted);
                        },
                        [&](const CoreTagType& wanted) {
                          return check_func(std::get<CoreTagType>(actual).type, wanted.type);
                        },
                    },
                    expected);
}

Result<void> check_core_subtype(const CoreModuleType& actual, const CoreModuleType& expected) {
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
    if (Result<void> ok = check_core_subtype(*found->second, import.type); !ok) {
      return std::unexpected(std::move(ok).error().in(
          fmt::format("type mismatch in import `{}::{}`", import.module, import.name)));
    }
  }
  for (const auto& [name, type] : *expected.exports) {
    auto found = actual.exports->find(name);
    if (found == actual.exports->end())
      return mismatch(fmt::format("missing expected export `{}`", name));
    if (Result<void> ok = check_core_subtype(found->second, type); !ok) {
      return std::unexpected(
          std::move(ok).error().in(fmt::format("type mismatch in export `{}`", name)));
    }
  }
  return {};
}

}  // namespace tenon::component
