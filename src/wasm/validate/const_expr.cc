#include "wasm/validate/const_expr.h"

#include "wasm/validate/function_errors.h"
#include "wasm/validate/subtyping.h"

namespace tenon::wasm {

namespace {

using Kind = ConstOp::Kind;

class ConstChecker {
 public:
  ConstChecker(const Module& module, size_t visible_globals)
      : module_(module), visible_globals_(visible_globals) {}

  Result<void> check(const ConstOp& op) {
    switch (op.kind) {
      case Kind::i32_const: return push(ValType::i32);
      case Kind::i64_const: return push(ValType::i64);
      case Kind::f32_const: return push(ValType::f32);
      case Kind::f64_const: return push(ValType::f64);
      case Kind::v128_const: return push(ValType::v128);
      case Kind::global_get: return global_get(op.bits);
      case Kind::ref_func: return ref_func(op.bits);
      case Kind::ref_null: return ref_null(op.type);
      case Kind::i32_add:
      case Kind::i32_sub:
      case Kind::i32_mul: return binary(ValType::i32);
      case Kind::i64_add:
      case Kind::i64_sub:
      case Kind::i64_mul: return binary(ValType::i64);
      case Kind::struct_new:
      case Kind::struct_new_default:
      case Kind::array_new:
      case Kind::array_new_default:
      case Kind::array_new_fixed:
      case Kind::ref_i31:
      case Kind::any_convert_extern:
      case Kind::extern_convert_any:
        return fail(ErrorCode::unsupported,
                    "managed objects in constant expressions are not supported yet");
    }
    return fail(ErrorCode::internal, "a constant instruction without a rule");
  }

  Result<void> finish(ValType expected) {
    if (stack_.empty()) return fail(ErrorCode::invalid, missing_operand(expected));
    if (stack_.size() > 1) return fail(ErrorCode::invalid, too_many_operands(stack_.size() - 1));
    if (val_matches(module_, stack_[0], expected)) return {};
    return fail(ErrorCode::invalid, type_mismatch(expected, stack_[0]));
  }

 private:
  Result<void> push(ValType type) {
    stack_.push_back(type);
    return {};
  }

  Result<void> binary(ValType type) {
    for (int i = 0; i < 2; ++i) {
      if (stack_.empty()) return fail(ErrorCode::invalid, missing_operand(type));
      if (stack_.back() != type)
        return fail(ErrorCode::invalid, type_mismatch(type, stack_.back()));
      stack_.pop_back();
    }
    return push(type);
  }

  Result<void> global_get(uint64_t index) {
    if (index >= visible_globals_) return fail(ErrorCode::invalid, unknown("global", index));
    const GlobalType& type = module_.globals[GlobalIndex(index)].type;
    if (type.is_mutable)
      return fail(ErrorCode::invalid, "constant expression required, found a mutable global");
    return push(type.type);
  }

  Result<void> ref_func(uint64_t index) {
    if (index >= module_.functions.size())
      return fail(ErrorCode::invalid, unknown("function", index));
    return push(ValType::reference(HeapType(module_.functions[FuncIndex(index)]), false));
  }

  Result<void> ref_null(ValType type) {
    if (!type.heap().is_concrete() || module_.types.contains(type.heap().type())) return push(type);
    return fail(ErrorCode::invalid, unknown("type", type.heap().type().index));
  }

  const Module& module_;
  size_t visible_globals_;
  std::vector<ValType> stack_;
};

}  // namespace

Result<void> validate_const_expr(const Module& module, const ConstExpr& expr, ValType expected,
                                 size_t visible_globals) {
  ConstChecker checker(module, visible_globals);
  for (const ConstOp& op : expr) TRY_VOID(checker.check(op));
  return checker.finish(expected);
}

}  // namespace tenon::wasm
