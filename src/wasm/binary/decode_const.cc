#include <fmt/format.h>

#include "wasm/binary/sections.h"

// Constant expressions, kept in postfix order.
namespace tenon::wasm {

namespace {

using Kind = ConstOp::Kind;

ConstOp with_bits(Kind kind, uint64_t bits) {
  ConstOp op;
  op.kind = kind;
  op.bits = bits;
  return op;
}

ConstOp extended(Reader& in, Opcode opcode, Kind kind, uint64_t start) {
  in.require(Feature::extended_const,
             fmt::format("`{}` in a constant expression", info(opcode).text), start);
  return with_bits(kind, 0);
}

ConstOp typed(Reader& in, Kind kind) {
  return with_bits(kind, in.u32());
}

ConstOp decode_const_op(Reader& in, Opcode opcode, uint64_t start) {
  switch (opcode) {
    case Opcode::i32_const: return with_bits(Kind::i32_const, static_cast<uint32_t>(in.s32()));
    case Opcode::i64_const: return with_bits(Kind::i64_const, static_cast<uint64_t>(in.s64()));
    case Opcode::f32_const: return with_bits(Kind::f32_const, in.fixed_u32());
    case Opcode::f64_const: return with_bits(Kind::f64_const, in.fixed_u64());
    case Opcode::v128_const: {
      ConstOp op = with_bits(Kind::v128_const, in.fixed_u64());
      op.high = in.fixed_u64();
      return op;
    }
    case Opcode::global_get: return with_bits(Kind::global_get, in.u32());
    case Opcode::ref_func: return with_bits(Kind::ref_func, in.u32());
    case Opcode::ref_null: {
      ConstOp op = with_bits(Kind::ref_null, 0);
      op.type = ValType::reference(in.heap_type(), true);
      return op;
    }
    case Opcode::i32_add: return extended(in, opcode, Kind::i32_add, start);
    case Opcode::i32_sub: return extended(in, opcode, Kind::i32_sub, start);
    case Opcode::i32_mul: return extended(in, opcode, Kind::i32_mul, start);
    case Opcode::i64_add: return extended(in, opcode, Kind::i64_add, start);
    case Opcode::i64_sub: return extended(in, opcode, Kind::i64_sub, start);
    case Opcode::i64_mul: return extended(in, opcode, Kind::i64_mul, start);
    case Opcode::struct_new: return typed(in, Kind::struct_new);
    case Opcode::struct_new_default: return typed(in, Kind::struct_new_default);
    case Opcode::array_new: return typed(in, Kind::array_new);
    case Opcode::array_new_default: return typed(in, Kind::array_new_default);
    case Opcode::array_new_fixed: {
      ConstOp op = typed(in, Kind::array_new_fixed);
      op.high = in.u32();
      return op;
    }
    case Opcode::ref_i31: return with_bits(Kind::ref_i31, 0);
    case Opcode::any_convert_extern: return with_bits(Kind::any_convert_extern, 0);
    case Opcode::extern_convert_any: return with_bits(Kind::extern_convert_any, 0);
    default:
      in.refuse(ErrorCode::invalid,
                fmt::format("constant expression required, found `{}`", info(opcode).text), start);
      return {};
  }
}

}  // namespace

// wasm: valid-constant
ConstExpr decode_const_expr(Reader& in) {
  ConstExpr expr;
  while (in.ok()) {
    if (in.at_end()) {
      in.fail("unexpected end of section or function");
      break;
    }
    uint64_t start = in.offset();
    Opcode opcode = in.opcode();
    if (!in.ok() || opcode == Opcode::end) break;
    expr.push_back(decode_const_op(in, opcode, start));
  }
  return expr;
}

}  // namespace tenon::wasm
