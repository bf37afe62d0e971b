#include "wasm/binary/encode_types.h"

#include "base/check.h"
#include "wasm/binary/codes.h"
#include "wasm/heap_types.h"

namespace tenon::wasm {

namespace {

void write_result_type(ByteWriter& out, std::span<const ValType> types) {
  out.size(types.size());
  for (ValType type : types) write_val_type(out, type);
}

// wasm: binary-limits. `flags` are those that only memories have.
void write_limits(ByteWriter& out, const Limits& limits, uint32_t flags) {
  out.u32(flags | (limits.has_max ? limits_flag::has_max : 0u) |
          (limits.is_64 ? limits_flag::is_64 : 0u));
  out.u64(limits.min);
  if (limits.has_max) out.u64(limits.max);
}

void write_composite(ByteWriter& out, const SubType& type) {
  switch (type.kind) {
    case SubType::Kind::func: return write_func_type(out, type.func);
    case SubType::Kind::struct_:
      out.byte(type_code::struct_);
      out.size(type.fields.size());
      for (const FieldType& field : type.fields) write_field_type(out, field);
      return;
    case SubType::Kind::array:
      CHECK(type.fields.size() == 1);
      out.byte(type_code::array);
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
  out.byte(describe(type.abstract()).code);
}

void write_val_type(ByteWriter& out, ValType type) {
  switch (type.kind()) {
    case ValType::i32: return out.byte(type_code::i32);
    case ValType::i64: return out.byte(type_code::i64);
    case ValType::f32: return out.byte(type_code::f32);
    case ValType::f64: return out.byte(type_code::f64);
    case ValType::v128: return out.byte(type_code::v128);
    case ValType::ref: break;
    case ValType::bottom: CHECK(false);
  }
  if (!type.is_nullable()) out.byte(type_code::ref);
  if (type.is_nullable() && type.heap().is_concrete()) out.byte(type_code::ref_null);
  write_heap_type(out, type.heap());
}

void write_field_type(ByteWriter& out, const FieldType& type) {
  switch (type.packing) {
    case FieldType::Packing::none: write_val_type(out, type.type); break;
    case FieldType::Packing::i8: out.byte(type_code::i8); break;
    case FieldType::Packing::i16: out.byte(type_code::i16); break;
  }
  out.byte(type.is_mutable ? 1 : 0);
}

void write_func_type(ByteWriter& out, const FuncType& type) {
  out.byte(type_code::func);
  write_result_type(out, type.params);
  write_result_type(out, type.results);
}

void write_sub_type(ByteWriter& out, const SubType& type) {
  if (!type.is_final || !type.supertypes.empty()) {
    out.byte(type.is_final ? type_code::sub_final : type_code::sub);
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
  bool has_page_size = type.page_size_log2 != MemoryType{}.page_size_log2;
  write_limits(
      out, type.limits,
      (type.is_shared ? limits_flag::shared : 0) | (has_page_size ? limits_flag::page_size : 0));
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
