#include <fmt/format.h>

#include "base/limits.h"
#include "component/binary/codes.h"
#include "component/binary/item_reader.h"

// Value, function, resource, instance and component types.
namespace tenon::component {

ValType ItemReader::val_type() {
  uint64_t start = offset();
  int64_t code = s33();
  if (code >= limits::max_component_types) {
    // Above every index there can be, and above what a ValType can hold.
    refuse(ErrorCode::invalid, fmt::format("unknown type {}: type index out of bounds", code),
           start);
    return {};
  }
  if (code >= 0) return ValType(TypeId(static_cast<uint32_t>(code)));
  uint8_t opcode = static_cast<uint8_t>(code & 0x7f);
  if (code >= -64) {
    if (auto primitive = primitive_of(opcode)) return *primitive;
  }
  fail_at("invalid value type", start);
  return {};
}

std::optional<ValType> ItemReader::optional_val_type() {
  uint64_t start = offset();
  switch (byte()) {
    case 0x00: return std::nullopt;
    case 0x01: return val_type();
    default: fail_at("invalid presence byte of a type", start); return std::nullopt;
  }
}

std::string ItemReader::label() {
  return std::string(bounded_name());
}

VariantType ItemReader::variant_type() {
  VariantType type;
  uint32_t n = count_to(limits::max_variant_cases, "variant cases");
  for (uint32_t i = 0; i < n && ok(); i++) {
    Case c;
    c.name = label();
    c.type = optional_val_type();
    uint64_t at = offset();
    if (byte() != 0x00) fail_at("invalid end of a variant case", at);
    type.cases.push_back(std::move(c));
  }
  return type;
}

// component: Binary.md#type-definitions (defvaltype)
Type ItemReader::value_type(uint8_t opcode, uint64_t start) {
  if (auto primitive = primitive_of(opcode)) return PrimitiveType{*primitive};
  switch (opcode) {
    case type_opcode::record: {
      RecordType type;
      uint32_t n = count_to(limits::max_record_fields, "record fields");
      for (uint32_t i = 0; i < n && ok(); i++) {
        std::string name = label();
        type.fields.push_back({std::move(name), val_type()});
      }
      return type;
    }
    case type_opcode::variant: return variant_type();
    case type_opcode::list: return ListType{val_type()};
    case type_opcode::tuple: {
      TupleType type;
      uint32_t n = count_to(limits::max_record_fields, "tuple types");
      for (uint32_t i = 0; i < n && ok(); i++) type.types.push_back(val_type());
      return type;
    }
    case type_opcode::flags: {
      FlagsType type;
      uint32_t n = count_to(limits::max_flags, "flags");
      for (uint32_t i = 0; i < n && ok(); i++) type.names.push_back(label());
      return type;
    }
    case type_opcode::enum_: {
      EnumType type;
      uint32_t n = count_to(limits::max_variant_cases, "enum cases");
      for (uint32_t i = 0; i < n && ok(); i++) type.names.push_back(label());
      return type;
    }
    case type_opcode::option: return OptionType{val_type()};
    case type_opcode::result: {
      ResultType type;
      type.ok = optional_val_type();
      type.error = optional_val_type();
      return type;
    }
    case type_opcode::own: return OwnType{{}, TypeId(u32())};
    case type_opcode::borrow: return BorrowType{{}, TypeId(u32())};
    case type_opcode::fixed_list: {
      FixedListType type;
      type.element = val_type();
      type.length = u32();
      return type;
    }
    case type_opcode::stream: return StreamType{optional_val_type()};
    case type_opcode::future: return FutureType{optional_val_type()};
    case type_opcode::map: {
      MapType type;
      type.key = val_type();
      type.value = val_type();
      return type;
    }
    default: fail_at("invalid type", start); return {};
  }
}

// component: Binary.md#type-definitions (functype)
FuncType ItemReader::func_type(bool is_async) {
  FuncType type;
  type.is_async = is_async;
  uint32_t n = count_to(limits::max_params, "parameters");
  for (uint32_t i = 0; i < n && ok(); i++) {
    std::string name = label();
    type.params.push_back({std::move(name), val_type()});
  }
  type.result = result_list();
  return type;
}

// component: Binary.md#type-definitions (resultlist)
std::optional<ValType> ItemReader::result_list() {
  uint64_t start = offset();
  switch (byte()) {
    case 0x00: return val_type();
    case 0x01: {
      uint64_t at = offset();
      if (byte() != 0x00) fail_at("invalid number of results", at);
      return std::nullopt;
    }
    default: fail_at("invalid result list", start); return std::nullopt;
  }
}

ResourceDecl ItemReader::resource_type() {
  ResourceDecl type;
  type.representation = wasm::Reader::val_type();
  uint64_t start = offset();
  switch (byte()) {
    case 0x00: break;
    case 0x01: type.destructor = u32(); break;
    default: fail_at("invalid presence byte of a destructor", start);
  }
  return type;
}

TypeDef ItemReader::type_definition(uint32_t depth) {
  uint64_t start = offset();
  if (depth > limits::max_type_depth) {
    refuse(ErrorCode::limit,
           fmt::format("type definitions are nested deeper than {}", limits::max_type_depth),
           start);
    return {};
  }
  uint8_t opcode = byte();
  switch (opcode) {
    case type_opcode::resource: return {resource_type()};
    case type_opcode::func: return {func_type(false)};
    case type_opcode::async_func: return {func_type(true)};
    case type_opcode::component: return {ComponentTypeDecl{declarators(true, depth + 1)}};
    case type_opcode::instance: return {InstanceTypeDecl{declarators(false, depth + 1)}};
    default: return {value_type(opcode, start)};
  }
}

std::vector<Definition> ItemReader::declarators(bool is_component, uint32_t depth) {
  std::vector<Definition> decls;
  uint32_t n = count_to(limits::max_component_definitions, "declarators");
  for (uint32_t i = 0; i < n && ok(); i++) decls.push_back(declarator(is_component, depth));
  return decls;
}

// component: Binary.md#type-definitions (componentdecl, instancedecl)
Definition ItemReader::declarator(bool is_component, uint32_t depth) {
  uint64_t start = offset();
  switch (byte()) {
    case declarator::core_type: return {start, core_type()};
    case declarator::type: return {start, type_definition(depth)};
    case declarator::alias: return {start, alias()};
    case declarator::import:
      if (is_component) return {start, import()};
      break;
    case declarator::export_: {
      ExternName name = extern_name();
      return {start, ExportDecl{name, extern_desc()}};
    }
    default: break;
  }
  fail_at("invalid declarator", start);
  return {};
}

}  // namespace tenon::component
