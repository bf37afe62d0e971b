#include <fmt/format.h>

#include "base/limits.h"
#include "component/binary/item_reader.h"

// Value, function, resource, instance and component types.
namespace tenon::component {

namespace {

// Primitive types count down from here; 0x78 is s64, 0x73 is string.
std::optional<Primitive> primitive_of(uint8_t opcode) {
  switch (opcode) {
    case 0x7f: return Primitive::bool_;
    case 0x7e: return Primitive::s8;
    case 0x7d: return Primitive::u8;
    case 0x7c: return Primitive::s16;
    case 0x7b: return Primitive::u16;
    case 0x7a: return Primitive::s32;
    case 0x79: return Primitive::u32;
    case 0x78: return Primitive::s64;
    case 0x77: return Primitive::u64;
    case 0x76: return Primitive::f32;
    case 0x75: return Primitive::f64;
    case 0x74: return Primitive::char_;
    case 0x73: return Primitive::string;
    case 0x64: return Primitive::error_context;
    default: return std::nullopt;
  }
}

constexpr uint8_t resource_opcode = 0x3f;
constexpr uint8_t func_opcode = 0x40;
constexpr uint8_t component_opcode = 0x41;
constexpr uint8_t instance_opcode = 0x42;
constexpr uint8_t async_func_opcode = 0x43;

}  // namespace

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
    case 0x72: {
      RecordType type;
      uint32_t n = count_to(limits::max_record_fields, "record fields");
      for (uint32_t i = 0; i < n && ok(); i++) {
        std::string name = label();
        type.fields.push_back({std::move(name), val_type()});
      }
      return type;
    }
    case 0x71: return variant_type();
    case 0x70: return ListType{val_type()};
    case 0x6f: {
      TupleType type;
      uint32_t n = count_to(limits::max_record_fields, "tuple types");
      for (uint32_t i = 0; i < n && ok(); i++) type.types.push_back(val_type());
      return type;
    }
    case 0x6e: {
      FlagsType type;
      uint32_t n = count_to(limits::max_flags, "flags");
      for (uint32_t i = 0; i < n && ok(); i++) type.names.push_back(label());
      return type;
    }
    case 0x6d: {
      EnumType type;
      uint32_t n = count_to(limits::max_variant_cases, "enum cases");
      for (uint32_t i = 0; i < n && ok(); i++) type.names.push_back(label());
      return type;
    }
    case 0x6b: return OptionType{val_type()};
    case 0x6a: {
      ResultType type;
      type.ok = optional_val_type();
      type.error = optional_val_type();
      return type;
    }
    case 0x69: return OwnType{{}, TypeId(u32())};
    case 0x68: return BorrowType{{}, TypeId(u32())};
    case 0x67: {
      FixedListType type;
      type.element = val_type();
      type.length = u32();
      return type;
    }
    case 0x66: return StreamType{optional_val_type()};
    case 0x65: return FutureType{optional_val_type()};
    case 0x63: {
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
    case resource_opcode: return {resource_type()};
    case func_opcode: return {func_type(false)};
    case async_func_opcode: return {func_type(true)};
    case component_opcode: return {ComponentTypeDecl{declarators(true, depth + 1)}};
    case instance_opcode: return {InstanceTypeDecl{declarators(false, depth + 1)}};
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
    case 0x00: return {start, core_type()};
    case 0x01: return {start, type_definition(depth)};
    case 0x02: return {start, alias()};
    case 0x03:
      if (is_component) return {start, import()};
      break;
    case 0x04: {
      ExternName name = extern_name();
      return {start, ExportDecl{name, extern_desc()}};
    }
    default: break;
  }
  fail_at("invalid declarator", start);
  return {};
}

}  // namespace tenon::component
