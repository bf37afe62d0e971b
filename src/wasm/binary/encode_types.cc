#include "wasm/binary/encode_types.h"

#include "base/check.h"

namespace tenon::wasm {

namespace {

constexpr uint8_t sub_final_byte = 0x4f;
constexpr uint8_t sub_byte = 0x50;
constexpr uint8_t array_byte = 0x5e;
constexpr uint8_t struct_byte = 0x5f;
constexpr uint8_t func_byte = 0x60;
constexpr uint8_t i16_byte = 0x77;
constexpr uint8_t i8_byte = 0x78;

uint8_t abstract_byte(HeapType::Abstract type) {
  switch (type) {
    case HeapType::noexn: return 0x74;
    case HeapType::nofunc: return 0x73;
    case HeapType::noextern: return 0x72;
    case HeapType::none: return 0x71;
    case HeapType::func: return 0x70;
    case HeapType::extern_: return 0x6f;
    case HeapType::any: return 0x6e;
    case HeapType::eq: return 0x6d;
    case HeapType::i31: return 0x6c;
    case HeapType::struct_: return 0x6b;
    case HeapType::array: return 0x6a;
    case HeapType::exn: return 0x69;
  }
  CHECK(false);
}

void write_result_type(ByteWriter& out, std::span<const ValType> types) {
  out.size(types.size());
  for (ValType type : types) write_val_type(out, type);
}

// wasm: binary-limits. `flags` are those that only memories have.
void write_limits(ByteWriter& out, const Limits& limits, uint32_t flags) {
  out.u32(flags | (limits.has_max ? 1u : 0u) | (limits.is_64 ? 4u : 0u));
  out.u64(limits.min);
  if (limits.has_max) out.u64(limits.max);
}

void write_composite(ByteWriter& out, const SubType& type) {
  switch (type.kind) {
    case SubType::Kind::func: return write_func_type(out, type.func);
    case SubType::Kind::struct_:
      out.byte(struct_byte);
      out.size(type.fields.size());
      for (const FieldType& field : type.fields) write_field_type(out, field);
      return;
    case SubType::Kind::array:
      CHECK(type.fields.size() == 1);
      out.byte(array_byte);
      return write_field_type(out, type.fields[0]);
  }
}

// Those that `bits` and `high` hold the immediates of.
void write_const_op(ByteWriter& out, const ConstOp& op) {
  using Kind = ConstOp::Kind;
  auto code = [&](Opcode opcode) { write_opcode(out, opcode); };
  auto index = [&](Opcode opcode) {
    write_opcode(out, opcode);
    out.u64(op.bits);
  };
  switch (op.kind) {
    case Kind::i32_const: code(Opcode::i32_const); return out.s64(static_cast<int32_t>(op.bits));
    case Kind::i64_const: code(Opcode::i64_const); return out.s64(static_cast<int64_t>(op.bits));
    case Kind::f32_const:
      code(Opcode::f32_const);
      return out.fixed_u32(static_cast<uint32_t>(op.bits));
    case Kind::f64_const: code(Opcode::f64_const); return out.fixed_u64(op.bits);
    case Kind::v128_const:
      code(Opcode::v128_const);
      out.fixed_u64(op.bits);
      return out.fixed_u64(op.high);
    case Kind::global_get: return index(Opcode::global_get);
    case Kind::ref_func: return index(Opcode::ref_func);
    case Kind::ref_null: code(Opcode::ref_null); return write_heap_type(out, op.type.heap());
    case Kind::i32_add: return code(Opcode::i32_add);
    case Kind::i32_sub: return code(Opcode::i32_sub);
    case Kind::i32_mul: return code(Opcode::i32_mul);
    case Kind::i64_add: return code(Opcode::i64_add);
    case Kind::i64_sub: return code(Opcode::i64_sub);
    case Kind::i64_mul: return code(Opcode::i64_mul);
    case Kind::struct_new: return index(Opcode::struct_new);
    case Kind::struct_new_default: return index(Opcode::struct_new_default);
    case Kind::array_new: return index(Opcode::array_new);
    case Kind::array_new_default: return index(Opcode::array_new_default);
    case Kind::array_new_fixed: index(Opcode::array_new_fixed); return out.u64(op.high);
    case Kind::ref_i31: return code(Opcode::ref_i31);
    case Kind::any_convert_extern: return code(Opcode::any_convert_extern);
    case Kind::extern_convert_any: return code(Opcode::extern_convert_any);
  }
}

}  // namespace

void write_heap_type(ByteWriter& out, HeapType type) {
  if (type.is_concrete()) return out.s64(type.type().index);
  out.byte(abstract_byte(type.abstract()));
}

void write_val_type(ByteWriter& out, ValType type) {
  switch (type.kind()) {
    case ValType::i32: return out.byte(0x7f);
    case ValType::i64: return out.byte(0x7e);
    case ValType::f32: return out.byte(0x7d);
    case ValType::f64: return out.byte(0x7c);
    case ValType::v128: return out.byte(0x7b);
    case ValType::ref: break;
    case ValType::bottom: CHECK(false);
  }
  if (!type.is_nullable()) out.byte(0x64);
  if (type.is_nullable() && type.heap().is_concrete()) out.byte(0x63);
  write_heap_type(out, type.heap());
}

void write_field_type(ByteWriter& out, const FieldType& type) {
  switch (type.packing) {
    case FieldType::Packing::none: write_val_type(out, type.type); break;
    case FieldType::Packing::i8: out.byte(i8_byte); break;
    case FieldType::Packing::i16: out.byte(i16_byte); break;
  }
  out.byte(type.is_mutable ? 1 : 0);
}

void write_func_type(ByteWriter& out, const FuncType& type) {
  out.byte(func_byte);
  write_result_type(out, type.params);
  write_result_type(out, type.results);
}

void write_sub_type(ByteWriter& out, const SubType& type) {
  if (!type.is_final || !type.supertypes.empty()) {
    out.byte(type.is_final ? sub_final_byte : sub_byte);
    out.size(type.supertypes.size());
    for (TypeIndex super : type.supertypes) out.u32(super.index);
  }
  write_composite(out, type);
}

void write_global_type(ByteWriter& out, const GlobalType& type) {
  write_val_type(out, type.type);
  out.byte(type.is_mutable ? 1 : 0);
}

void write_table_type(ByteWriter& out, const TableType& type) {
  write_val_type(out, type.element);
  write_limits(out, type.limits, 0);
}

void write_memory_type(ByteWriter& out, const MemoryType& type) {
  constexpr uint32_t shared_flag = 2;
  constexpr uint32_t page_size_flag = 8;
  bool has_page_size = type.page_size_log2 != MemoryType{}.page_size_log2;
  write_limits(out, type.limits,
               (type.is_shared ? shared_flag : 0) | (has_page_size ? page_size_flag : 0));
  if (has_page_size) out.u32(type.page_size_log2);
}

void write_tag_type(ByteWriter& out, const TagType& type) {
  out.byte(0);
  out.u32(type.type.index);
}

void write_opcode(ByteWriter& out, Opcode opcode) {
  const OpcodeInfo& known = info(opcode);
  out.byte(known.first_byte());
  if (known.is_prefixed()) out.u32(known.number());
}

void write_const_expr(ByteWriter& out, const ConstExpr& expr) {
  for (const ConstOp& op : expr) write_const_op(out, op);
  write_opcode(out, Opcode::end);
}

}  // namespace tenon::wasm
