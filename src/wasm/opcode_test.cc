#include "wasm/opcode.h"

#include <doctest/doctest.h>

#include <set>

namespace tenon::wasm {

TEST_CASE("each instruction is found by its code") {
  std::set<uint32_t> codes;
  for (int i = 0; i < opcode_count; ++i) {
    auto op = static_cast<Opcode>(i);
    const OpcodeInfo& known = info(op);
    CHECK(codes.insert(known.code).second);
    auto found = known.is_prefixed() ? find_opcode(known.first_byte(), known.number())
                                     : find_opcode(known.first_byte());
    REQUIRE(found);
    CHECK(*found == op);
  }
}

TEST_CASE("codes that are no instruction") {
  CHECK(!find_opcode(0xff));
  CHECK(!find_opcode(0x27));
  CHECK(!find_opcode(0xfb, 31));
  CHECK(!find_opcode(0xfc, 18));
  CHECK(!find_opcode(0xfd, 154));
  CHECK(!find_opcode(0xfd, 0xffffffff));
  CHECK(!find_opcode(0xfe, 4));
  CHECK(!find_opcode(0xfe, 0x4f));
  CHECK(!find_opcode(0xfa, 0));
  CHECK(feature_of_unknown(0x06) == Feature::legacy_exceptions);
  CHECK(!feature_of_unknown(0xff));
}

TEST_CASE("what the table says") {
  CHECK(info(Opcode::i32_add).text == "i32.add");
  CHECK(info(Opcode::i32_add).op_class == OpClass::simple);
  CHECK(info(Opcode::i64_load32_u).natural_align() == 2);
  CHECK(info(Opcode::i64_load32_u).op_class == OpClass::load);
  CHECK(info(Opcode::f64_store).op_class == OpClass::store);
  CHECK(info(Opcode::v128_load16_lane).op_class == OpClass::load_lane);
  CHECK(info(Opcode::v128_load16_lane).lane_count() == 8);
  CHECK(info(Opcode::v128_store8_lane).op_class == OpClass::store_lane);
  CHECK(info(Opcode::call).op_class == OpClass::special);
  CHECK(info(Opcode::i32x4_extract_lane).lane_count() == 4);
  CHECK(info(Opcode::i64_atomic_rmw16_cmpxchg_u).op_class == OpClass::atomic);
  CHECK(info(Opcode::i64_atomic_rmw16_cmpxchg_u).natural_align() == 1);
  CHECK(info(Opcode::atomic_fence).op_class == OpClass::special);
  CHECK(info(Opcode::v128_bitselect).signature.param_count == 3);
}

TEST_CASE("features") {
  CHECK(Features::defaults().has(Feature::simd));
  CHECK(Features::defaults().has(Feature::multi_memory));
  CHECK(!Features::defaults().has(Feature::threads));
  CHECK(Features::standard().has(Feature::gc));
  CHECK(!Features::standard().has(Feature::threads));
  CHECK(Features::validated().has(Feature::threads));
  CHECK(!Features::validated().has(Feature::legacy_exceptions));
  CHECK(Features::adapters().has(Feature::multi_memory));
  CHECK(Features{}.has(Feature::mvp));
  CHECK(!Features::defaults().without(Feature::simd).has(Feature::simd));
  CHECK(Features{}.with(Feature::gc).has(Feature::gc));
  for (int i = 0; i < feature_count; ++i) CHECK(feature_name(static_cast<Feature>(i)) != "unknown");
}

}  // namespace tenon::wasm
