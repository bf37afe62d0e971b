#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/result.h"
#include "component/validate/core_type_set.h"
#include "wasm/module.h"

// The types of core definitions as a component sees them, and when one may stand for another.
namespace tenon::component {

struct CoreFuncType {
  CoreTypeId type;
};
struct CoreTagType {
  CoreTypeId type;
};
// Types of references are those of a CoreTypeSet. In the order of wasm::ExternKind.
using CoreExternType =
    std::variant<CoreFuncType, wasm::TableType, wasm::MemoryType, wasm::GlobalType, CoreTagType>;

inline wasm::ExternKind kind_of(const CoreExternType& type) {
  return static_cast<wasm::ExternKind>(type.index());
}
// "func", "table", ...
const char* kind_name(const CoreExternType& type);

using CoreExports = std::unordered_map<std::string, CoreExternType>;

struct CoreImport {
  std::string module;
  std::string name;
  CoreExternType type;
};

// component: Explainer.md#type-definitions (core:moduletype)
struct CoreModuleType {
  std::vector<CoreImport> imports;
  std::shared_ptr<const CoreExports> exports;  // shared with the instances
};

// Of a module that wasm::validate_module accepted. Adds the module's types to `types`.
Result<CoreModuleType> type_of(const wasm::Module& module, CoreTypeSet& types);

// wasm: match-externtype. The error names the first difference.
Result<void> check_core_subtype(const CoreTypeSet& types, const CoreExternType& actual,
                                const CoreExternType& expected);
Result<void> check_core_subtype(const CoreTypeSet& types, const CoreModuleType& actual,
                                const CoreModuleType& expected);

}  // namespace tenon::component
