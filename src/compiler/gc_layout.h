#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "wasm/types.h"

// What compiled code and the runtime agree on about the garbage-collected heap of a store: how a
// reference is written, where an object keeps what, how a type is tested, and how compiled code
// allocates and overwrites references by itself. Pure functions and plain data; the heap itself is
// runtime/gc.
//
// A reference is 32 bits: null is 0; an i31 is (value << 1) | 1; anything else is the offset of an
// object from the heap's base, a multiple of 8. Objects never move. References to functions are not
// among these: they are FuncRef* everywhere, 8 bytes, and not traced. An externref is a reference
// like any other (null, i31 or object), so that any.convert_extern and extern.convert_any do
// nothing.
//
// The first `null_guard_size` bytes of the heap are never accessible: an access through null at a
// constant offset below that faults, and needs no check of its own.
namespace tenon::compiler {

using GcRef = uint32_t;
constexpr GcRef null_ref = 0;

constexpr bool is_i31(GcRef ref) {
  return (ref & 1) != 0;
}
constexpr bool is_object(GcRef ref) {
  return ref != null_ref && !is_i31(ref);
}
// wasm: exec-ref.i31
constexpr GcRef i31_ref(uint32_t value) {
  return value << 1 | 1;
}
// wasm: exec-i31.get_sx
constexpr int32_t i31_get_s(GcRef ref) {
  return static_cast<int32_t>(ref) >> 1;
}
constexpr uint32_t i31_get_u(GcRef ref) {
  return ref >> 1;
}

// Every object begins with this. A new object's `bits` are AllocationWindow::new_object_bits, so
// that compiled code writes both words by one store; after that they belong to the collector: the
// mark in the low two bits, above them the next object of its list of work.
struct ObjectHeader {
  uint32_t type_id;  // engine-wide id of the object's type; exceptions: of their tag's type
  uint32_t bits;
};
static_assert(sizeof(ObjectHeader) == 8);

constexpr uint32_t object_alignment = 8;
constexpr uint32_t array_length_offset = 8;  // u32, in elements
constexpr uint32_t null_guard_size = 32 << 10;
// So that every offset into an object is a positive i32.
constexpr uint32_t max_object_size = uint32_t{1} << 31;

// Engine-wide type ids that no module's type has. Objects of the host have the type extern_type_id;
// the others appear in cast rows only.
constexpr uint32_t extern_type_id = 1;
constexpr uint32_t struct_type_id = 2;
constexpr uint32_t array_type_id = 3;
constexpr uint32_t func_type_id = 4;
constexpr uint32_t first_defined_type_id = 8;

// Where compiled code allocates. Memory in [cursor, limit), offsets into the heap, is zero and free
// to take: an object of `size` bytes (a multiple of 8) fits when size <= limit - cursor; it is then
// at `cursor`, which moves by `size`. Otherwise the runtime allocates, and may collect first. What
// has to lie elsewhere for its size never fits.
struct AllocationWindow {
  uint32_t cursor = 0;
  uint32_t limit = 0;
  uint32_t new_object_bits = 0;
  // The write barrier: while this is not zero, the reference that a store into a struct, array,
  // global or table overwrites must be shown to the heap, before the store, if it is an object.
  // Stores that initialize a new object need none.
  uint32_t marking = 0;
};
static_assert(sizeof(AllocationWindow) == 16);

// One per type id, in an array that never moves: ancestor[0] is the id above of the type's kind,
// ancestor[1 + depth] its ancestor at that depth of the declared subtype chain, itself included,
// or 0. An object of type T is of type U, at depth d, exactly if rows[T].ancestor[1 + d] == U; for
// a U deeper than the row, and for none else, the runtime is asked. All type ids that an object can
// have are within the array: the test needs no check of bounds. A final U needs no row at all.
constexpr uint32_t cast_row_entries = 16;
struct alignas(64) CastRow {
  uint32_t ancestor[cast_row_entries];
};
static_assert(sizeof(CastRow) == 64);
constexpr bool has_cast_row_entry(uint32_t depth) {
  return depth + 1 < cast_row_entries;
}

// How a value lies in an object: naturally aligned, but v128 at 8.
enum class Storage : uint8_t { i8, i16, i32, i64, f32, f64, v128, ref, funcref };

constexpr uint32_t size_of(Storage storage) {
  constexpr uint8_t sizes[] = {1, 2, 4, 8, 4, 8, 16, 4, 8};
  return sizes[static_cast<size_t>(storage)];
}
constexpr uint32_t alignment_of(Storage storage) {
  return size_of(storage) < object_alignment ? size_of(storage) : object_alignment;
}

// `is_function` tells of a type index in `field`, a module's or canonical, whether a function type
// stands there.
template <typename IsFunction>
  requires std::predicate<IsFunction, wasm::TypeIndex>
Storage storage_of(const wasm::FieldType& field, IsFunction is_function) {
  if (field.packing == wasm::FieldType::Packing::i8) return Storage::i8;
  if (field.packing == wasm::FieldType::Packing::i16) return Storage::i16;
  switch (field.type.kind()) {
    case wasm::ValType::i32: return Storage::i32;
    case wasm::ValType::i64: return Storage::i64;
    case wasm::ValType::f32: return Storage::f32;
    case wasm::ValType::f64: return Storage::f64;
    case wasm::ValType::v128: return Storage::v128;
    case wasm::ValType::ref:
    case wasm::ValType::bottom: break;
  }
  wasm::HeapType heap = field.type.heap();
  bool function = heap.is_concrete()
                      ? is_function(heap.type())
                      : heap == wasm::HeapType::func || heap == wasm::HeapType::nofunc;
  return function ? Storage::funcref : Storage::ref;
}

// A struct's (or exception's) fields behind its header. Those it has from its supertype are where
// the supertype has them; its own follow, larger ones first, smaller ones filling gaps.
struct StructLayout {
  std::vector<uint32_t> offsets;         // of each field, in declared order
  std::vector<uint32_t> references;      // offsets of those that the collector traces, ascending
  uint32_t end = sizeof(ObjectHeader);   // where a subtype's own fields may begin
  uint32_t size = sizeof(ObjectHeader);  // of an object
  friend bool operator==(const StructLayout&, const StructLayout&) = default;
};

// All fields of the type, inherited ones included; `supertype` may be null. There are at most
// limits::max_struct_fields of them.
StructLayout struct_layout(const StructLayout* supertype, std::span<const Storage> fields);

// An exception keeps its tag's address at `exception_tag_offset`, then the values of its tag's type
// as fields 1, 2, ...: offsets[0] is the tag's.
constexpr uint32_t exception_tag_offset = 8;
StructLayout exception_layout(std::span<const Storage> values);

struct ArrayLayout {
  uint32_t element_size = 0;
  uint32_t elements_offset = 0;
  bool holds_references = false;

  static ArrayLayout of(Storage element);
  // The size of an array object; none above max_object_size.
  std::optional<uint32_t> object_size(uint32_t length) const;
};

}  // namespace tenon::compiler
