#include "base/limits.h"
#include "component/binary/codes.h"
#include "component/binary/item_reader.h"
#include "wasm/binary/codes.h"
#include "wasm/binary/sections.h"

// Core types: those of core WebAssembly, and module types.
namespace tenon::component {

namespace {

constexpr uint8_t core_type_sort = 0x10;

}  // namespace

// component: Binary.md#type-definitions (core:deftype). What begins as a module type does takes a
// prefix.
CoreTypeDef ItemReader::core_type() {
  if (peek() == type_opcode::core_module) {
    byte();
    return {core_module_type()};
  }
  if (peek() == type_opcode::core_sub_prefix) {
    byte();
    if (peek() != wasm::type_code::sub) fail("invalid core type");
  }
  return {core_rec_type()};
}

CoreRecType ItemReader::core_rec_type() {
  CoreRecType group;
  group.is_group = peek() == wasm::type_code::rec;
  group.types = wasm::decode_rec_type(*this);
  return group;
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
      case core_declarator::type: type.decls.emplace_back(core_rec_type()); break;
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
