#include "wasm/validate/const_expr.h"

#include "base/limits.h"
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
      case Kind::struct_new_default: return struct_new(op);
      case Kind::array_new:
      case Kind::array_new_default:
      case Kind::array_new_fixed: return array_new(op);
      case Kind::ref_i31: return unary(ValType::i32, ValType::reference(HeapType::i31, false));
      case Kind::any_convert_extern: return convert(HeapType::extern_, HeapType::any);
      case Kind::extern_convert_any: return convert(HeapType::any, HeapType::extern_);
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

  Result<ValType> pop(ValType expected) {
    if (stack_.empty()) return fail(ErrorCode::invalid, missing_operand(expected));
    ValType found = stack_.back();
    if (!val_matches(module_, found, expected))
      return fail(ErrorCode::invalid, type_mismatch(expected, found));
    stack_.pop_back();
    return found;
  }

  Result<void> unary(ValType operand, ValType result) {
    TRY_VOID(pop(operand));
    return push(result);
  }

  Result<void> binary(ValType type) {
    TRY_VOID(pop(type));
    return unary(type, type);
  }

  Result<void> convert(HeapType::Abstract from, HeapType::Abstract to) {
    ValType operand = TRY(pop(ValType::reference(from, true)));
    return push(ValType::reference(to, operand.is_nullable()));
  }

  // The composite type that an instruction names.
  Result<const SubType*> composite(const ConstOp& op, SubType::Kind kind, const char* name) {
    if (op.bits >= module_.types.size()) return fail(ErrorCode::invalid, unknown("type", op.bits));
    TypeIndex index(static_cast<uint32_t>(op.bits));
    if (module_.types[index].kind != kind) return fail(ErrorCode::invalid, wrong_kind(index, name));
    return &module_.types[index];
  }

  Result<void> defaultable(const FieldType& field) {
    if (field.type.has_default()) return {};
    return fail(ErrorCode::invalid, "type mismatch: a field type is not defaultable");
  }

  Result<void> push_reference_to(const ConstOp& op) {
    return push(ValType::reference(HeapType(TypeIndex(static_cast<uint32_t>(op.bits))), false));
  }

  Result<void> struct_new(const ConstOp& op) {
    const SubType* type = TRY(composite(op, SubType::Kind::struct_, "struct"));
    for (size_t i = type->fields.size(); i-- > 0;) {
      const FieldType& field = type->fields[i];
      if (op.kind == Kind::struct_new) {
        TRY_VOID(pop(field.type));
      } else {
        TRY_VOID(defaultable(field));
      }
    }
    return push_reference_to(op);
  }

  Result<void> array_new(const ConstOp& op) {
    const SubType* type = TRY(composite(op, SubType::Kind::array, "array"));
    const FieldType& element = type->fields[0];
    if (op.kind != Kind::array_new_fixed) TRY_VOID(pop(ValType::i32));
    if (op.kind == Kind::array_new_default) TRY_VOID(defaultable(element));
    uint64_t values = op.kind == Kind::array_new_fixed ? op.high : op.kind == Kind::array_new;
    if (values > limits::max_array_new_fixed) {
      return fail(ErrorCode::limit,
                  too_many(values, "operands of array.new_fixed", limits::max_array_new_fixed));
    }
    for (uint64_t i = 0; i < values; ++i) TRY_VOID(pop(element.type));
    return push_reference_to(op);
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
