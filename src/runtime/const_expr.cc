#include <optional>
#include <vector>

#include "base/check.h"
#include "runtime/gc/fields.h"
#include "runtime/gc_builtins.h"
#include "runtime/instance.h"
#include "runtime/store.h"

namespace tenon::runtime {

using compiler::Slot;
using compiler::Storage;
using wasm::ConstOp;

namespace {

Slot arithmetic(ConstOp::Kind kind, Slot left, Slot right) {
  switch (kind) {
    case ConstOp::Kind::i32_add: return {static_cast<uint32_t>(left.low + right.low), 0};
    case ConstOp::Kind::i32_sub: return {static_cast<uint32_t>(left.low - right.low), 0};
    case ConstOp::Kind::i32_mul: return {static_cast<uint32_t>(left.low * right.low), 0};
    case ConstOp::Kind::i64_add: return {left.low + right.low, 0};
    case ConstOp::Kind::i64_sub: return {left.low - right.low, 0};
    case ConstOp::Kind::i64_mul: return {left.low * right.low, 0};
    default: break;
  }
  CHECK(false && "not an arithmetic instruction");
}

bool makes_object(const ConstOp& op) {
  return op.kind >= ConstOp::Kind::struct_new && op.kind <= ConstOp::Kind::array_new_fixed;
}

// Makes the objects of one expression, and keeps them until the expression has its value.
class ObjectMaker {
 public:
  ObjectMaker(Store& store, Heap& heap, std::span<const uint32_t> type_ids)
      : types_(store.engine().types()), heap_(heap), type_ids_(type_ids), kept_(heap.roots()) {}

  // Takes the operands of `op` from the stack and leaves the object there.
  Result<void> make(const ConstOp& op, std::vector<Slot>& stack) {
    uint32_t type = type_ids_[static_cast<uint32_t>(op.bits)];
    bool is_struct =
        op.kind == ConstOp::Kind::struct_new || op.kind == ConstOp::Kind::struct_new_default;
    GcRef object = is_struct ? make_struct(op, type, stack) : make_array(op, type, stack);
    if (object == compiler::null_ref)
      return fail(ErrorCode::limit, "an object of a constant expression finds no memory");
    stack.push_back({kept_.keep(object), 0});
    return {};
  }

 private:
  GcRef make_struct(const ConstOp& op, uint32_t type, std::vector<Slot>& stack) {
    GcRef object = heap_.allocate_struct(type);
    if (object == compiler::null_ref || op.kind == ConstOp::Kind::struct_new_default) return object;
    const compiler::StructLayout& layout = types_.struct_layout(type);
    const std::vector<wasm::FieldType>& fields = types_.type(type).fields;
    for (size_t i = fields.size(); i-- > 0;)
      init_field(heap_, object, layout.offsets[i], types_.storage(fields[i]), take(stack));
    return object;
  }

  GcRef make_array(const ConstOp& op, uint32_t type, std::vector<Slot>& stack) {
    bool is_fixed = op.kind == ConstOp::Kind::array_new_fixed;
    auto length = static_cast<uint32_t>(is_fixed ? op.high : take(stack).low);
    GcRef array = heap_.allocate_array(type, length);
    if (array == compiler::null_ref || op.kind == ConstOp::Kind::array_new_default) return array;
    Storage storage = types_.storage(types_.type(type).fields.front());
    auto layout = compiler::ArrayLayout::of(storage);
    if (!is_fixed) {
      Slot value = take(stack);
      gc_builtins::fill_elements(heap_.base() + array + layout.elements_offset, length,
                                 layout.element_size, value.low, value.high);
      return array;
    }
    for (uint32_t i = length; i-- > 0;)
      init_field(heap_, array, layout.elements_offset + i * layout.element_size, storage,
                 take(stack));
    return array;
  }

  static Slot take(std::vector<Slot>& stack) {
    CHECK(!stack.empty());
    Slot value = stack.back();
    stack.pop_back();
    return value;
  }

  const TypeRegistry& types_;
  Heap& heap_;
  std::span<const uint32_t> type_ids_;
  RootScope kept_;
};

}  // namespace

// wasm: valid-constant
Result<Slot> Instance::evaluate(const wasm::ConstExpr& expr) {
  std::vector<Slot> stack;
  stack.reserve(expr.size());
  std::optional<ObjectMaker> maker;
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
      case ConstOp::Kind::ref_i31:
        CHECK(!stack.empty());
        stack.back() = {compiler::i31_ref(static_cast<uint32_t>(stack.back().low)), 0};
        break;
      case ConstOp::Kind::any_convert_extern:
      case ConstOp::Kind::extern_convert_any: break;
      default: {
        if (makes_object(op)) {
          if (!maker) maker.emplace(store_, *TRY(store_.heap()), module_.type_ids());
          TRY_VOID(maker->make(op, stack));
          break;
        }
        CHECK(stack.size() >= 2);
        Slot right = stack.back();
        stack.pop_back();
        stack.back() = arithmetic(op.kind, stack.back(), right);
      }
    }
  }
  CHECK(stack.size() == 1);
  return stack.back();
}

uint64_t Instance::constant(const wasm::ConstExpr& expr) {
  Result<Slot> value = evaluate(expr);
  CHECK(value.has_value());
  return value->low;
}

}  // namespace tenon::runtime
