#include <vector>

#include "base/check.h"
#include "runtime/instance.h"

namespace tenon::runtime {

using compiler::Slot;
using wasm::ConstOp;

namespace {

Slot binary(ConstOp::Kind kind, Slot left, Slot right) {
  switch (kind) {
    case ConstOp::Kind::i32_add: return {static_cast<uint32_t>(left.low + right.low), 0};
    case ConstOp::Kind::i32_sub: return {static_cast<uint32_t>(left.low - right.low), 0};
    case ConstOp::Kind::i32_mul: return {static_cast<uint32_t>(left.low * right.low), 0};
    case ConstOp::Kind::i64_add: return {left.low + right.low, 0};
    case ConstOp::Kind::i64_sub: return {left.low - right.low, 0};
    case ConstOp::Kind::i64_mul: return {left.low * right.low, 0};
    default: break;
  }
  CHECK(false && "constant instruction was not checked when the module was loaded");
}

}  // namespace

// wasm: valid-constant
Slot Instance::evaluate(const wasm::ConstExpr& expr) {
  std::vector<Slot> stack;
  stack.reserve(expr.size());
  for (const ConstOp& op : expr) {
    switch (op.kind) {
      case ConstOp::Kind::i32_const: stack.push_back({static_cast<uint32_t>(op.bits), 0}); break;
      case ConstOp::Kind::i64_const:
      case ConstOp::Kind::f32_const:
      case ConstOp::Kind::f64_const:
      case ConstOp::Kind::v128_const: stack.push_back({op.bits, op.high}); break;
      case ConstOp::Kind::global_get:
        stack.push_back(*global(static_cast<uint32_t>(op.bits)));
        break;
      case ConstOp::Kind::ref_func:
        stack.push_back({reinterpret_cast<uint64_t>(function(static_cast<uint32_t>(op.bits))), 0});
        break;
      case ConstOp::Kind::ref_null: stack.push_back({0, 0}); break;
      default: {
        CHECK(stack.size() >= 2);
        Slot right = stack.back();
        stack.pop_back();
        stack.back() = binary(op.kind, stack.back(), right);
      }
    }
  }
  CHECK(stack.size() == 1);
  return stack.back();
}

}  // namespace tenon::runtime
