#include "compiler/gc_layout.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

namespace tenon::compiler {

namespace {

using wasm::FieldType;
using wasm::HeapType;
using wasm::TypeIndex;
using wasm::ValType;

std::vector<Storage> random_fields(std::mt19937& random, size_t count) {
  std::vector<Storage> fields(count);
  for (Storage& field : fields) field = static_cast<Storage>(random() % 9);
  return fields;
}

void check_sound(const StructLayout& layout, std::span<const Storage> fields) {
  std::vector<bool> used(layout.size);
  std::vector<uint32_t> references;
  REQUIRE(layout.offsets.size() == fields.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    uint32_t offset = layout.offsets[i];
    CHECK(offset % alignment_of(fields[i]) == 0);
    REQUIRE(offset >= sizeof(ObjectHeader));
    REQUIRE(offset + size_of(fields[i]) <= layout.end);
    for (uint32_t at = offset; at < offset + size_of(fields[i]); ++at) {
      CHECK_FALSE(used[at]);
      used[at] = true;
    }
    if (fields[i] == Storage::ref) references.push_back(offset);
  }
  std::sort(references.begin(), references.end());
  CHECK(layout.references == references);
  CHECK(layout.size % object_alignment == 0);
  CHECK(layout.size - layout.end < object_alignment);
}

}  // namespace

TEST_CASE("an i31 keeps its 31 bits and both its signs") {
  for (uint32_t value : {0u, 1u, 0x3fffffffu, 0x40000000u, 0x7fffffffu}) {
    GcRef ref = i31_ref(value);
    CHECK(is_i31(ref));
    CHECK_FALSE(is_object(ref));
    CHECK(i31_get_u(ref) == value);
    CHECK(i31_get_s(ref) == static_cast<int32_t>(value << 1) >> 1);
  }
  CHECK(i31_get_s(i31_ref(0xffffffff)) == -1);
  CHECK_FALSE(is_object(null_ref));
  CHECK(is_object(8));
}

TEST_CASE("fields lie apart, aligned, and without gaps between them") {
  using enum Storage;
  Storage fields[] = {i8, i64, ref, i16, funcref, i8, f32};
  StructLayout layout = struct_layout(nullptr, fields);
  check_sound(layout, fields);
  CHECK(layout.end == 8 + 8 + 8 + 4 + 4 + 2 + 1 + 1);
  CHECK(layout.offsets[1] == 8);
  CHECK(struct_layout(nullptr, {}).size == sizeof(ObjectHeader));
}

TEST_CASE("a subtype extends its supertype, and uses what its end leaves") {
  using enum Storage;
  Storage fields[] = {i64, i8, i64, i8, ref};
  StructLayout super = struct_layout(nullptr, std::span(fields).first(2));
  CHECK(super.size == 24);
  StructLayout sub = struct_layout(&super, fields);
  check_sound(sub, fields);
  CHECK(sub.offsets[0] == super.offsets[0]);
  CHECK(sub.offsets[1] == super.offsets[1]);
  CHECK(sub.offsets[3] == 17);
  CHECK(sub.offsets[4] == 20);
  CHECK(sub.offsets[2] == 24);
  CHECK(sub.size == 32);
}

TEST_CASE("chains of random types are sound, and each extends the one before") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<Storage> fields = random_fields(random, 40);
    StructLayout last;
    for (size_t count = 0; count <= fields.size(); count += random() % 9) {
      std::span<const Storage> some = std::span(fields).first(count);
      StructLayout layout = struct_layout(count == 0 ? nullptr : &last, some);
      check_sound(layout, some);
      for (size_t i = 0; i < last.offsets.size(); ++i) CHECK(layout.offsets[i] == last.offsets[i]);
      last = layout;
    }
  }
}

TEST_CASE("an exception has its tag first") {
  using enum Storage;
  Storage values[] = {i32, v128, ref};
  StructLayout layout = exception_layout(values);
  CHECK(layout.offsets[0] == exception_tag_offset);
  CHECK(layout.references == std::vector<uint32_t>{layout.offsets[3]});
  CHECK(exception_layout({}).size == 16);
}

TEST_CASE("the size of an array is exact, or none") {
  ArrayLayout bytes = ArrayLayout::of(Storage::i8);
  CHECK(bytes.elements_offset == 12);
  CHECK(bytes.object_size(0) == 16);
  CHECK(bytes.object_size(4) == 16);
  CHECK(bytes.object_size(5) == 24);
  CHECK(bytes.object_size(max_object_size - 12) == max_object_size);
  CHECK_FALSE(bytes.object_size(max_object_size - 11));
  ArrayLayout longs = ArrayLayout::of(Storage::i64);
  CHECK(longs.elements_offset == 16);
  CHECK_FALSE(longs.object_size(0xffffffff));
  CHECK(ArrayLayout::of(Storage::v128).elements_offset == 16);
  CHECK_FALSE(ArrayLayout::of(Storage::v128).object_size(0x10000000));
  CHECK(ArrayLayout::of(Storage::ref).holds_references);
  CHECK_FALSE(ArrayLayout::of(Storage::funcref).holds_references);
}

TEST_CASE("field types have their storage") {
  auto none = [](TypeIndex) { return false; };
  auto all = [](TypeIndex) { return true; };
  FieldType packed{ValType::i32, FieldType::Packing::i8, true};
  CHECK(storage_of(packed, none) == Storage::i8);
  packed.packing = FieldType::Packing::i16;
  CHECK(storage_of(packed, none) == Storage::i16);
  CHECK(storage_of(FieldType{ValType::v128}, none) == Storage::v128);
  CHECK(storage_of(FieldType{ValType::funcref()}, none) == Storage::funcref);
  CHECK(storage_of(FieldType{ValType::externref()}, none) == Storage::ref);
  CHECK(storage_of(FieldType{ValType::exnref()}, none) == Storage::ref);
  FieldType defined{ValType::reference(HeapType(TypeIndex(3u)), false)};
  CHECK(storage_of(defined, none) == Storage::ref);
  CHECK(storage_of(defined, all) == Storage::funcref);
  CHECK(storage_of(FieldType{ValType::reference(HeapType::nofunc, true)}, none) ==
        Storage::funcref);
}

}  // namespace tenon::compiler
