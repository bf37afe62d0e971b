#pragma once

#include <cstddef>
#include <cstdint>

// How component values lie in linear memory: size, alignment and offsets. This is the only copy of
// these rules; C++ types (type.h) and types known at run time are laid out by the same functions, a
// part at a time. Sums are 64-bit, so that they cannot wrap before they meet their limit.
namespace tenon::abi {

enum class CoreType : uint8_t { i32, i64, f32, f64 };

// canon: ptr_size. `pointer` is the address type of a memory: i32 or i64.
constexpr uint32_t pointer_size(CoreType pointer) {
  return pointer == CoreType::i64 ? 8 : 4;
}
// canon: utf16_tag. The bit of a length that tells UTF-16 from Latin-1.
constexpr uint64_t utf16_tag(CoreType pointer) {
  return uint64_t{1} << (8 * pointer_size(pointer) - 1);
}

// canon: align_to. `alignment` is a power of two.
constexpr uint64_t align_to(uint64_t offset, uint64_t alignment) {
  return (offset + alignment - 1) & ~(alignment - 1);
}

// canon: alignment, elem_size
struct Layout {
  uint64_t size = 0;
  uint32_t alignment = 1;

  // canon: elem_size_record, alignment_record. Adds a field behind those before it; returns its
  // offset. A record is the layout `{}` with all fields added, and then `finished`.
  constexpr uint64_t add_field(Layout field) {
    uint64_t offset = align_to(size, field.alignment);
    size = offset + field.size;
    if (field.alignment > alignment) alignment = field.alignment;
    return offset;
  }
  constexpr Layout finished() const { return {align_to(size, alignment), alignment}; }

  // Makes room for either of two values.
  constexpr void widen(Layout other) {
    if (other.size > size) size = other.size;
    if (other.alignment > alignment) alignment = other.alignment;
  }

  friend constexpr bool operator==(Layout, Layout) = default;
};

constexpr Layout scalar_layout(uint32_t bytes) {
  return {bytes, bytes};
}
// Strings and lists: a pointer and a length.
constexpr Layout pointer_pair_layout(CoreType pointer) {
  return {uint64_t{2} * pointer_size(pointer), pointer_size(pointer)};
}

// The layouts of one type, for both sizes of pointers. Limits on sizes are in terms of the larger.
struct Layouts {
  Layout with_32;
  Layout with_64;

  constexpr Layouts() = default;
  constexpr Layouts(Layout both)
      : with_32(both), with_64(both) {}  // NOLINT(google-explicit-constructor)
  constexpr Layouts(Layout narrow, Layout wide) : with_32(narrow), with_64(wide) {}

  // Member by member, so that it costs nothing where both are the same.
  constexpr Layout of(CoreType pointer) const {
    bool is_64 = pointer == CoreType::i64;
    return {is_64 ? with_64.size : with_32.size, is_64 ? with_64.alignment : with_32.alignment};
  }
  constexpr void add_field(const Layouts& field) {
    with_32.add_field(field.with_32);
    with_64.add_field(field.with_64);
  }
  constexpr Layouts finished() const { return {with_32.finished(), with_64.finished()}; }
  constexpr void widen(const Layouts& other) {
    with_32.widen(other.with_32);
    with_64.widen(other.with_64);
  }

  friend constexpr bool operator==(const Layouts&, const Layouts&) = default;
};

constexpr Layouts pointer_pair_layouts() {
  return {pointer_pair_layout(CoreType::i32), pointer_pair_layout(CoreType::i64)};
}

// canon: discriminant_type. Bytes of the discriminant of a variant: 1, 2 or 4.
constexpr uint32_t discriminant_size(size_t cases) {
  return cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
}

// canon: elem_size_flags, alignment_flags
constexpr Layout flags_layout(size_t labels) {
  return scalar_layout(labels <= 8 ? 1 : labels <= 16 ? 2 : 4);
}

// canon: elem_size_variant, alignment_variant
struct VariantLayout {
  uint32_t discriminant = 1;    // bytes, at offset 0
  uint64_t payload_offset = 0;  // of every case's value
  Layout layout;
};

// `payload` is the empty layout, widened by every case that has a value.
constexpr VariantLayout variant_layout(size_t cases, Layout payload) {
  VariantLayout result;
  result.discriminant = discriminant_size(cases);
  result.layout = scalar_layout(result.discriminant);
  result.payload_offset = result.layout.add_field(payload);
  result.layout = result.layout.finished();
  return result;
}

}  // namespace tenon::abi
