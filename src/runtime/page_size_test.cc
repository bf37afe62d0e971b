// Memories of one-byte pages, which end anywhere, through compiler and runtime.

#include "runtime/test_text_guest.h"

namespace tenon::runtime {

namespace {

constexpr TrapCode beyond = TrapCode::memory_out_of_bounds;

}  // namespace

TEST_CASE("page size: accesses find an end that is at no page of the system") {
  NEEDS_COMPILER();
  in_every_mode([](TextWorld& world) {
    Instance* instance = world.add(R"((module
      (memory 4099 5000 (pagesize 1))
      (data $d "0123")
      (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
      (func (export "near") (param i32) (result i32) (i32.load8_u offset=4000 (local.get 0)))
      (func (export "far") (param i32) (result i32) (i32.load offset=0xffffffff (local.get 0)))
      (func (export "fixed") (result i32) (i32.load8_u (i32.const 4099)))
      (func (export "vector") (param i32) (v128.store (local.get 0) (v128.const i64x2 -1 -1)))
      (func (export "fill") (param i32 i32)
        (memory.fill (local.get 0) (i32.const 1) (local.get 1)))
      (func (export "init") (param i32 i32) (memory.init $d (local.get 0) (i32.const 0) (local.get 1)))
      (func (export "size") (result i32) (memory.size))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))))");
    auto load = world.get<uint32_t(uint32_t)>(instance, "load");
    auto near = world.get<uint32_t(uint32_t)>(instance, "near");
    auto far = world.get<uint32_t(uint32_t)>(instance, "far");
    auto vector = world.get<void(uint32_t)>(instance, "vector");
    auto fill = world.get<void(uint32_t, uint32_t)>(instance, "fill");
    auto init = world.get<void(uint32_t, uint32_t)>(instance, "init");
    auto grow = world.get<uint32_t(uint32_t)>(instance, "grow");
    CHECK(load(4095) == 0u);
    CHECK(near(98) == 0u);
    for (uint32_t address : {4096u, 4098u, 4099u, 8192u, 0xfffffffcu, 0xffffffffu})
      CHECK(trap_of(load(address)) == beyond);
    for (uint32_t address : {99u, 100u, 0xfffff060u, 0xffffffffu})
      CHECK(trap_of(near(address)) == beyond);
    for (uint32_t address : {0u, 1u, 4u, 0xffffffffu}) CHECK(trap_of(far(address)) == beyond);
    CHECK(trap_of(world.get<uint32_t()>(instance, "fixed")()) == beyond);

    CHECK(trap_of(vector(4084)) == beyond);
    CHECK(load(4084) == 0u);
    CHECK(vector(4083).has_value());
    CHECK(fill(4090, 9).has_value());
    CHECK(trap_of(fill(4090, 10)) == beyond);
    CHECK(init(4095, 4).has_value());
    CHECK(trap_of(init(4096, 4)) == beyond);

    CHECK(grow(902) == 0xffffffff);
    CHECK(grow(0xffffffff) == 0xffffffff);
    CHECK(grow(1) == 4099u);
    CHECK(trap_of(load(4097)) == beyond);
    // What is behind the end reads as zero when the memory reaches it.
    CHECK(load(4096) == 0x00333231u);
    CHECK(grow(900) == 4100u);
    CHECK(load(4996) == 0u);
    CHECK(trap_of(load(4997)) == beyond);
    CHECK(world.get<uint32_t()>(instance, "size")() == 5000u);
  });
}

TEST_CASE("page size: segments and images end where the memory does") {
  NEEDS_COMPILER();
  TextWorld world;
  Instance* instance = world.add(R"((module
    (memory 5 (pagesize 1)) (memory $big 1 (pagesize 65536))
    (data (i32.const 2) "abc") (data (memory $big) (i32.const 65533) "xyz")))");
  CHECK(GuestMemory(*instance->memory(0).record()).load<uint8_t>(4) == uint8_t{'c'});
  CHECK(GuestMemory(*instance->memory(1).record()).load<uint8_t>(65535) == uint8_t{'z'});
  auto bad = world.link("(module (memory 5 (pagesize 1)) (data (i32.const 3) \"abc\"))");
  REQUIRE(bad.has_value());
  CHECK(trap_of((*bad)->initialize()) == beyond);
}

TEST_CASE("page size: the largest memory of 32-bit addresses is one byte short of 4 GiB") {
  NEEDS_COMPILER();
  for (const char* limits : {"1", "1 0xffffffff"}) {
    TextWorld world;
    Instance* instance = world.add(std::string("(module (memory ") + limits + R"( (pagesize 1))
      (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
      (func (export "size") (result i32) (memory.size))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))))");
    if (world.engine->memory_mode() != compiler::MemoryMode::guarded) return;
    auto grow = world.get<uint32_t(uint32_t)>(instance, "grow");
    auto load = world.get<uint32_t(uint32_t)>(instance, "load");
    CHECK(grow(0xffffffff) == 0xffffffff);
    CHECK(grow(0xfffffffe) == 1u);
    CHECK(world.get<uint32_t()>(instance, "size")() == 0xffffffffu);
    CHECK(grow(1) == 0xffffffff);
    CHECK(load(0xfffffffe) == 0u);
    CHECK(trap_of(load(0xffffffff)) == beyond);
  }
}

TEST_CASE("page size: with 64-bit addresses") {
  NEEDS_COMPILER();
  in_every_mode([](TextWorld& world) {
    Instance* instance = world.add(R"((module
      (memory i64 7 9 (pagesize 1))
      (func (export "load") (param i64) (result i32) (i32.load (local.get 0)))
      (func (export "wide") (param i64) (result i64) (i64.load (local.get 0)))
      (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0)))))");
    auto load = world.get<uint32_t(uint64_t)>(instance, "load");
    auto wide = world.get<uint64_t(uint64_t)>(instance, "wide");
    auto grow = world.get<uint64_t(uint64_t)>(instance, "grow");
    CHECK(load(3) == 0u);
    for (uint64_t address : {uint64_t{4}, uint64_t{7}, UINT64_MAX - 3, UINT64_MAX})
      CHECK(trap_of(load(address)) == beyond);
    // Eight bytes at 0 are more than there are.
    for (uint64_t address : {uint64_t{0}, UINT64_MAX - 7, UINT64_MAX})
      CHECK(trap_of(wide(address)) == beyond);
    CHECK(grow(UINT64_MAX) == UINT64_MAX);
    CHECK(grow(1) == 7u);
    CHECK(wide(0) == 0u);
    CHECK(trap_of(wide(1)) == beyond);
  });
  TextWorld world;
  CHECK(world.link_error("(module (memory i64 0xffffffffffffffff (pagesize 1)))") ==
        "a memory of 18446744073709551615 pages is larger than 17179869184 bytes");
}

TEST_CASE("page size: imports have the page size that is asked for") {
  NEEDS_COMPILER();
  TextWorld world;
  Instance* library = world.add(R"((module
    (memory (export "small") 1 (pagesize 1)) (memory (export "large") 1)))");
  REQUIRE(world.linker.define_instance("m", *library));
  CHECK(world.link_error("(module (import \"m\" \"small\" (memory 0)))") ==
        "incompatible import type for `m::small`: expected (memory 0), found (memory 1 (pagesize "
        "1))");
  CHECK(world.link_error("(module (import \"m\" \"large\" (memory 0 (pagesize 1))))") ==
        "incompatible import type for `m::large`: expected (memory 0 (pagesize 1)), found (memory "
        "1)");
}

}  // namespace tenon::runtime
