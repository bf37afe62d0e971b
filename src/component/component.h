#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "component/builtins.h"
#include "component/types.h"
#include "wasm/module.h"

// A decoded component: its definitions in order, with indices as they are written. Made by
// binary/decode.h, checked by validate/, flattened by plan/. Names and custom sections are views
// into the binary, which the owner of the DecodedComponent keeps alive.
namespace tenon::component {

using ComponentId = Id<struct NestedComponentTag>;  // DecodedComponent::components
using ModuleId = Id<struct ModuleTag>;              // DecodedComponent::modules, Plan::modules

// component: Explainer.md#index-spaces. Each sort has an index space in each component.
enum class Sort : uint8_t {
  core_func,
  core_table,
  core_memory,
  core_global,
  core_tag,
  core_type,
  core_module,
  core_instance,
  func,
  value,
  type,
  component,
  instance,
};
constexpr size_t sort_count = 13;
const char* name_of(Sort sort);

struct SortIndex {
  Sort sort = Sort::func;
  uint32_t index = 0;
};

// component: Binary.md#import-and-export-definitions (nameattributes)
struct ExternName {
  std::string_view name;
  std::optional<std::string_view> implements;
  std::optional<std::string_view> version_suffix;
  std::optional<std::string_view> external_id;
};

// component: Binary.md#type-definitions (externtype). `index` is a type index, or a core type index
// for a core module.
struct ExternDesc {
  enum class Kind : uint8_t {
    module,
    func,
    value,
    type_eq,
    type_sub_resource,
    component,
    instance
  };
  Kind kind = Kind::func;
  uint32_t index = 0;
  ValType value = {};  // of a value, with a type index in place of an id
};

// What an import or export of this kind adds to.
Sort sort_of(ExternDesc::Kind kind);

// Core types.

struct CoreExternDesc {
  wasm::ExternKind kind = wasm::ExternKind::func;
  uint32_t type = 0;  // func and tag: a core type index
  wasm::TableType table;
  wasm::MemoryType memory;
  wasm::GlobalType global;
};
struct CoreImportDecl {
  std::string_view module;
  std::string_view name;
  CoreExternDesc desc;
};
struct CoreExportDecl {
  std::string_view name;
  CoreExternDesc desc;
};
struct CoreOuterAlias {
  uint32_t count = 0;
  uint32_t index = 0;
};
// A recursion group: each of its types is a core type. They refer to others, and to each other, by
// their indices in the core type space.
struct CoreRecType {
  std::vector<wasm::SubType> types;
  bool is_group = false;  // written as one, whatever its size
};
struct CoreModuleTypeDecl {
  std::vector<std::variant<CoreRecType, CoreOuterAlias, CoreImportDecl, CoreExportDecl>> decls;
};

// Definitions. Each appends one index to the space of one sort, but for recursion groups of core
// types and start functions (validate/index_spaces.h).

struct Definition;

struct CoreModuleDef {
  ModuleId module;
};
struct CoreTypeDef {
  std::variant<CoreRecType, CoreModuleTypeDecl> type;
};
struct CoreInstantiateArg {
  std::string_view name;
  uint32_t instance = 0;
};
struct CoreInlineExport {
  std::string_view name;
  SortIndex item;
};
struct CoreInstantiate {
  uint32_t module = 0;
  std::vector<CoreInstantiateArg> args;
};
struct CoreInstanceDef {
  std::variant<CoreInstantiate, std::vector<CoreInlineExport>> expr;
};

struct ComponentDef {
  ComponentId component;
};
struct InstantiateArg {
  std::string_view name;
  SortIndex item;
};
struct InlineExport {
  ExternName name;
  SortIndex item;
};
struct Instantiate {
  uint32_t component = 0;
  std::vector<InstantiateArg> args;
};
struct InstanceDef {
  std::variant<Instantiate, std::vector<InlineExport>> expr;
};

struct ExportAlias {
  uint32_t instance = 0;
  std::string_view name;
};
struct CoreExportAlias {
  uint32_t instance = 0;
  std::string_view name;
};
struct OuterAlias {
  uint32_t count = 0;
  uint32_t index = 0;
};
struct AliasDef {
  Sort sort = Sort::func;
  std::variant<ExportAlias, CoreExportAlias, OuterAlias> target;
};

struct ResourceDecl {
  wasm::ValType representation = wasm::ValType::i32;
  std::optional<uint32_t> destructor;  // a core function index
};
// The declarators of an instance or component type: CoreTypeDef, TypeDef, AliasDef, ImportDef,
// ExportDecl.
struct InstanceTypeDecl {
  std::vector<Definition> decls;
};
struct ComponentTypeDecl {
  std::vector<Definition> decls;
};
// A value or function type has type indices in place of ids: ValType::type(), and `via` of own and
// borrow.
struct TypeDef {
  std::variant<Type, ResourceDecl, InstanceTypeDecl, ComponentTypeDecl> type;
};

struct CanonOptions {
  enum class Encoding : uint8_t { utf8, utf16, latin1_utf16 };
  Encoding encoding = Encoding::utf8;
  std::optional<uint32_t> memory;
  std::optional<uint32_t> realloc;
  std::optional<uint32_t> post_return;
  bool is_async = false;
  std::optional<uint32_t> callback;
};
struct CanonLift {
  uint32_t core_func = 0;
  CanonOptions options;
  uint32_t type = 0;
};
struct CanonLower {
  uint32_t func = 0;
  CanonOptions options;
};
// A built-in with the immediates that builtins.def lists for it; the others keep their defaults.
struct CanonBuiltin {
  Builtin builtin = Builtin::resource_new;
  uint32_t type = 0;                           // t, or a core type index: c
  CanonOptions options;                        // o; m alone sets `memory`, a alone `is_async`
  bool is_cancellable = false;                 // C
  bool is_shared = false;                      // s
  uint32_t table = 0;                          // T, a core table index
  std::optional<ValType> result;               // r
  wasm::ValType context = wasm::ValType::i32;  // v
  uint32_t slot = 0;                           // i
};
struct CanonDef {
  std::variant<CanonLift, CanonLower, CanonBuiltin> canon;
};

// component: Binary.md#-start-definitions
struct StartDef {
  uint32_t func = 0;
  std::vector<uint32_t> args;  // value indices
  uint32_t results = 0;
};
// component: Binary.md#-value-definitions
struct ValueDef {
  ValType type;                    // with a type index in place of an id
  std::span<const uint8_t> bytes;  // `val(type)`; binary/values.h reads it
  uint64_t bytes_offset = 0;       // in the outermost binary
};

struct ImportDef {
  ExternName name;
  ExternDesc desc;
};
struct ExportDef {
  ExternName name;
  SortIndex item;
  std::optional<ExternDesc> ascribed;
};
// An export declarator of an instance or component type.
struct ExportDecl {
  ExternName name;
  ExternDesc desc;
};

struct Definition {
  uint64_t offset = 0;  // in the outermost binary
  std::variant<CoreModuleDef, CoreTypeDef, CoreInstanceDef, ComponentDef, InstanceDef, AliasDef,
               TypeDef, CanonDef, StartDef, ValueDef, ImportDef, ExportDef, ExportDecl>
      kind;
};

struct Component {
  std::vector<Definition> definitions;
  std::vector<wasm::CustomSection> customs;
  uint64_t offset = 0;  // of the first byte in the outermost binary
  uint64_t size = 0;
};

struct DecodedComponent {
  IdVector<ComponentId, Component> components;
  ComponentId root;
  IdVector<ModuleId, wasm::Module>
      modules;  // of all components, with offsets in the outermost binary
};

}  // namespace tenon::component
