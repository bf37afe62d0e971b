#include <array>
#include <numeric>

#include <llvm/IR/Constants.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/IntrinsicsX86.h>

#include "compiler/llvm/sink.h"

// Vector instructions. Most are LLVM's own operations on a vector of the shape that the
// instruction's name begins with; those that the machine has but LLVM's language lacks are its
// intrinsics.
namespace tenon::compiler::llvm_tier {

using llvm::CmpInst;
using llvm::FixedVectorType;
using wasm::Opcode;

namespace {

FixedVectorType* shape_of(llvm::LLVMContext& context, Opcode op) {
  std::string_view name = wasm::info(op).text.substr(0, 5);
  if (name == "i8x16") return FixedVectorType::get(llvm::Type::getInt8Ty(context), 16);
  if (name == "i16x8") return FixedVectorType::get(llvm::Type::getInt16Ty(context), 8);
  if (name == "i32x4") return FixedVectorType::get(llvm::Type::getInt32Ty(context), 4);
  if (name == "f32x4") return FixedVectorType::get(llvm::Type::getFloatTy(context), 4);
  if (name == "f64x2") return FixedVectorType::get(llvm::Type::getDoubleTy(context), 2);
  return FixedVectorType::get(llvm::Type::getInt64Ty(context), 2);
}

// Lanes of half the width, twice as many.
FixedVectorType* narrower(FixedVectorType* shape) {
  unsigned bits = shape->getScalarSizeInBits() / 2;
  return FixedVectorType::get(llvm::Type::getIntNTy(shape->getContext(), bits), 128 / bits);
}

bool ends_with_u(Opcode op) {
  return wasm::info(op).text.ends_with("_u");
}

}  // namespace

FunctionSink::Value FunctionSink::v128_const(const wasm::V128& bytes) {
  uint64_t halves[2];
  memcpy(halves, bytes.data(), sizeof halves);
  return llvm::ConstantDataVector::get(chunk_.llvm, llvm::ArrayRef<uint64_t>(halves));
}

FunctionSink::Value FunctionSink::vector(Opcode op, Values in, const wasm::Lanes& lanes) {
  FixedVectorType* shape = shape_of(chunk_.llvm, op);
  if (Value value = vector_lanes(op, in, lanes, shape)) return value;
  if (Value value = vector_convert(op, in)) return value;
  if (Value value = vector_special(op, in)) return value;
  Value value = shape->getElementType()->isIntegerTy() ? vector_integer(op, in, shape)
                                                       : vector_float(op, in, shape);
  CHECK(value != nullptr);
  return value;
}

FunctionSink::Value FunctionSink::vector_lanes(Opcode op, Values in, const wasm::Lanes& lanes,
                                               FixedVectorType* shape) {
  uint64_t lane = lanes.lane[0];
  switch (op) {
    case Opcode::i8x16_splat:
    case Opcode::i16x8_splat:
      return builder_.CreateVectorSplat(shape->getNumElements(),
                                        builder_.CreateTrunc(in[0], shape->getElementType()));
    case Opcode::i32x4_splat:
    case Opcode::i64x2_splat:
    case Opcode::f32x4_splat:
    case Opcode::f64x2_splat: return builder_.CreateVectorSplat(shape->getNumElements(), in[0]);
    case Opcode::i8x16_extract_lane_s:
    case Opcode::i16x8_extract_lane_s:
      return builder_.CreateSExt(builder_.CreateExtractElement(as(in[0], shape), lane),
                                 builder_.getInt32Ty());
    case Opcode::i8x16_extract_lane_u:
    case Opcode::i16x8_extract_lane_u:
      return builder_.CreateZExt(builder_.CreateExtractElement(as(in[0], shape), lane),
                                 builder_.getInt32Ty());
    case Opcode::i32x4_extract_lane:
    case Opcode::i64x2_extract_lane:
    case Opcode::f32x4_extract_lane:
    case Opcode::f64x2_extract_lane: return builder_.CreateExtractElement(as(in[0], shape), lane);
    case Opcode::i8x16_replace_lane:
    case Opcode::i16x8_replace_lane: {
      Value value = builder_.CreateTrunc(in[1], shape->getElementType());
      return builder_.CreateInsertElement(as(in[0], shape), value, lane);
    }
    case Opcode::i32x4_replace_lane:
    case Opcode::i64x2_replace_lane:
    case Opcode::f32x4_replace_lane:
    case Opcode::f64x2_replace_lane:
      return builder_.CreateInsertElement(as(in[0], shape), in[1], lane);
    case Opcode::i8x16_shuffle: {
      std::array<int, 16> mask;
      std::copy(lanes.lane.begin(), lanes.lane.end(), mask.begin());
      return builder_.CreateShuffleVector(as(in[0], shape), as(in[1], shape), mask);
    }
    default: return nullptr;
  }
}

FunctionSink::Value FunctionSink::vector_compare(CmpInst::Predicate predicate, Values in,
                                                 FixedVectorType* shape) {
  Value result = builder_.CreateCmp(predicate, as(in[0], shape), as(in[1], shape));
  return builder_.CreateSExt(result, FixedVectorType::getInteger(shape));
}

// wasm: op-ishl, op-ishr_u, op-ishr_s, on each lane by one amount
FunctionSink::Value FunctionSink::vector_shift(llvm::Instruction::BinaryOps op, Values in,
                                               FixedVectorType* shape) {
  unsigned bits = shape->getScalarSizeInBits();
  Value amount =
      builder_.CreateZExtOrTrunc(builder_.CreateAnd(in[1], bits - 1), shape->getElementType());
  return builder_.CreateBinOp(op, as(in[0], shape),
                              builder_.CreateVectorSplat(shape->getNumElements(), amount));
}

FunctionSink::Value FunctionSink::vector_integer(Opcode op, Values in, FixedVectorType* shape) {
  Value a = as(in[0], shape);
  Value b = in.size() > 1 && is_vector(in[1]) ? as(in[1], shape) : nullptr;
  switch (op) {
    case Opcode::i8x16_eq:
    case Opcode::i16x8_eq:
    case Opcode::i32x4_eq:
    case Opcode::i64x2_eq: return vector_compare(CmpInst::ICMP_EQ, in, shape);
    case Opcode::i8x16_ne:
    case Opcode::i16x8_ne:
    case Opcode::i32x4_ne:
    case Opcode::i64x2_ne: return vector_compare(CmpInst::ICMP_NE, in, shape);
    case Opcode::i8x16_lt_s:
    case Opcode::i16x8_lt_s:
    case Opcode::i32x4_lt_s:
    case Opcode::i64x2_lt_s: return vector_compare(CmpInst::ICMP_SLT, in, shape);
    case Opcode::i8x16_lt_u:
    case Opcode::i16x8_lt_u:
    case Opcode::i32x4_lt_u: return vector_compare(CmpInst::ICMP_ULT, in, shape);
    case Opcode::i8x16_gt_s:
    case Opcode::i16x8_gt_s:
    case Opcode::i32x4_gt_s:
    case Opcode::i64x2_gt_s: return vector_compare(CmpInst::ICMP_SGT, in, shape);
    case Opcode::i8x16_gt_u:
    case Opcode::i16x8_gt_u:
    case Opcode::i32x4_gt_u: return vector_compare(CmpInst::ICMP_UGT, in, shape);
    case Opcode::i8x16_le_s:
    case Opcode::i16x8_le_s:
    case Opcode::i32x4_le_s:
    case Opcode::i64x2_le_s: return vector_compare(CmpInst::ICMP_SLE, in, shape);
    case Opcode::i8x16_le_u:
    case Opcode::i16x8_le_u:
    case Opcode::i32x4_le_u: return vector_compare(CmpInst::ICMP_ULE, in, shape);
    case Opcode::i8x16_ge_s:
    case Opcode::i16x8_ge_s:
    case Opcode::i32x4_ge_s:
    case Opcode::i64x2_ge_s: return vector_compare(CmpInst::ICMP_SGE, in, shape);
    case Opcode::i8x16_ge_u:
    case Opcode::i16x8_ge_u:
    case Opcode::i32x4_ge_u: return vector_compare(CmpInst::ICMP_UGE, in, shape);
    case Opcode::i8x16_abs:
    case Opcode::i16x8_abs:
    case Opcode::i32x4_abs:
    case Opcode::i64x2_abs: return binary(llvm::Intrinsic::abs, a, builder_.getFalse());
    case Opcode::i8x16_neg:
    case Opcode::i16x8_neg:
    case Opcode::i32x4_neg:
    case Opcode::i64x2_neg: return builder_.CreateNeg(a);
    case Opcode::i8x16_popcnt: return unary(llvm::Intrinsic::ctpop, a);
    case Opcode::i8x16_shl:
    case Opcode::i16x8_shl:
    case Opcode::i32x4_shl:
    case Opcode::i64x2_shl: return vector_shift(llvm::Instruction::Shl, in, shape);
    case Opcode::i8x16_shr_s:
    case Opcode::i16x8_shr_s:
    case Opcode::i32x4_shr_s:
    case Opcode::i64x2_shr_s: return vector_shift(llvm::Instruction::AShr, in, shape);
    case Opcode::i8x16_shr_u:
    case Opcode::i16x8_shr_u:
    case Opcode::i32x4_shr_u:
    case Opcode::i64x2_shr_u: return vector_shift(llvm::Instruction::LShr, in, shape);
    case Opcode::i8x16_add:
    case Opcode::i16x8_add:
    case Opcode::i32x4_add:
    case Opcode::i64x2_add: return builder_.CreateAdd(a, b);
    case Opcode::i8x16_sub:
    case Opcode::i16x8_sub:
    case Opcode::i32x4_sub:
    case Opcode::i64x2_sub: return builder_.CreateSub(a, b);
    case Opcode::i16x8_mul:
    case Opcode::i32x4_mul:
    case Opcode::i64x2_mul: return builder_.CreateMul(a, b);
    case Opcode::i8x16_add_sat_s:
    case Opcode::i16x8_add_sat_s: return binary(llvm::Intrinsic::sadd_sat, a, b);
    case Opcode::i8x16_add_sat_u:
    case Opcode::i16x8_add_sat_u: return binary(llvm::Intrinsic::uadd_sat, a, b);
    case Opcode::i8x16_sub_sat_s:
    case Opcode::i16x8_sub_sat_s: return binary(llvm::Intrinsic::ssub_sat, a, b);
    case Opcode::i8x16_sub_sat_u:
    case Opcode::i16x8_sub_sat_u: return binary(llvm::Intrinsic::usub_sat, a, b);
    case Opcode::i8x16_min_s:
    case Opcode::i16x8_min_s:
    case Opcode::i32x4_min_s: return binary(llvm::Intrinsic::smin, a, b);
    case Opcode::i8x16_min_u:
    case Opcode::i16x8_min_u:
    case Opcode::i32x4_min_u: return binary(llvm::Intrinsic::umin, a, b);
    case Opcode::i8x16_max_s:
    case Opcode::i16x8_max_s:
    case Opcode::i32x4_max_s: return binary(llvm::Intrinsic::smax, a, b);
    case Opcode::i8x16_max_u:
    case Opcode::i16x8_max_u:
    case Opcode::i32x4_max_u: return binary(llvm::Intrinsic::umax, a, b);
    case Opcode::i8x16_avgr_u:
    case Opcode::i16x8_avgr_u: {
      auto* wide = FixedVectorType::getExtendedElementVectorType(shape);
      Value sum = builder_.CreateAdd(builder_.CreateZExt(a, wide), builder_.CreateZExt(b, wide));
      sum = builder_.CreateAdd(sum, llvm::ConstantInt::get(wide, 1));
      return builder_.CreateTrunc(builder_.CreateLShr(sum, 1), shape);
    }
    default: return nullptr;
  }
}

FunctionSink::Value FunctionSink::vector_float(Opcode op, Values in, FixedVectorType* shape) {
  Value a = as(in[0], shape);
  Value b = in.size() > 1 ? as(in[1], shape) : nullptr;
  auto multiply_add = [&](bool negated) {
    Value factor = negated ? builder_.CreateFNeg(a) : a;
    Value c = as(in[2], shape);
    // The one relaxed instruction whose result is up to the processor here.
    if (chunk_.has_fma && !input().options.deterministic_relaxed_simd)
      return Value{builder_.CreateIntrinsic(shape, llvm::Intrinsic::fma, {factor, b, c})};
    return float_add(float_multiply(factor, b), c);
  };
  switch (op) {
    case Opcode::f32x4_eq:
    case Opcode::f64x2_eq: return vector_compare(CmpInst::FCMP_OEQ, in, shape);
    case Opcode::f32x4_ne:
    case Opcode::f64x2_ne: return vector_compare(CmpInst::FCMP_UNE, in, shape);
    case Opcode::f32x4_lt:
    case Opcode::f64x2_lt: return vector_compare(CmpInst::FCMP_OLT, in, shape);
    case Opcode::f32x4_gt:
    case Opcode::f64x2_gt: return vector_compare(CmpInst::FCMP_OGT, in, shape);
    case Opcode::f32x4_le:
    case Opcode::f64x2_le: return vector_compare(CmpInst::FCMP_OLE, in, shape);
    case Opcode::f32x4_ge:
    case Opcode::f64x2_ge: return vector_compare(CmpInst::FCMP_OGE, in, shape);
    case Opcode::f32x4_abs:
    case Opcode::f64x2_abs: return unary(llvm::Intrinsic::fabs, a);
    case Opcode::f32x4_neg:
    case Opcode::f64x2_neg: return builder_.CreateFNeg(a);
    case Opcode::f32x4_sqrt:
    case Opcode::f64x2_sqrt: return unary(llvm::Intrinsic::sqrt, a);
    case Opcode::f32x4_ceil:
    case Opcode::f64x2_ceil: return unary(llvm::Intrinsic::ceil, a);
    case Opcode::f32x4_floor:
    case Opcode::f64x2_floor: return unary(llvm::Intrinsic::floor, a);
    case Opcode::f32x4_trunc:
    case Opcode::f64x2_trunc: return unary(llvm::Intrinsic::trunc, a);
    case Opcode::f32x4_nearest:
    case Opcode::f64x2_nearest: return unary(llvm::Intrinsic::roundeven, a);
    case Opcode::f32x4_add:
    case Opcode::f64x2_add: return float_add(a, b);
    case Opcode::f32x4_sub:
    case Opcode::f64x2_sub: return float_subtract(a, b);
    case Opcode::f32x4_mul:
    case Opcode::f64x2_mul: return float_multiply(a, b);
    case Opcode::f32x4_div:
    case Opcode::f64x2_div: return float_divide(a, b);
    case Opcode::f32x4_min:
    case Opcode::f64x2_min:
    case Opcode::f32x4_relaxed_min:
    case Opcode::f64x2_relaxed_min: return float_min_max(llvm::Intrinsic::minimum, a, b);
    case Opcode::f32x4_max:
    case Opcode::f64x2_max:
    case Opcode::f32x4_relaxed_max:
    case Opcode::f64x2_relaxed_max: return float_min_max(llvm::Intrinsic::maximum, a, b);
    case Opcode::f32x4_pmin:
    case Opcode::f64x2_pmin: return builder_.CreateSelect(builder_.CreateFCmpOLT(b, a), b, a);
    case Opcode::f32x4_pmax:
    case Opcode::f64x2_pmax: return builder_.CreateSelect(builder_.CreateFCmpOLT(a, b), b, a);
    case Opcode::f32x4_relaxed_madd:
    case Opcode::f64x2_relaxed_madd: return multiply_add(false);
    case Opcode::f32x4_relaxed_nmadd:
    case Opcode::f64x2_relaxed_nmadd: return multiply_add(true);
    default: return nullptr;
  }
}

// The first two lanes of four as they are, the others zero.
FunctionSink::Value FunctionSink::lower_half_with_zeros(Value two_lanes) {
  return builder_.CreateShuffleVector(two_lanes, llvm::Constant::getNullValue(two_lanes->getType()),
                                      llvm::ArrayRef<int>{0, 1, 2, 3});
}

FunctionSink::Value FunctionSink::vector_convert(Opcode op, Values in) {
  auto* i32x4 = FixedVectorType::get(builder_.getInt32Ty(), 4);
  auto* i32x2 = FixedVectorType::get(builder_.getInt32Ty(), 2);
  auto* f32x4 = FixedVectorType::get(builder_.getFloatTy(), 4);
  auto* f32x2 = FixedVectorType::get(builder_.getFloatTy(), 2);
  auto* f64x2 = FixedVectorType::get(builder_.getDoubleTy(), 2);
  auto low_half = [&](FixedVectorType* shape) {
    return builder_.CreateShuffleVector(as(in[0], shape), llvm::ArrayRef<int>{0, 1});
  };
  switch (op) {
    case Opcode::f32x4_convert_i32x4_s: return builder_.CreateSIToFP(as(in[0], i32x4), f32x4);
    case Opcode::f32x4_convert_i32x4_u: return builder_.CreateUIToFP(as(in[0], i32x4), f32x4);
    case Opcode::f64x2_convert_low_i32x4_s: return builder_.CreateSIToFP(low_half(i32x4), f64x2);
    case Opcode::f64x2_convert_low_i32x4_u: return builder_.CreateUIToFP(low_half(i32x4), f64x2);
    case Opcode::f64x2_promote_low_f32x4: return builder_.CreateFPExt(low_half(f32x4), f64x2);
    case Opcode::f32x4_demote_f64x2_zero:
      return lower_half_with_zeros(builder_.CreateFPTrunc(as(in[0], f64x2), f32x2));
    case Opcode::i32x4_trunc_sat_f32x4_s:
    case Opcode::i32x4_relaxed_trunc_f32x4_s: return saturate(as(in[0], f32x4), i32x4, true);
    case Opcode::i32x4_trunc_sat_f32x4_u:
    case Opcode::i32x4_relaxed_trunc_f32x4_u: return saturate(as(in[0], f32x4), i32x4, false);
    case Opcode::i32x4_trunc_sat_f64x2_s_zero:
    case Opcode::i32x4_relaxed_trunc_f64x2_s:
      return lower_half_with_zeros(saturate(as(in[0], f64x2), i32x2, true));
    case Opcode::i32x4_trunc_sat_f64x2_u_zero:
    case Opcode::i32x4_relaxed_trunc_f64x2_u:
      return lower_half_with_zeros(saturate(as(in[0], f64x2), i32x2, false));
    default: return nullptr;
  }
}

// The lower or upper half of the lanes, each twice as wide.
FunctionSink::Value FunctionSink::extended_half(Value value, FixedVectorType* from, bool high,
                                                bool is_signed) {
  unsigned lanes = from->getNumElements() / 2;
  llvm::SmallVector<int, 16> mask(lanes);
  std::iota(mask.begin(), mask.end(), high ? static_cast<int>(lanes) : 0);
  Value half = builder_.CreateShuffleVector(as(value, from), mask);
  auto* wide = FixedVectorType::get(builder_.getIntNTy(from->getScalarSizeInBits() * 2), lanes);
  return builder_.CreateIntCast(half, wide, is_signed);
}

FunctionSink::Value FunctionSink::vector_extend(Opcode op, Value value) {
  bool high = wasm::info(op).text.find("_high_") != std::string_view::npos;
  return extended_half(value, narrower(shape_of(chunk_.llvm, op)), high, !ends_with_u(op));
}

FunctionSink::Value FunctionSink::vector_multiply_extended(Opcode op, Values in) {
  return builder_.CreateMul(vector_extend(op, in[0]), vector_extend(op, in[1]));
}

// Sums of neighbours: lanes 2k and 2k+1 give lane k.
FunctionSink::Value FunctionSink::pairwise_sum(Value value) {
  unsigned lanes = llvm::cast<FixedVectorType>(value->getType())->getNumElements() / 2;
  llvm::SmallVector<int, 16> even(lanes);
  llvm::SmallVector<int, 16> odd(lanes);
  for (unsigned i = 0; i < lanes; ++i) {
    even[i] = static_cast<int>(2 * i);
    odd[i] = static_cast<int>(2 * i + 1);
  }
  return builder_.CreateAdd(builder_.CreateShuffleVector(value, even),
                            builder_.CreateShuffleVector(value, odd));
}

FunctionSink::Value FunctionSink::vector_add_pairs(Opcode op, Value value) {
  FixedVectorType* from = narrower(shape_of(chunk_.llvm, op));
  auto* wide = FixedVectorType::get(builder_.getIntNTy(from->getScalarSizeInBits() * 2),
                                    from->getNumElements());
  return pairwise_sum(builder_.CreateIntCast(as(value, from), wide, !ends_with_u(op)));
}

// Instructions that only exist for some shapes.
FunctionSink::Value FunctionSink::vector_special(Opcode op, Values in) {
  auto* i8x16 = FixedVectorType::get(builder_.getInt8Ty(), 16);
  auto* i16x8 = FixedVectorType::get(builder_.getInt16Ty(), 8);
  auto* i32x4 = FixedVectorType::get(builder_.getInt32Ty(), 4);
  auto machine = [&](llvm::Intrinsic::ID intrinsic, FixedVectorType* shape) {
    return builder_.CreateIntrinsic(intrinsic, {}, {as(in[0], shape), as(in[1], shape)});
  };
  switch (op) {
    case Opcode::v128_not: return builder_.CreateNot(canonical(in[0]));
    case Opcode::v128_and: return builder_.CreateAnd(canonical(in[0]), canonical(in[1]));
    case Opcode::v128_andnot:
      return builder_.CreateAnd(canonical(in[0]), builder_.CreateNot(canonical(in[1])));
    case Opcode::v128_or: return builder_.CreateOr(canonical(in[0]), canonical(in[1]));
    case Opcode::v128_xor: return builder_.CreateXor(canonical(in[0]), canonical(in[1]));
    case Opcode::v128_bitselect:
    case Opcode::i8x16_relaxed_laneselect:
    case Opcode::i16x8_relaxed_laneselect:
    case Opcode::i32x4_relaxed_laneselect:
    case Opcode::i64x2_relaxed_laneselect: {
      Value mask = canonical(in[2]);
      Value first = builder_.CreateAnd(canonical(in[0]), mask);
      return builder_.CreateOr(first,
                               builder_.CreateAnd(canonical(in[1]), builder_.CreateNot(mask)));
    }
    case Opcode::v128_any_true: {
      Value all_bits = builder_.CreateBitCast(canonical(in[0]), builder_.getInt128Ty());
      return bool_to_i32(builder_.CreateIsNotNull(all_bits));
    }
    case Opcode::i8x16_all_true:
    case Opcode::i16x8_all_true:
    case Opcode::i32x4_all_true:
    case Opcode::i64x2_all_true: {
      FixedVectorType* shape = shape_of(chunk_.llvm, op);
      Value zeros = builder_.CreateIsNull(as(in[0], shape));
      return bool_to_i32(builder_.CreateIsNull(
          builder_.CreateBitCast(zeros, builder_.getIntNTy(shape->getNumElements()))));
    }
    case Opcode::i8x16_bitmask:
    case Opcode::i16x8_bitmask:
    case Opcode::i32x4_bitmask:
    case Opcode::i64x2_bitmask: {
      FixedVectorType* shape = shape_of(chunk_.llvm, op);
      Value negative =
          builder_.CreateICmpSLT(as(in[0], shape), llvm::Constant::getNullValue(shape));
      Value mask = builder_.CreateBitCast(negative, builder_.getIntNTy(shape->getNumElements()));
      return builder_.CreateZExt(mask, builder_.getInt32Ty());
    }
    case Opcode::i8x16_swizzle:
    case Opcode::i8x16_relaxed_swizzle: {
      // The machine takes zero for indices with the top bit; saturation puts it into all above 15.
      Value indices =
          binary(llvm::Intrinsic::uadd_sat, as(in[1], i8x16), llvm::ConstantInt::get(i8x16, 0x70));
      return builder_.CreateIntrinsic(llvm::Intrinsic::x86_ssse3_pshuf_b_128, {},
                                      {as(in[0], i8x16), indices});
    }
    case Opcode::i8x16_narrow_i16x8_s:
      return machine(llvm::Intrinsic::x86_sse2_packsswb_128, i16x8);
    case Opcode::i8x16_narrow_i16x8_u:
      return machine(llvm::Intrinsic::x86_sse2_packuswb_128, i16x8);
    case Opcode::i16x8_narrow_i32x4_s:
      return machine(llvm::Intrinsic::x86_sse2_packssdw_128, i32x4);
    case Opcode::i16x8_narrow_i32x4_u: return machine(llvm::Intrinsic::x86_sse41_packusdw, i32x4);
    case Opcode::i32x4_dot_i16x8_s: return machine(llvm::Intrinsic::x86_sse2_pmadd_wd, i16x8);
    case Opcode::i16x8_q15mulr_sat_s:
    case Opcode::i16x8_relaxed_q15mulr_s: {
      // Only -1 times -1 overflows: the machine gives -1 for it, the standard the largest number.
      Value product = machine(llvm::Intrinsic::x86_ssse3_pmul_hr_sw_128, i16x8);
      Value overflow = builder_.CreateICmpEQ(product, llvm::ConstantInt::get(i16x8, 0x8000));
      return builder_.CreateXor(product, builder_.CreateSExt(overflow, i16x8));
    }
    case Opcode::i16x8_extend_low_i8x16_s:
    case Opcode::i16x8_extend_low_i8x16_u:
    case Opcode::i16x8_extend_high_i8x16_s:
    case Opcode::i16x8_extend_high_i8x16_u:
    case Opcode::i32x4_extend_low_i16x8_s:
    case Opcode::i32x4_extend_low_i16x8_u:
    case Opcode::i32x4_extend_high_i16x8_s:
    case Opcode::i32x4_extend_high_i16x8_u:
    case Opcode::i64x2_extend_low_i32x4_s:
    case Opcode::i64x2_extend_low_i32x4_u:
    case Opcode::i64x2_extend_high_i32x4_s:
    case Opcode::i64x2_extend_high_i32x4_u: return vector_extend(op, in[0]);
    case Opcode::i16x8_extmul_low_i8x16_s:
    case Opcode::i16x8_extmul_low_i8x16_u:
    case Opcode::i16x8_extmul_high_i8x16_s:
    case Opcode::i16x8_extmul_high_i8x16_u:
    case Opcode::i32x4_extmul_low_i16x8_s:
    case Opcode::i32x4_extmul_low_i16x8_u:
    case Opcode::i32x4_extmul_high_i16x8_s:
    case Opcode::i32x4_extmul_high_i16x8_u:
    case Opcode::i64x2_extmul_low_i32x4_s:
    case Opcode::i64x2_extmul_low_i32x4_u:
    case Opcode::i64x2_extmul_high_i32x4_s:
    case Opcode::i64x2_extmul_high_i32x4_u: return vector_multiply_extended(op, in);
    case Opcode::i16x8_extadd_pairwise_i8x16_s:
    case Opcode::i16x8_extadd_pairwise_i8x16_u:
    case Opcode::i32x4_extadd_pairwise_i16x8_s:
    case Opcode::i32x4_extadd_pairwise_i16x8_u: return vector_add_pairs(op, in[0]);
    case Opcode::i16x8_relaxed_dot_i8x16_i7x16_s:
    case Opcode::i32x4_relaxed_dot_i8x16_i7x16_add_s: {
      auto* i16x16 = FixedVectorType::get(builder_.getInt16Ty(), 16);
      Value products = builder_.CreateMul(builder_.CreateSExt(as(in[0], i8x16), i16x16),
                                          builder_.CreateSExt(as(in[1], i8x16), i16x16));
      Value sums = pairwise_sum(products);
      if (op == Opcode::i16x8_relaxed_dot_i8x16_i7x16_s) return sums;
      auto* i32x8 = FixedVectorType::get(builder_.getInt32Ty(), 8);
      return builder_.CreateAdd(pairwise_sum(builder_.CreateSExt(sums, i32x8)), as(in[2], i32x4));
    }
    default: return nullptr;
  }
}

}  // namespace tenon::compiler::llvm_tier
