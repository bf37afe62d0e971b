#include "runtime/gc/cast_rows.h"
#include "runtime/gc/object_types.h"

#include <doctest/doctest.h>

#include <vector>

namespace tenon::runtime {

using compiler::first_defined_type_id;
using Kind = wasm::SubType::Kind;

TEST_CASE("a cast row holds the kind, and the ancestors by depth") {
  auto rows = CastRows::create(1000);
  REQUIRE(rows);
  constexpr uint32_t base = first_defined_type_id;
  REQUIRE(rows->add(base, Kind::struct_, 0));
  REQUIRE(rows->add(base + 1, Kind::struct_, base));
  REQUIRE(rows->add(base + 2, Kind::array, 0));
  REQUIRE(rows->add(base + 3, Kind::struct_, base + 1));
  REQUIRE(rows->add(base + 4, Kind::func, 0));
  const compiler::CastRow* row = rows->data();
  CHECK(row[base + 3].ancestor[0] == compiler::struct_type_id);
  CHECK(row[base + 3].ancestor[1] == base);
  CHECK(row[base + 3].ancestor[2] == base + 1);
  CHECK(row[base + 3].ancestor[3] == base + 3);
  CHECK(row[base + 3].ancestor[4] == 0);
  CHECK(row[base + 2].ancestor[0] == compiler::array_type_id);
  CHECK(row[base + 2].ancestor[1] == base + 2);
  CHECK(row[base + 4].ancestor[0] == compiler::func_type_id);
  CHECK(row[compiler::extern_type_id].ancestor[0] == compiler::extern_type_id);
  CHECK(row[compiler::extern_type_id].ancestor[1] == 0);
}

TEST_CASE("a cast row keeps the first ancestors of a deep type") {
  auto rows = CastRows::create(1000);
  REQUIRE(rows);
  constexpr uint32_t base = first_defined_type_id;
  for (uint32_t depth = 0; depth < 63; ++depth)
    REQUIRE(rows->add(base + depth, Kind::struct_, depth == 0 ? 0 : base + depth - 1));
  for (uint32_t depth = 0; depth < 63; ++depth)
    for (uint32_t other = 0; compiler::has_cast_row_entry(other); ++other)
      CHECK((*rows)[base + depth].ancestor[1 + other] == (other <= depth ? base + other : 0));
}

TEST_CASE("rows end where their owner said") {
  auto rows = CastRows::create(first_defined_type_id + 1);
  REQUIRE(rows);
  CHECK(rows->add(first_defined_type_id, Kind::struct_, 0));
  auto full = rows->add(first_defined_type_id + 1, Kind::struct_, 0);
  REQUIRE_FALSE(full);
  CHECK(full.error().code() == ErrorCode::limit);
  // A row for every id that an engine can give takes address space only.
  CHECK(CastRows::create((1 << 24) + first_defined_type_id));
}

TEST_CASE("references near and far are told apart") {
  using enum compiler::Storage;
  std::vector<compiler::Storage> fields(70, ref);
  compiler::StructLayout layout = compiler::struct_layout(nullptr, fields);
  auto types = ObjectTypes::create(100);
  REQUIRE(types);
  CHECK_FALSE(types->contains(first_defined_type_id));
  REQUIRE(types->add_struct(first_defined_type_id, layout));
  CHECK(types->contains(first_defined_type_id));
  const ObjectType& type = (*types)[first_defined_type_id];
  CHECK(type.size == layout.size);
  CHECK(type.near_references == ~uint64_t{0});
  REQUIRE(type.far_count == 6);
  CHECK(type.far_references[0] == 8 + 64 * 4);
  CHECK(type.far_references[5] == 8 + 69 * 4);
  CHECK(types->contains(compiler::extern_type_id));
  CHECK_FALSE(types->contains(0));
  CHECK_FALSE(types->contains(99'999));
}

}  // namespace tenon::runtime
