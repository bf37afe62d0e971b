#include "base/limits.h"
#include "component/binary/codes.h"
#include "component/binary/item_reader.h"

// Core types: function types and module types.
namespace tenon::component {

namespace {

constexpr uint8_t core_func_opcode = 0x60;
constexpr uint8_t core_type_sort = 0x10;

}  // namespace

CoreTypeDef ItemReader::core_type() {
  uint64_t start = offset();
  switch (byte()) {
    case core_func_opcode: return {wasm::Reader::func_type()};
    case type_opcode::core_module: return {core_module_type()};
    case 0x00:
    case 0x4e:
    case 0x4f:
    case 0x5e:
    case 0x5f: unsupported("a core type other than a function or module type", start); return {};
    default: fail_at("invalid core type", start); return {};
  }
}

CoreOuterAlias ItemReader::core_outer_alias() {
  uint64_t start = offset();
  if (byte() != core_type_sort) fail_at("only a type can be aliased in a module type", start);
  start = offset();
  if (byte() != core_declarator::outer_alias_target)
    fail_at("invalid alias target in a module type", start);
  CoreOuterAlias alias;
  alias.count = u32();
  alias.index = u32();
  return alias;
}

CoreExternDesc ItemReader::core_extern_desc() {
  CoreExternDesc desc;
  uint64_t start = offset();
  switch (byte()) {
    case 0x00: desc.type = u32(); return desc;
    case 0x01:
      desc.kind = wasm::ExternKind::table;
      desc.table = table_type();
      return desc;
    case 0x02:
      desc.kind = wasm::ExternKind::memory;
      desc.memory = memory_type();
      return desc;
    case 0x03:
      desc.kind = wasm::ExternKind::global;
      desc.global = global_type();
      return desc;
    case 0x04:
      desc.kind = wasm::ExternKind::tag;
      desc.type = tag_type().type.index;
      return desc;
    default: fail_at("malformed import kind", start); return desc;
  }
}

// component: Binary.md#type-definitions (core:moduletype)
CoreModuleTypeDecl ItemReader::core_module_type() {
  CoreModuleTypeDecl type;
  uint32_t n = count_to(limits::max_component_definitions, "declarators");
  for (uint32_t i = 0; i < n && ok(); i++) {
    uint64_t start = offset();
    switch (byte()) {
      case core_declarator::import: {
        CoreImportDecl import_decl;
        import_decl.module = bounded_name();
        import_decl.name = bounded_name();
        import_decl.desc = core_extern_desc();
        type.decls.emplace_back(import_decl);
        break;
      }
      case core_declarator::type: {
        uint64_t at = offset();
        if (byte() != core_func_opcode)
          unsupported("a core type other than a function type in a module type", at);
        type.decls.emplace_back(wasm::Reader::func_type());
        break;
      }
      case core_declarator::alias: type.decls.emplace_back(core_outer_alias()); break;
      case core_declarator::export_: {
        CoreExportDecl export_decl;
        export_decl.name = bounded_name();
        export_decl.desc = core_extern_desc();
        type.decls.emplace_back(export_decl);
        break;
      }
      default: fail_at("invalid declarator of a module type", start);
    }
  }
  return type;
}

}  // namespace tenon::component
