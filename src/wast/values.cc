#include "wast/values.h"

#include <bit>

#include <fmt/format.h>

#include "runtime/gc/heap.h"
#include "wasm/validate/subtyping.h"

namespace tenon::wast {
namespace {

using compiler::Slot;
using wasm::HeapType;
using wasm::ValType;
using wasm::text::NanPattern;
using wasm::text::ScriptValue;
using Kind = ScriptValue::Kind;

// wasm: aux-nan. A canonical NaN has the top bit of its payload alone, an arithmetic one at least
// that.
template <typename Bits>
bool is_nan_like(NanPattern pattern, Bits bits) {
  constexpr int payload_bits = sizeof(Bits) == 4 ? 23 : 52;
  constexpr Bits quiet = Bits{1} << (payload_bits - 1);
  constexpr Bits magnitude = static_cast<Bits>(~Bits{0}) >> 1;
  constexpr Bits exponent = magnitude >> payload_bits << payload_bits;
  if (pattern == NanPattern::canonical) return (bits & magnitude) == (exponent | quiet);
  return (bits & (exponent | quiet)) == (exponent | quiet);
}

template <typename Bits>
bool float_matches(NanPattern pattern, Bits expected, Bits found) {
  return pattern == NanPattern::none ? expected == found : is_nan_like(pattern, found);
}

uint64_t lane(Slot value, uint32_t bits, uint32_t index) {
  uint32_t start = bits * index;
  uint64_t half = start < 64 ? value.low : value.high;
  uint64_t shifted = half >> (start % 64);
  return bits == 64 ? shifted : shifted & ((uint64_t{1} << bits) - 1);
}

bool vector_matches(const ScriptValue& expected, Slot found) {
  Slot wanted{expected.bits, expected.high};
  if (!expected.is_float_shape) return wanted.low == found.low && wanted.high == found.high;
  uint32_t bits = expected.lane_bits;
  for (uint32_t i = 0; i < 128 / bits; ++i) {
    uint64_t left = lane(wanted, bits, i), right = lane(found, bits, i);
    bool same = bits == 32 ? float_matches(expected.nans[i], static_cast<uint32_t>(left),
                                           static_cast<uint32_t>(right))
                           : float_matches(expected.nans[i], left, right);
    if (!same) return false;
  }
  return true;
}

bool is_null(Slot value) {
  return value.low == 0;
}

// The top of the hierarchy of a reference type.
HeapType::Abstract top_of(const runtime::TypeRegistry& types, HeapType heap) {
  if (heap.is_concrete())
    return types.type(heap.type().index).kind == wasm::SubType::Kind::func ? HeapType::func
                                                                           : HeapType::any;
  for (auto top : {HeapType::func, HeapType::extern_, HeapType::exn})
    if (wasm::abstract_matches(heap.abstract(), top)) return top;
  return HeapType::any;
}

// The number of a reference of the host.
std::optional<uint64_t> host_number(runtime::Heap& heap, Slot value) {
  auto object = static_cast<compiler::GcRef>(value.low);
  if (!compiler::is_object(object) || heap.type_id(object) != compiler::extern_type_id)
    return std::nullopt;
  return reinterpret_cast<uint64_t>(heap.extern_data(object));
}

// The most exact abstract type of a reference of type any that is not null.
HeapType::Abstract kind_of(runtime::Store& store, runtime::Heap& heap, compiler::GcRef reference) {
  if (compiler::is_i31(reference)) return HeapType::i31;
  uint32_t id = heap.type_id(reference);
  if (id == compiler::extern_type_id) return HeapType::any;
  return store.engine().types().type(id).kind == wasm::SubType::Kind::array ? HeapType::array
                                                                            : HeapType::struct_;
}

// A reference that is expected not to be null, and of an abstract type or the host's.
bool reference_matches(const ScriptValue& expected, ValType type, Slot found,
                       runtime::Store& store) {
  if (!type.is_ref() || is_null(found)) return false;
  HeapType::Abstract top = top_of(store.engine().types(), type.heap());
  if (expected.kind == Kind::ref && top != HeapType::any)
    return !expected.heap || *expected.heap == HeapType(top);
  auto heap = store.heap();
  if (!heap) return false;
  if (expected.kind == Kind::ref) {
    auto kind = kind_of(store, **heap, static_cast<compiler::GcRef>(found.low));
    return !expected.heap || wasm::abstract_matches(kind, expected.heap->abstract());
  }
  if (top != (expected.kind == Kind::ref_extern ? HeapType::extern_ : HeapType::any)) return false;
  return !expected.has_number || host_number(**heap, found) == expected.bits;
}

std::string float_text(ValType::Kind type, uint64_t bits) {
  if (type == ValType::f32) {
    auto narrow = static_cast<uint32_t>(bits);
    return fmt::format("(f32.const {} (;{:#x};))", std::bit_cast<float>(narrow), narrow);
  }
  return fmt::format("(f64.const {} (;{:#x};))", std::bit_cast<double>(bits), bits);
}

std::string vector_text(uint64_t low, uint64_t high) {
  return fmt::format("(v128.const i64x2 {:#x} {:#x})", low, high);
}

const char* nan_text(NanPattern pattern) {
  return pattern == NanPattern::canonical ? "nan:canonical" : "nan:arithmetic";
}

}  // namespace

Result<std::optional<Slot>> argument(const ScriptValue& value, runtime::Store& store,
                                     runtime::RootScope& scope) {
  switch (value.kind) {
    case Kind::i32:
    case Kind::i64:
    case Kind::f32:
    case Kind::f64: return Slot{value.bits, 0};
    case Kind::v128: return Slot{value.bits, value.high};
    case Kind::ref_null: return Slot{0, 0};
    case Kind::ref_extern:
    case Kind::ref_host: break;
    case Kind::ref:
    case Kind::either:
    case Kind::component: return std::nullopt;
  }
  if (!value.has_number) return std::nullopt;
  runtime::Heap* heap = TRY(store.heap());
  auto object = heap->allocate_extern(reinterpret_cast<void*>(value.bits), [](void*) {});
  if (object == compiler::null_ref) return fail(ErrorCode::limit, "the heap is full");
  return Slot{scope.keep(object), 0};
}

bool matches(const ScriptValue& expected, ValType type, Slot found, runtime::Store& store) {
  switch (expected.kind) {
    case Kind::i32:
      return type == ValType(ValType::i32) &&
             static_cast<uint32_t>(expected.bits) == static_cast<uint32_t>(found.low);
    case Kind::i64: return type == ValType(ValType::i64) && expected.bits == found.low;
    case Kind::f32:
      return type == ValType(ValType::f32) &&
             float_matches(expected.nans[0], static_cast<uint32_t>(expected.bits),
                           static_cast<uint32_t>(found.low));
    case Kind::f64:
      return type == ValType(ValType::f64) &&
             float_matches(expected.nans[0], expected.bits, found.low);
    case Kind::v128: return type == ValType(ValType::v128) && vector_matches(expected, found);
    case Kind::ref_null: return type.is_ref() && is_null(found);
    case Kind::ref_extern:
    case Kind::ref_host:
    case Kind::ref: return reference_matches(expected, type, found, store);
    case Kind::either:
      for (const ScriptValue& alternative : expected.alternatives)
        if (matches(alternative, type, found, store)) return true;
      return false;
    case Kind::component: return false;
  }
  return false;
}

std::string text_of(const ScriptValue& value) {
  switch (value.kind) {
    case Kind::i32: return fmt::format("(i32.const {})", static_cast<int32_t>(value.bits));
    case Kind::i64: return fmt::format("(i64.const {})", static_cast<int64_t>(value.bits));
    case Kind::f32:
    case Kind::f64: {
      bool narrow = value.kind == Kind::f32;
      if (value.nans[0] != NanPattern::none)
        return fmt::format("({}.const {})", narrow ? "f32" : "f64", nan_text(value.nans[0]));
      return float_text(narrow ? ValType::f32 : ValType::f64, value.bits);
    }
    case Kind::v128: {
      std::string text = vector_text(value.bits, value.high);
      for (uint32_t i = 0; value.is_float_shape && i < 128u / value.lane_bits; ++i)
        if (value.nans[i] != NanPattern::none)
          text += fmt::format(" lane {} {}", i, nan_text(value.nans[i]));
      return text;
    }
    case Kind::ref_null: return "(ref.null)";
    case Kind::ref_extern:
      return value.has_number ? fmt::format("(ref.extern {})", value.bits) : "(ref.extern)";
    case Kind::ref_host: return fmt::format("(ref.host {})", value.bits);
    case Kind::ref:
      return value.has_number ? fmt::format("(ref.func {})", value.bits)
                              : "a reference that is not null";
    case Kind::either: {
      std::string text = "(either";
      for (const ScriptValue& alternative : value.alternatives) text += " " + text_of(alternative);
      return text + ")";
    }
    case Kind::component: return std::string(value.text);
  }
  return "";
}

std::string text_of(ValType type, Slot value) {
  switch (type.kind()) {
    case ValType::i32: return fmt::format("(i32.const {})", static_cast<int32_t>(value.low));
    case ValType::i64: return fmt::format("(i64.const {})", static_cast<int64_t>(value.low));
    case ValType::f32:
    case ValType::f64: return float_text(type.kind(), value.low);
    case ValType::v128: return vector_text(value.low, value.high);
    case ValType::ref: return is_null(value) ? "(ref.null)" : "a reference that is not null";
    case ValType::bottom: break;
  }
  return "";
}

}  // namespace tenon::wast
