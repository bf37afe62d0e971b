#include <doctest/doctest.h>

#include "compiler/link/debug_sections.h"
#include "compiler/link/test_object.h"

namespace tenon::compiler {

namespace {

using test::append;
using test::Bytes;

struct Location {
  uint8_t kind;
  uint16_t size;
  uint16_t base;
  int32_t offset;
};

struct Record {
  uint32_t offset;  // of the return address, from the start of the function
  std::vector<Location> locations;
};

// The section for one function, whose address is at offset 16.
constexpr uint64_t address_offset = 16;
Bytes stack_maps(const std::vector<Record>& records, uint8_t version = 3) {
  Bytes bytes = {version, 0, 0, 0};
  append(bytes, uint32_t{1});
  append(bytes, uint32_t{1});  // constants
  append(bytes, static_cast<uint32_t>(records.size()));
  append(bytes, uint64_t{0});
  append(bytes, uint64_t{24});
  append(bytes, static_cast<uint64_t>(records.size()));
  append(bytes, uint64_t{0x1234567890});
  for (const Record& record : records) {
    append(bytes, uint64_t{2882400015});
    append(bytes, record.offset);
    append(bytes, uint16_t{0});
    append(bytes, static_cast<uint16_t>(record.locations.size()));
    for (const Location& location : record.locations) {
      bytes.insert(bytes.end(), {location.kind, 0});
      append(bytes, location.size);
      append(bytes, location.base);
      append(bytes, uint16_t{0});
      append(bytes, location.offset);
    }
    while (bytes.size() % 8 != 0) bytes.push_back(0);
    append(bytes, uint16_t{0});
    append(bytes, uint16_t{0});
    while (bytes.size() % 8 != 0) bytes.push_back(0);
  }
  return bytes;
}

constexpr Location constant{4, 8, 0, 0};
constexpr Location large_constant{5, 8, 0, 0};
constexpr CodeReference function{address_offset, {0, 100}};

Result<StackMaps> read(const Bytes& bytes) {
  return read_stack_maps(bytes, {&function, 1});
}

}  // namespace

TEST_CASE("stack maps give the slots of references to the calls that have any") {
  auto maps = read(stack_maps({{40, {constant, {3, 4, 7, 12}, large_constant, {3, 4, 6, -20}}},
                               {48, {constant}},
                               {20, {{3, 4, 7, 0}}}}));
  REQUIRE(maps.has_value());
  REQUIRE(maps->safepoints.size() == 2);
  CHECK(maps->safepoints[0].place == ObjectPlace{0, 120});
  CHECK(maps->safepoints[0].count == 1);
  CHECK(maps->safepoints[1].place == ObjectPlace{0, 140});
  CHECK(maps->safepoints[1].count == 2);
  RootSlot first = maps->roots[maps->safepoints[1].first_root];
  RootSlot second = maps->roots[maps->safepoints[1].first_root + 1];
  CHECK((first.from_rbp == 0 && first.offset == 12));
  CHECK((second.from_rbp == 1 && second.offset == -20));
}

TEST_CASE("a reference that is in no slot is refused") {
  CHECK_FALSE(read(stack_maps({{40, {{1, 4, 3, 0}}}})).has_value());        // in a register
  CHECK_FALSE(read(stack_maps({{40, {{2, 8, 7, 16}}}})).has_value());       // an address
  CHECK_FALSE(read(stack_maps({{40, {{3, 8, 7, 16}}}})).has_value());       // too wide
  CHECK_FALSE(read(stack_maps({{40, {{3, 4, 3, 16}}}})).has_value());       // from rbx
  CHECK_FALSE(read(stack_maps({{40, {{3, 4, 7, 18}}}})).has_value());       // not aligned
  CHECK_FALSE(read(stack_maps({{40, {{3, 4, 7, 1 << 30}}}})).has_value());  // far
}

TEST_CASE("damaged stack maps are refused") {
  Bytes good = stack_maps({{40, {{3, 4, 7, 12}}}});
  for (size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(read_stack_maps(std::span(good).first(size), {&function, 1}).has_value());
  CHECK_FALSE(read_stack_maps(good, {}).has_value());
  CHECK_FALSE(read(stack_maps({{40, {}}}, 2)).has_value());
  for (size_t at : {4, 12}) {  // counts of functions, of records
    Bytes bad = good;
    std::fill_n(bad.begin() + static_cast<ptrdiff_t>(at), 4, uint8_t{0xff});
    CHECK_FALSE(read(bad).has_value());
  }
}

TEST_CASE("the roots of a call are found by where it returns") {
  const Safepoint safepoints[] = {{10, 0}, {30, 2}, {50, 3}, {UINT32_MAX, 3}};
  const RootSlot roots[] = {{0, 8}, {0, 12}, {1, -4}};
  CodeTables tables;
  tables.safepoints = safepoints;
  tables.roots = roots;
  CHECK(tables.find_roots(10).size() == 2);
  CHECK(tables.find_roots(30).size() == 1);
  CHECK((tables.find_roots(30).front().offset == -4));
  CHECK(tables.find_roots(50).empty());
  CHECK(tables.find_roots(11).empty());
  CHECK(tables.find_roots(UINT32_MAX).empty());
  tables.roots = std::span(roots).first(1);  // damaged
  CHECK(tables.find_roots(10).empty());
}

}  // namespace tenon::compiler
