// Memories and tables whose addresses are 64 bits wide, through compiler and runtime.

#include "runtime/test_text_guest.h"

namespace tenon::runtime {

namespace {

constexpr uint64_t top = UINT64_MAX;
constexpr uint64_t page = 65536;

constexpr TrapCode beyond_memory = TrapCode::memory_out_of_bounds;
constexpr TrapCode beyond_table = TrapCode::table_out_of_bounds;

}  // namespace

TEST_CASE("memory64: accesses find the memory's end, and addresses do not wrap") {
  NEEDS_COMPILER();
  in_every_mode([](TextWorld& world) {
    Instance* instance = world.add(R"((module
      (memory i64 1)
      (func (export "load") (param i64) (result i64) (i64.load (local.get 0)))
      (func (export "near") (param i64) (result i32) (i32.load8_u offset=16 (local.get 0)))
      (func (export "far") (param i64) (result i32)
        (i32.load offset=0x4000000 (local.get 0)))
      (func (export "farthest") (param i64) (result i32)
        (i32.load8_u offset=0xffffffffffffffff (local.get 0)))
      (func (export "beyond") (param i64) (result i32)
        (i32.load16_u offset=0xffffffffffffffff (local.get 0)))
      (func (export "constant") (result i32) (i32.load8_u offset=65535 (i64.const 0)))
      (func (export "constant_beyond") (result i32) (i32.load16_u offset=65535 (i64.const 0)))
      (func (export "constant_top") (result i32) (i32.load8_u (i64.const -1)))
      (func (export "constant_wraps") (result i32) (i32.load8_u offset=2 (i64.const -1)))))");
    auto load = world.get<uint64_t(uint64_t)>(instance, "load");
    CHECK(load(0) == 0u);
    CHECK(load(page - 8) == 0u);
    for (uint64_t address :
         {page - 7, page, uint64_t{1} << 32, (uint64_t{1} << 32) + 8, uint64_t{16} << 30,
          uint64_t{1} << 47, uint64_t{1} << 63, top - 7, top})
      CHECK(trap_of(load(address)) == beyond_memory);

    auto near = world.get<uint32_t(uint64_t)>(instance, "near");
    CHECK(near(page - 17) == 0u);
    for (uint64_t address : {page - 16, top - 16, top - 15, top})
      CHECK(trap_of(near(address)) == beyond_memory);
    for (const char* name : {"far", "farthest", "beyond"})
      for (uint64_t address : {uint64_t{0}, uint64_t{1}, uint64_t{2}, top - 0x4000000, top})
        CHECK(trap_of(world.get<uint32_t(uint64_t)>(instance, name)(address)) == beyond_memory);

    CHECK(world.get<uint32_t()>(instance, "constant")() == 0u);
    for (const char* name : {"constant_beyond", "constant_top", "constant_wraps"})
      CHECK(trap_of(world.get<uint32_t()>(instance, name)()) == beyond_memory);
  });
}

TEST_CASE("memory64: a memory of no pages holds no address") {
  NEEDS_COMPILER();
  in_every_mode([](TextWorld& world) {
    for (const char* limits : {"0", "0 0"}) {
      Instance* instance = world.add(std::string("(module (memory i64 ") + limits + R"()
        (func (export "load") (param i64) (result i32) (i32.load8_u (local.get 0)))
        (func (export "far") (param i64) (result i32) (i32.load offset=0x7fffffff (local.get 0)))
        (func (export "fill") (param i64 i64)
          (memory.fill (local.get 0) (i32.const 1) (local.get 1)))))");
      for (uint64_t address : {uint64_t{0}, uint64_t{1}, top}) {
        CHECK(trap_of(world.get<uint32_t(uint64_t)>(instance, "load")(address)) == beyond_memory);
        CHECK(trap_of(world.get<uint32_t(uint64_t)>(instance, "far")(address)) == beyond_memory);
      }
      auto fill = world.get<void(uint64_t, uint64_t)>(instance, "fill");
      CHECK(fill(0, 0).has_value());
      CHECK(trap_of(fill(1, 0)) == beyond_memory);
      CHECK(trap_of(fill(0, 1)) == beyond_memory);
      CHECK(trap_of(fill(top, 1)) == beyond_memory);
    }
  });
}

TEST_CASE("memory64: it grows up to its maximum or the engine's reservation, and no further") {
  NEEDS_COMPILER();
  constexpr std::string_view text = R"((module
    (memory i64 1)
    (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0)))
    (func (export "size") (result i64) (memory.size))
    (func (export "store") (param i64) (i32.store8 (local.get 0) (i32.const 7)))
    (func (export "load") (param i64) (result i32) (i32.load8_u (local.get 0)))))";
  for (auto mode : {compiler::MemoryMode::guarded, compiler::MemoryMode::checked}) {
    TextWorld world({.memory_mode = mode,
                     .checked_reservation = uint64_t{6} << 30,
                     .memory64_reservation = uint64_t{5} << 30});
    Instance* instance = world.add(text);
    auto grow = world.get<uint64_t(uint64_t)>(instance, "grow");
    auto size = world.get<uint64_t()>(instance, "size");
    auto load = world.get<uint32_t(uint64_t)>(instance, "load");
    constexpr uint64_t most = (uint64_t{5} << 30) / page;
    for (uint64_t pages : {top, top - 1, top / page, uint64_t{1} << 48, most})
      CHECK(grow(pages) == top);
    CHECK(grow(0) == 1u);
    CHECK(grow(most - 1) == 1u);
    CHECK(size() == most);
    CHECK(grow(1) == top);
    CHECK(world.get<void(uint64_t)>(instance, "store")(most * page - 1).has_value());
    CHECK(load(most * page - 1) == 7u);
    CHECK(load((uint64_t{1} << 32) + 1) == 0u);
    CHECK(trap_of(load(most * page)) == beyond_memory);
  }

  TextWorld world;
  CHECK(world.link_error("(module (memory i64 0x1000000000000))") ==
        "a memory of 281474976710656 pages is larger than 17179869184 bytes");
  CHECK(world.link_error("(module (memory i64 0 0x1000000000000))") == "linked");
}

TEST_CASE("memory64: bulk instructions check ranges that wrap") {
  NEEDS_COMPILER();
  in_every_mode([](TextWorld& world) {
    Instance* instance = world.add(R"((module
      (memory $m i64 1) (memory $narrow 1)
      (data $d "0123456789")
      (func (export "fill") (param i64 i64)
        (memory.fill (local.get 0) (i32.const 1) (local.get 1)))
      (func (export "fill9") (param i64)
        (memory.fill (local.get 0) (i32.const 1) (i64.const 9)))
      (func (export "copy") (param i64 i64 i64)
        (memory.copy (local.get 0) (local.get 1) (local.get 2)))
      (func (export "to_narrow") (param i32 i64 i32)
        (memory.copy $narrow $m (local.get 0) (local.get 1) (local.get 2)))
      (func (export "init") (param i64 i32 i32)
        (memory.init $m $d (local.get 0) (local.get 1) (local.get 2)))))");
    auto fill = world.get<void(uint64_t, uint64_t)>(instance, "fill");
    CHECK(fill(page - 3, 3).has_value());
    CHECK(fill(page, 0).has_value());
    CHECK(trap_of(fill(page + 1, 0)) == beyond_memory);
    CHECK(trap_of(fill(page - 3, 4)) == beyond_memory);
    CHECK(trap_of(fill(top, 1)) == beyond_memory);
    CHECK(trap_of(fill(top, 2)) == beyond_memory);
    CHECK(trap_of(fill(1, top)) == beyond_memory);
    CHECK(trap_of(fill(2, top)) == beyond_memory);
    auto fill9 = world.get<void(uint64_t)>(instance, "fill9");
    CHECK(fill9(page - 9).has_value());
    for (uint64_t address : {page - 8, top, top - 8, top - 9})
      CHECK(trap_of(fill9(address)) == beyond_memory);

    auto copy = world.get<void(uint64_t, uint64_t, uint64_t)>(instance, "copy");
    CHECK(copy(0, page - 5, 5).has_value());
    CHECK(trap_of(copy(top - 1, 0, 2)) == beyond_memory);
    CHECK(trap_of(copy(0, top - 1, 2)) == beyond_memory);
    CHECK(trap_of(copy(0, 0, top)) == beyond_memory);
    auto to_narrow = world.get<void(uint32_t, uint64_t, uint32_t)>(instance, "to_narrow");
    CHECK(to_narrow(page - 5, page - 5, 5).has_value());
    CHECK(trap_of(to_narrow(0, top, 1)) == beyond_memory);
    CHECK(trap_of(to_narrow(0xffffffff, 0, 1)) == beyond_memory);

    auto init = world.get<void(uint64_t, uint32_t, uint32_t)>(instance, "init");
    CHECK(init(page - 10, 0, 10).has_value());
    CHECK(trap_of(init(page - 9, 0, 10)) == beyond_memory);
    CHECK(trap_of(init(top - 4, 0, 10)) == beyond_memory);
    CHECK(trap_of(init(uint64_t{1} << 32, 0, 1)) == beyond_memory);
    CHECK(trap_of(init(0, 1, 0xffffffff)) == beyond_memory);
    GuestMemory memory(*instance->memory(0).record());
    CHECK(memory.load<uint8_t>(page - 1) == uint8_t{'9'});
  });
}

TEST_CASE("memory64: segments at the end and beyond it") {
  NEEDS_COMPILER();
  auto start = [](const std::string& segment) {
    TextWorld world;
    auto instance = world.link("(module (memory i64 1) " + segment + ")");
    REQUIRE(instance.has_value());
    auto done = (*instance)->initialize();
    return done ? std::string("fits") : done.error().to_string();
  };
  const std::string trap(trap_text(beyond_memory));
  CHECK(start("(data (i64.const 65533) \"abc\")") == "fits");
  CHECK(start("(data (i64.const 65536) \"\")") == "fits");
  CHECK(start("(data (i64.const 65534) \"abc\")") == trap);
  CHECK(start("(data (i64.const 65537) \"\")") == trap);
  CHECK(start("(data (i64.const 0x100000000) \"abc\")") == trap);
  CHECK(start("(data (i64.const -1) \"\")") == trap);
  CHECK(start("(data (i64.const -1) \"abc\")") == trap);
  CHECK(start("(data (i64.add (i64.const -1) (i64.const 5)) \"abc\")") == "fits");
}

TEST_CASE("memory64: what was written before a trap stays, and nothing behind it") {
  NEEDS_COMPILER();
  in_every_mode([](TextWorld& world) {
    Instance* instance = world.add(R"((module
      (memory i64 1)
      (func (export "run") (param i64) (param i64)
        (i32.store8 (local.get 0) (i32.const 1))
        (i32.store8 offset=1 (local.get 0) (i32.const 2))
        (drop (i32.load (local.get 1)))
        (i32.store8 offset=2 (local.get 0) (i32.const 3)))))");
    auto run = world.get<void(uint64_t, uint64_t)>(instance, "run");
    GuestMemory memory(*instance->memory(0).record());
    for (uint64_t bad : {page, page - 3, top}) {
      CHECK(memory.store<uint32_t>(8, 0));
      CHECK(trap_of(run(8, bad)) == beyond_memory);
      CHECK(memory.load<uint32_t>(8) == 0x0201u);
    }
    CHECK(run(8, 0).has_value());
    CHECK(memory.load<uint32_t>(8) == 0x030201u);
  });
}

TEST_CASE("table64: indices are 64 bits wide everywhere") {
  NEEDS_COMPILER();
  in_every_mode([](TextWorld& world) {
    Instance* instance = world.add(R"((module
      (type $f (func (result i32)))
      (table $t i64 10 20 funcref)
      (table $narrow 10 funcref)
      (func $one (result i32) (i32.const 1))
      (elem (table $t) (i64.const 9) func $one)
      (elem $e func $one $one)
      (func (export "call") (param i64) (result i32) (call_indirect $t (type $f) (local.get 0)))
      (func (export "tail") (param i64) (result i32)
        (return_call_indirect $t (type $f) (local.get 0)))
      (func (export "null") (param i64) (result i32) (ref.is_null (table.get $t (local.get 0))))
      (func (export "set") (param i64) (table.set $t (local.get 0) (ref.null func)))
      (func (export "fill") (param i64 i64)
        (table.fill $t (local.get 0) (ref.null func) (local.get 1)))
      (func (export "init") (param i64 i32 i32)
        (table.init $t $e (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copy") (param i64 i64 i64)
        (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
      (func (export "from_narrow") (param i64 i32 i32)
        (table.copy $t $narrow (local.get 0) (local.get 1) (local.get 2)))
      (func (export "grow") (param i64) (result i64)
        (table.grow $t (ref.null func) (local.get 0)))
      (func (export "size") (result i64) (table.size $t))))");
    constexpr uint64_t wide = (uint64_t{1} << 32) + 9;
    auto call = world.get<uint32_t(uint64_t)>(instance, "call");
    CHECK(call(9) == 1u);
    CHECK(world.get<uint32_t(uint64_t)>(instance, "tail")(9) == 1u);
    for (uint64_t index : {uint64_t{10}, wide, (uint64_t{1} << 59) + 9, top}) {
      CHECK(trap_of(call(index)) == TrapCode::undefined_element);
      CHECK(trap_of(world.get<uint32_t(uint64_t)>(instance, "null")(index)) == beyond_table);
      CHECK(trap_of(world.get<void(uint64_t)>(instance, "set")(index)) == beyond_table);
    }
    auto fill = world.get<void(uint64_t, uint64_t)>(instance, "fill");
    auto init = world.get<void(uint64_t, uint32_t, uint32_t)>(instance, "init");
    auto copy = world.get<void(uint64_t, uint64_t, uint64_t)>(instance, "copy");
    auto from_narrow = world.get<void(uint64_t, uint32_t, uint32_t)>(instance, "from_narrow");
    CHECK(trap_of(fill(top, 2)) == beyond_table);
    CHECK(trap_of(fill(2, top)) == beyond_table);
    CHECK(trap_of(init(uint64_t{1} << 32, 0, 1)) == beyond_table);
    CHECK(trap_of(copy(0, top, 2)) == beyond_table);
    CHECK(trap_of(copy(wide, 0, 1)) == beyond_table);
    CHECK(trap_of(from_narrow(top, 0, 1)) == beyond_table);
    CHECK(init(7, 0, 2).has_value());
    CHECK(copy(0, 7, 3).has_value());
    CHECK(call(2) == 1u);
    CHECK(from_narrow(1, 0, 1).has_value());
    CHECK(trap_of(call(1)) == TrapCode::uninitialized_element);

    auto grow = world.get<uint64_t(uint64_t)>(instance, "grow");
    for (uint64_t count : {uint64_t{11}, uint64_t{1} << 32, top - 9, top})
      CHECK(grow(count) == top);
    CHECK(grow(10) == 10u);
    CHECK(world.get<uint64_t()>(instance, "size")() == 20u);
  });
}

TEST_CASE("memory64: imports have the address type that is asked for") {
  NEEDS_COMPILER();
  TextWorld world;
  Instance* library = world.add(R"((module
    (memory (export "wide") i64 1) (memory (export "narrow") 1)
    (table (export "wide-table") i64 1 funcref)))");
  REQUIRE(world.linker.define_instance("m", *library));
  CHECK(world.link_error("(module (import \"m\" \"wide\" (memory 1)))") ==
        "incompatible import type for `m::wide`: expected (memory 1), found (memory i64 1)");
  CHECK(world.link_error("(module (import \"m\" \"narrow\" (memory i64 1)))") ==
        "incompatible import type for `m::narrow`: expected (memory i64 1), found (memory 1)");
  CHECK(world.link_error("(module (import \"m\" \"wide-table\" (table 1 funcref)))")
            .starts_with("incompatible import type"));
  CHECK(world.link_error("(module (import \"m\" \"wide\" (memory i64 1 4)))")
            .starts_with("incompatible import type"));
  CHECK(world.link_error(R"((module (import "m" "wide" (memory i64 1))
    (import "m" "wide-table" (table i64 1 funcref))))") == "linked");
}

}  // namespace tenon::runtime
