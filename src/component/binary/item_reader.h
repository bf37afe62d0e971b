#pragma once

#include "component/component.h"
#include "wasm/binary/reader.h"

// A reader that knows the items of component sections. Failures stay in the reader, as in
// wasm::Reader. Used by the decoder alone; the functions are spread over the files of this folder
// by kind of definition.
namespace tenon::component {

class ItemReader : public wasm::Reader {
 public:
  using wasm::Reader::Reader;

  // component: Binary.md#instance-definitions
  Sort core_sort();
  Sort sort();
  SortIndex core_sort_index();
  SortIndex sort_index();
  CoreInstanceDef core_instance();
  InstanceDef instance();

  // component: Binary.md#alias-definitions
  AliasDef alias();

  // component: Binary.md#type-definitions
  CoreTypeDef core_type();
  TypeDef type_definition() { return type_definition(0); }
  ValType val_type();
  ExternDesc extern_desc();

  // component: Binary.md#canonical-definitions
  CanonDef canon();

  StartDef start();
  ValueDef value();

  // component: Binary.md#import-and-export-definitions
  ExternName extern_name();
  ImportDef import();
  ExportDef export_();

  void unsupported(const char* what, uint64_t offset);

 private:
  std::string label();
  ExternDesc value_desc(uint64_t start);
  std::optional<ValType> optional_val_type();
  Type value_type(uint8_t opcode, uint64_t start);
  VariantType variant_type();
  FuncType func_type(bool is_async);
  std::optional<ValType> result_list();
  ResourceDecl resource_type();
  TypeDef type_definition(uint32_t depth);
  std::vector<Definition> declarators(bool is_component, uint32_t depth);
  Definition declarator(bool is_component, uint32_t depth);

  CoreRecType core_rec_type();
  CoreModuleTypeDecl core_module_type();
  CoreExternDesc core_extern_desc();
  CoreOuterAlias core_outer_alias();

  CanonOptions canon_options();
  void canon_option(CanonOptions& options, bool& has_encoding);
  CanonBuiltin builtin(Builtin builtin);
  bool presence(const char* what);
};

}  // namespace tenon::component
