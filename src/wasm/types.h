#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"

// The types of core WebAssembly 3.0 as plain values. Recursion groups, subtyping and typed
// references have their place here from the start; which of them a module may use is decided by
// Features.
namespace tenon::wasm {

using TypeIndex = Id<struct TypeTag>;
using FuncIndex = Id<struct FuncTag>;
using TableIndex = Id<struct TableTag>;
using MemoryIndex = Id<struct MemoryTag>;
using GlobalIndex = Id<struct GlobalTag>;
using TagIndex = Id<struct TagTag>;
using ElemIndex = Id<struct ElemTag>;
using DataIndex = Id<struct DataTag>;

// wasm: syntax-heaptype
// An abstract heap type, or the index of a defined type.
class HeapType {
 public:
  enum Abstract : uint8_t {
    func,
    nofunc,
    extern_,
    noextern,
    any,
    none,
    eq,
    i31,
    struct_,
    array,
    exn,
    noexn
  };

  constexpr HeapType(Abstract a)
      : bits_(a) {}  // NOLINT(google-explicit-constructor): a name of the standard
  constexpr explicit HeapType(TypeIndex type) : bits_(type.index + first_concrete) {}

  // Below every heap type: of what a null check leaves of an operand that never exists. No module
  // can write it.
  static constexpr HeapType bottom() { return HeapType(bottom_bits, 0); }

  constexpr bool is_bottom() const { return bits_ == bottom_bits; }
  constexpr bool is_concrete() const { return bits_ >= first_concrete; }
  constexpr Abstract abstract() const { return static_cast<Abstract>(bits_); }
  constexpr TypeIndex type() const { return TypeIndex(bits_ - first_concrete); }
  constexpr uint32_t bits() const { return bits_; }
  static constexpr HeapType from_bits(uint32_t bits) { return HeapType(bits, 0); }
  friend constexpr bool operator==(HeapType, HeapType) = default;

 private:
  static constexpr uint32_t bottom_bits = 31;
  static constexpr uint32_t first_concrete = 32;
  constexpr HeapType(uint32_t bits, int) : bits_(bits) {}
  uint32_t bits_;
};

// wasm: syntax-valtype
// Packed in 32 bits. `bottom` is the type of an operand below an unreachable point; no module can
// write it.
class ValType {
 public:
  enum Kind : uint8_t { i32, i64, f32, f64, v128, ref, bottom };

  constexpr ValType() : ValType(bottom) {}
  constexpr ValType(Kind kind)
      : bits_(kind) {}  // NOLINT(google-explicit-constructor): a name of the standard
  static constexpr ValType reference(HeapType heap, bool nullable) {
    ValType type(ref);
    type.bits_ |= (nullable ? 8u : 0u) | heap.bits() << 4;
    return type;
  }
  static constexpr ValType funcref() { return reference(HeapType::func, true); }
  static constexpr ValType externref() { return reference(HeapType::extern_, true); }
  static constexpr ValType exnref() { return reference(HeapType::exn, true); }

  constexpr Kind kind() const { return static_cast<Kind>(bits_ & 7); }
  constexpr bool is_ref() const { return kind() == ref; }
  constexpr bool is_num() const { return kind() <= f64; }
  constexpr bool is_float() const { return kind() == f32 || kind() == f64; }
  constexpr bool is_nullable() const { return (bits_ & 8) != 0; }
  constexpr HeapType heap() const { return HeapType::from_bits(bits_ >> 4); }
  constexpr ValType with_null(bool nullable) const { return reference(heap(), nullable); }
  // wasm: aux-default. Every type but a non-nullable reference has a default value.
  constexpr bool has_default() const { return !is_ref() || is_nullable(); }
  constexpr uint32_t bits() const { return bits_; }
  static constexpr ValType from_bits(uint32_t bits) {
    ValType type;
    type.bits_ = bits;
    return type;
  }
  friend constexpr bool operator==(ValType, ValType) = default;

 private:
  uint32_t bits_;
};

// wasm: syntax-functype
struct FuncType {
  std::vector<ValType> params;
  std::vector<ValType> results;
  friend bool operator==(const FuncType&, const FuncType&) = default;
};

// wasm: syntax-fieldtype
struct FieldType {
  enum class Packing : uint8_t { none, i8, i16 };
  ValType type;
  Packing packing = Packing::none;  // when packed, `type` is i32
  bool is_mutable = false;
  friend bool operator==(const FieldType&, const FieldType&) = default;
};

// wasm: syntax-subtype
// A defined type. `func` is used when kind is func; `fields` when struct_ (any number) or array
// (exactly one).
struct SubType {
  enum class Kind : uint8_t { func, struct_, array };
  Kind kind = Kind::func;
  bool is_final = true;
  std::vector<TypeIndex> supertypes;  // at most one
  FuncType func;
  std::vector<FieldType> fields;
  friend bool operator==(const SubType&, const SubType&) = default;
};

// wasm: syntax-rectype. Types [first, first + size) of the module form one recursion group.
struct RecGroup {
  TypeIndex first;
  uint32_t size = 1;
};

// wasm: syntax-limits. In pages for memories, in elements for tables.
struct Limits {
  uint64_t min = 0;
  uint64_t max = 0;  // meaningful when has_max
  bool has_max = false;
  bool is_64 = false;  // addresses are i64
  friend bool operator==(const Limits&, const Limits&) = default;
};

struct TableType {
  Limits limits;
  ValType element = ValType::funcref();
  friend bool operator==(const TableType&, const TableType&) = default;
};

struct MemoryType {
  Limits limits;
  bool is_shared = false;
  uint8_t page_size_log2 = 16;
  friend bool operator==(const MemoryType&, const MemoryType&) = default;
};

// wasm: valid-tabletype, valid-memtype. The largest sizes that types may name.
constexpr uint64_t max_table_size(const TableType& type) {
  return type.limits.is_64 ? UINT64_MAX : UINT32_MAX;
}
constexpr uint64_t max_memory_pages(const MemoryType& type) {
  // Sizes in pages of one byte are addresses themselves, so that the full range is one less.
  if (type.page_size_log2 == 0) return type.limits.is_64 ? UINT64_MAX : UINT32_MAX;
  return uint64_t{1} << ((type.limits.is_64 ? 64 : 32) - type.page_size_log2);
}

struct GlobalType {
  ValType type;
  bool is_mutable = false;
  friend bool operator==(const GlobalType&, const GlobalType&) = default;
};

struct TagType {
  TypeIndex type;
  friend bool operator==(const TagType&, const TagType&) = default;
};

}  // namespace tenon::wasm
