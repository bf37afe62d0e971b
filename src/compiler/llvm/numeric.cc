#include <llvm/ADT/APFloat.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/PatternMatch.h>

#include "compiler/llvm/sink.h"

// Scalar instructions. Where LLVM leaves something undefined (division, shifts, conversions) the
// code checks or masks first; where its arithmetic is laxer than the standard about NaN, it is
// written so that it cannot matter.
namespace tenon::compiler::llvm_tier {

using llvm::CmpInst;
using llvm::Intrinsic::ID;
using wasm::Opcode;
namespace match = llvm::PatternMatch;

FunctionSink::Value FunctionSink::f32_const(uint32_t bits) {
  return llvm::ConstantFP::get(chunk_.llvm,
                               llvm::APFloat(llvm::APFloat::IEEEsingle(), llvm::APInt(32, bits)));
}

FunctionSink::Value FunctionSink::f64_const(uint64_t bits) {
  return llvm::ConstantFP::get(chunk_.llvm,
                               llvm::APFloat(llvm::APFloat::IEEEdouble(), llvm::APInt(64, bits)));
}

FunctionSink::Value FunctionSink::simple(Opcode op, Values in, const wasm::Lanes& lanes) {
  Value value = wasm::info(op).first_byte() == 0xfd ? vector(op, in, lanes) : scalar(op, in);
  // An instruction that takes its operand straight from memory is where that load faults.
  auto* user = llvm::dyn_cast<llvm::Instruction>(value);
  if (user == nullptr || user->getDebugLoc()) return value;
  for (Value operand : in) {
    auto* load = llvm::dyn_cast<llvm::LoadInst>(operand);
    if (load != nullptr && load->getDebugLoc()) user->setDebugLoc(load->getDebugLoc());
  }
  return value;
}

FunctionSink::Value FunctionSink::scalar(Opcode op, Values in) {
  if (Value value = integer(op, in)) return value;
  if (Value value = floating(op, in)) return value;
  Value value = conversion(op, in);
  CHECK(value != nullptr);
  return value;
}

FunctionSink::Value FunctionSink::unary(ID intrinsic, Value value) {
  return builder_.CreateUnaryIntrinsic(intrinsic, value);
}

FunctionSink::Value FunctionSink::binary(ID intrinsic, Value left, Value right) {
  return builder_.CreateBinaryIntrinsic(intrinsic, left, right);
}

FunctionSink::Value FunctionSink::compare(CmpInst::Predicate predicate, Values in) {
  return bool_to_i32(builder_.CreateCmp(predicate, in[0], in[1]));
}

FunctionSink::Value FunctionSink::shift_amount(Value value) {
  return builder_.CreateAnd(value, value->getType()->getIntegerBitWidth() - 1);
}

// wasm: op-idiv_s
FunctionSink::Value FunctionSink::divide(llvm::Instruction::BinaryOps op, Value left, Value right) {
  llvm::Type* type = left->getType();
  trap_if(builder_.CreateICmpEQ(right, llvm::ConstantInt::get(type, 0)),
          TrapCode::integer_divide_by_zero);
  if (op == llvm::Instruction::SDiv && !match::match(right, match::m_ConstantInt())) {
    Value smallest =
        llvm::ConstantInt::get(type, llvm::APInt::getSignedMinValue(type->getIntegerBitWidth()));
    Value is_smallest = builder_.CreateICmpEQ(left, smallest);
    Value is_minus_one = builder_.CreateICmpEQ(right, llvm::Constant::getAllOnesValue(type));
    trap_if(builder_.CreateAnd(is_smallest, is_minus_one), TrapCode::integer_overflow);
  } else if (op == llvm::Instruction::SDiv && match::match(right, match::m_AllOnes())) {
    Value smallest =
        llvm::ConstantInt::get(type, llvm::APInt::getSignedMinValue(type->getIntegerBitWidth()));
    trap_if(builder_.CreateICmpEQ(left, smallest), TrapCode::integer_overflow);
  }
  return builder_.CreateBinOp(op, left, right);
}

// wasm: op-irem_s
FunctionSink::Value FunctionSink::remainder_signed(Value left, Value right) {
  llvm::Type* type = left->getType();
  trap_if(builder_.CreateICmpEQ(right, llvm::ConstantInt::get(type, 0)),
          TrapCode::integer_divide_by_zero);
  // By -1 the remainder is 0, as it is by 1; the machine's instruction would fault for the smallest
  // number.
  Value is_minus_one = builder_.CreateICmpEQ(right, llvm::Constant::getAllOnesValue(type));
  Value divisor = builder_.CreateSelect(is_minus_one, llvm::ConstantInt::get(type, 1), right);
  return builder_.CreateSRem(left, divisor);
}

FunctionSink::Value FunctionSink::integer(Opcode op, Values in) {
  switch (op) {
    case Opcode::i32_eqz:
    case Opcode::i64_eqz: return bool_to_i32(builder_.CreateIsNull(in[0]));
    case Opcode::i32_eq:
    case Opcode::i64_eq: return compare(CmpInst::ICMP_EQ, in);
    case Opcode::i32_ne:
    case Opcode::i64_ne: return compare(CmpInst::ICMP_NE, in);
    case Opcode::i32_lt_s:
    case Opcode::i64_lt_s: return compare(CmpInst::ICMP_SLT, in);
    case Opcode::i32_lt_u:
    case Opcode::i64_lt_u: return compare(CmpInst::ICMP_ULT, in);
    case Opcode::i32_gt_s:
    case Opcode::i64_gt_s: return compare(CmpInst::ICMP_SGT, in);
    case Opcode::i32_gt_u:
    case Opcode::i64_gt_u: return compare(CmpInst::ICMP_UGT, in);
    case Opcode::i32_le_s:
    case Opcode::i64_le_s: return compare(CmpInst::ICMP_SLE, in);
    case Opcode::i32_le_u:
    case Opcode::i64_le_u: return compare(CmpInst::ICMP_ULE, in);
    case Opcode::i32_ge_s:
    case Opcode::i64_ge_s: return compare(CmpInst::ICMP_SGE, in);
    case Opcode::i32_ge_u:
    case Opcode::i64_ge_u: return compare(CmpInst::ICMP_UGE, in);
    case Opcode::i32_clz:
    case Opcode::i64_clz: return binary(llvm::Intrinsic::ctlz, in[0], builder_.getFalse());
    case Opcode::i32_ctz:
    case Opcode::i64_ctz: return binary(llvm::Intrinsic::cttz, in[0], builder_.getFalse());
    case Opcode::i32_popcnt:
    case Opcode::i64_popcnt: return unary(llvm::Intrinsic::ctpop, in[0]);
    case Opcode::i32_add:
    case Opcode::i64_add: return builder_.CreateAdd(in[0], in[1]);
    case Opcode::i32_sub:
    case Opcode::i64_sub: return builder_.CreateSub(in[0], in[1]);
    case Opcode::i32_mul:
    case Opcode::i64_mul: return builder_.CreateMul(in[0], in[1]);
    case Opcode::i32_div_s:
    case Opcode::i64_div_s: return divide(llvm::Instruction::SDiv, in[0], in[1]);
    case Opcode::i32_div_u:
    case Opcode::i64_div_u: return divide(llvm::Instruction::UDiv, in[0], in[1]);
    case Opcode::i32_rem_s:
    case Opcode::i64_rem_s: return remainder_signed(in[0], in[1]);
    case Opcode::i32_rem_u:
    case Opcode::i64_rem_u: return divide(llvm::Instruction::URem, in[0], in[1]);
    case Opcode::i32_and:
    case Opcode::i64_and: return builder_.CreateAnd(in[0], in[1]);
    case Opcode::i32_or:
    case Opcode::i64_or: return builder_.CreateOr(in[0], in[1]);
    case Opcode::i32_xor:
    case Opcode::i64_xor: return builder_.CreateXor(in[0], in[1]);
    case Opcode::i32_shl:
    case Opcode::i64_shl: return builder_.CreateShl(in[0], shift_amount(in[1]));
    case Opcode::i32_shr_s:
    case Opcode::i64_shr_s: return builder_.CreateAShr(in[0], shift_amount(in[1]));
    case Opcode::i32_shr_u:
    case Opcode::i64_shr_u: return builder_.CreateLShr(in[0], shift_amount(in[1]));
    case Opcode::i32_rotl:
    case Opcode::i64_rotl:
      return builder_.CreateIntrinsic(in[0]->getType(), llvm::Intrinsic::fshl,
                                      {in[0], in[0], in[1]});
    case Opcode::i32_rotr:
    case Opcode::i64_rotr:
      return builder_.CreateIntrinsic(in[0]->getType(), llvm::Intrinsic::fshr,
                                      {in[0], in[0], in[1]});
    default: return nullptr;
  }
}

// A NaN made quiet, anything else as it is: what arithmetic with a neutral constant does, where
// LLVM takes the operand itself for the result.
FunctionSink::Value FunctionSink::quieted(Value value) {
  return unary(llvm::Intrinsic::canonicalize, value);
}

FunctionSink::Value FunctionSink::float_add(Value left, Value right) {
  if (match::match(right, match::m_NegZeroFP())) return quieted(left);
  if (match::match(left, match::m_NegZeroFP())) return quieted(right);
  return builder_.CreateFAdd(left, right);
}

FunctionSink::Value FunctionSink::float_subtract(Value left, Value right) {
  if (match::match(right, match::m_PosZeroFP())) return quieted(left);
  if (match::match(left, match::m_NegZeroFP())) return builder_.CreateFNeg(quieted(right));
  return builder_.CreateFSub(left, right);
}

FunctionSink::Value FunctionSink::float_multiply(Value left, Value right) {
  if (match::match(right, match::m_FPOne())) return quieted(left);
  if (match::match(left, match::m_FPOne())) return quieted(right);
  if (match::match(right, match::m_SpecificFP(-1.0))) return builder_.CreateFNeg(quieted(left));
  if (match::match(left, match::m_SpecificFP(-1.0))) return builder_.CreateFNeg(quieted(right));
  return builder_.CreateFMul(left, right);
}

FunctionSink::Value FunctionSink::float_divide(Value left, Value right) {
  if (match::match(right, match::m_FPOne())) return quieted(left);
  if (match::match(right, match::m_SpecificFP(-1.0))) return builder_.CreateFNeg(quieted(left));
  return builder_.CreateFDiv(left, right);
}

// wasm: op-fmin, op-fmax. The sum is a NaN when an operand is, and quiet; otherwise the intrinsic
// need not care.
FunctionSink::Value FunctionSink::float_min_max(ID intrinsic, Value left, Value right) {
  Value unordered = builder_.CreateFCmpUNO(left, right);
  llvm::FastMathFlags no_nan;
  no_nan.setNoNaNs();
  llvm::CallInst* chosen = builder_.CreateIntrinsic(left->getType(), intrinsic, {left, right});
  chosen->setFastMathFlags(no_nan);
  return builder_.CreateSelect(unordered, float_add(left, right), chosen);
}

FunctionSink::Value FunctionSink::floating(Opcode op, Values in) {
  switch (op) {
    case Opcode::f32_eq:
    case Opcode::f64_eq: return compare(CmpInst::FCMP_OEQ, in);
    case Opcode::f32_ne:
    case Opcode::f64_ne: return compare(CmpInst::FCMP_UNE, in);
    case Opcode::f32_lt:
    case Opcode::f64_lt: return compare(CmpInst::FCMP_OLT, in);
    case Opcode::f32_gt:
    case Opcode::f64_gt: return compare(CmpInst::FCMP_OGT, in);
    case Opcode::f32_le:
    case Opcode::f64_le: return compare(CmpInst::FCMP_OLE, in);
    case Opcode::f32_ge:
    case Opcode::f64_ge: return compare(CmpInst::FCMP_OGE, in);
    case Opcode::f32_abs:
    case Opcode::f64_abs: return unary(llvm::Intrinsic::fabs, in[0]);
    case Opcode::f32_neg:
    case Opcode::f64_neg: return builder_.CreateFNeg(in[0]);
    case Opcode::f32_ceil:
    case Opcode::f64_ceil: return unary(llvm::Intrinsic::ceil, in[0]);
    case Opcode::f32_floor:
    case Opcode::f64_floor: return unary(llvm::Intrinsic::floor, in[0]);
    case Opcode::f32_trunc:
    case Opcode::f64_trunc: return unary(llvm::Intrinsic::trunc, in[0]);
    case Opcode::f32_nearest:
    case Opcode::f64_nearest: return unary(llvm::Intrinsic::roundeven, in[0]);
    case Opcode::f32_sqrt:
    case Opcode::f64_sqrt: return unary(llvm::Intrinsic::sqrt, in[0]);
    case Opcode::f32_add:
    case Opcode::f64_add: return float_add(in[0], in[1]);
    case Opcode::f32_sub:
    case Opcode::f64_sub: return float_subtract(in[0], in[1]);
    case Opcode::f32_mul:
    case Opcode::f64_mul: return float_multiply(in[0], in[1]);
    case Opcode::f32_div:
    case Opcode::f64_div: return float_divide(in[0], in[1]);
    case Opcode::f32_min:
    case Opcode::f64_min: return float_min_max(llvm::Intrinsic::minimum, in[0], in[1]);
    case Opcode::f32_max:
    case Opcode::f64_max: return float_min_max(llvm::Intrinsic::maximum, in[0], in[1]);
    case Opcode::f32_copysign:
    case Opcode::f64_copysign: return binary(llvm::Intrinsic::copysign, in[0], in[1]);
    default: return nullptr;
  }
}

FunctionSink::Value FunctionSink::demote(Value value, llvm::Type* to) {
  if (auto* promotion = llvm::dyn_cast<llvm::FPExtInst>(value);
      promotion && promotion->getSrcTy() == to)
    return quieted(promotion->getOperand(0));
  return builder_.CreateFPTrunc(value, to);
}

// wasm: op-trunc_u, op-trunc_s. The bounds are the nearest values outside the integer type's range,
// or where those are not representable, the last one inside.
FunctionSink::Value FunctionSink::truncate(Value value, unsigned bits, bool is_signed) {
  llvm::Type* type = value->getType();
  bool lower_is_inside = is_signed && (bits == 64 || type->isFloatTy());
  double lower =
      is_signed ? (bits == 64 ? -0x1p63 : -0x1p31) - (lower_is_inside ? 0.0 : 1.0) : -1.0;
  double upper = is_signed ? (bits == 64 ? 0x1p63 : 0x1p31) : (bits == 64 ? 0x1p64 : 0x1p32);
  Value above = builder_.CreateFCmp(lower_is_inside ? CmpInst::FCMP_OGE : CmpInst::FCMP_OGT, value,
                                    llvm::ConstantFP::get(type, lower));
  Value below = builder_.CreateFCmpOLT(value, llvm::ConstantFP::get(type, upper));
  Value fits = builder_.CreateAnd(above, below);
  if (!match::match(fits, match::m_One())) {
    llvm::BasicBlock* stop = new_block();
    cold_blocks_.push_back(stop);
    leave_if(builder_.CreateNot(fits), stop);
    llvm::IRBuilder<>::InsertPointGuard guard(builder_);
    builder_.SetInsertPoint(stop);
    trap_if(builder_.CreateFCmpUNO(value, value), TrapCode::invalid_conversion_to_integer);
    trap(TrapCode::integer_overflow);
  }
  llvm::Type* to = builder_.getIntNTy(bits);
  return is_signed ? builder_.CreateFPToSI(value, to) : builder_.CreateFPToUI(value, to);
}

FunctionSink::Value FunctionSink::saturate(Value value, llvm::Type* to, bool is_signed) {
  ID intrinsic = is_signed ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat;
  return builder_.CreateIntrinsic(intrinsic, {to, value->getType()}, {value});
}

FunctionSink::Value FunctionSink::conversion(Opcode op, Values in) {
  Value value = in[0];
  llvm::Type* i32 = builder_.getInt32Ty();
  llvm::Type* i64 = builder_.getInt64Ty();
  llvm::Type* f32 = builder_.getFloatTy();
  llvm::Type* f64 = builder_.getDoubleTy();
  auto extend = [&](unsigned bits) {
    return builder_.CreateSExt(builder_.CreateTrunc(value, builder_.getIntNTy(bits)),
                               value->getType());
  };
  switch (op) {
    case Opcode::i32_wrap_i64: return builder_.CreateTrunc(value, i32);
    case Opcode::i64_extend_i32_s: return builder_.CreateSExt(value, i64);
    case Opcode::i64_extend_i32_u: return builder_.CreateZExt(value, i64);
    case Opcode::i32_extend8_s:
    case Opcode::i64_extend8_s: return extend(8);
    case Opcode::i32_extend16_s:
    case Opcode::i64_extend16_s: return extend(16);
    case Opcode::i64_extend32_s: return extend(32);
    case Opcode::i32_trunc_f32_s:
    case Opcode::i32_trunc_f64_s: return truncate(value, 32, true);
    case Opcode::i32_trunc_f32_u:
    case Opcode::i32_trunc_f64_u: return truncate(value, 32, false);
    case Opcode::i64_trunc_f32_s:
    case Opcode::i64_trunc_f64_s: return truncate(value, 64, true);
    case Opcode::i64_trunc_f32_u:
    case Opcode::i64_trunc_f64_u: return truncate(value, 64, false);
    case Opcode::i32_trunc_sat_f32_s:
    case Opcode::i32_trunc_sat_f64_s: return saturate(value, i32, true);
    case Opcode::i32_trunc_sat_f32_u:
    case Opcode::i32_trunc_sat_f64_u: return saturate(value, i32, false);
    case Opcode::i64_trunc_sat_f32_s:
    case Opcode::i64_trunc_sat_f64_s: return saturate(value, i64, true);
    case Opcode::i64_trunc_sat_f32_u:
    case Opcode::i64_trunc_sat_f64_u: return saturate(value, i64, false);
    case Opcode::f32_convert_i32_s:
    case Opcode::f32_convert_i64_s: return builder_.CreateSIToFP(value, f32);
    case Opcode::f32_convert_i32_u:
    case Opcode::f32_convert_i64_u: return builder_.CreateUIToFP(value, f32);
    case Opcode::f64_convert_i32_s:
    case Opcode::f64_convert_i64_s: return builder_.CreateSIToFP(value, f64);
    case Opcode::f64_convert_i32_u:
    case Opcode::f64_convert_i64_u: return builder_.CreateUIToFP(value, f64);
    case Opcode::f32_demote_f64: return demote(value, f32);
    case Opcode::f64_promote_f32: return builder_.CreateFPExt(value, f64);
    case Opcode::i32_reinterpret_f32: return builder_.CreateBitCast(value, i32);
    case Opcode::i64_reinterpret_f64: return builder_.CreateBitCast(value, i64);
    case Opcode::f32_reinterpret_i32: return builder_.CreateBitCast(value, f32);
    case Opcode::f64_reinterpret_i64: return builder_.CreateBitCast(value, f64);
    default: return nullptr;
  }
}

// Numbers of 128 bits are two values, the low half first.
void FunctionSink::wide(Opcode op, Values in, Results results) {
  llvm::Type* type = builder_.getInt128Ty();
  auto joined = [&](Value low, Value high) {
    Value shifted = builder_.CreateShl(builder_.CreateZExt(high, type), 64);
    return builder_.CreateOr(builder_.CreateZExt(low, type), shifted);
  };
  Value result = nullptr;
  switch (op) {
    case Opcode::i64_add128:
      result = builder_.CreateAdd(joined(in[0], in[1]), joined(in[2], in[3]));
      break;
    case Opcode::i64_sub128:
      result = builder_.CreateSub(joined(in[0], in[1]), joined(in[2], in[3]));
      break;
    default: {
      bool is_signed = op == Opcode::i64_mul_wide_s;
      result = builder_.CreateMul(builder_.CreateIntCast(in[0], type, is_signed),
                                  builder_.CreateIntCast(in[1], type, is_signed));
    }
  }
  results[0] = builder_.CreateTrunc(result, builder_.getInt64Ty());
  results[1] = builder_.CreateTrunc(builder_.CreateLShr(result, 64), builder_.getInt64Ty());
}

}  // namespace tenon::compiler::llvm_tier
