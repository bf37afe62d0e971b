// Shared memories, atomic instructions, and threads that wait for each other.

#include <atomic>
#include <thread>

#include "runtime/test_text_guest.h"

namespace tenon::runtime {

namespace {

constexpr TrapCode beyond = TrapCode::memory_out_of_bounds;

// A module that imports the shared memory.
constexpr std::string_view worker = R"((module
  (memory (import "m" "memory") 1 200 shared)
  (func (export "add") (param i32 i32) (result i32)
    (i32.atomic.rmw.add (local.get 0) (local.get 1)))
  (func (export "count") (param $times i32)
    (loop $again
      (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
      (drop (i64.atomic.rmw16.xor_u (i32.const 8) (i64.const 1)))
      (local.set $times (i32.sub (local.get $times) (i32.const 1)))
      (br_if $again (local.get $times))))
  (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 1) (local.get 1)))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "wait") (param i32 i32 i64) (result i32)
    (memory.atomic.wait32 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "wait64") (param i32 i64 i64) (result i32)
    (memory.atomic.wait64 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "notify") (param i32 i32) (result i32)
    (memory.atomic.notify (local.get 0) (local.get 1)))))";

// A store whose module `m` has a shared memory, and one thread's store that joins it.
struct Shared {
  TextWorld owner;
  Instance* instance;
  std::shared_ptr<Memory> memory;

  explicit Shared(const EngineConfig& config = {}) : owner(config) {
    instance = owner.add("(module (memory (export \"memory\") 1 100 shared))");
    memory = owner.store->share(instance->memory(0));
    REQUIRE(memory != nullptr);
  }
};
struct Joined {
  TextWorld world;
  Instance* instance;

  explicit Joined(const Shared& shared) : world(shared.owner) {
    auto memory = world.store->join(shared.memory);
    REQUIRE(memory.has_value());
    REQUIRE(world.linker.define("m", "memory", Extern(*memory)));
    instance = world.add(worker);
  }
  template <typename Signature>
  TypedFunction<Signature> get(std::string_view name) {
    return world.get<Signature>(instance, name);
  }
};

void wait_for_sleepers(Memory& memory, uint32_t count) {
  while (memory.waiters()->sleepers() != count) std::this_thread::yield();
}

}  // namespace

TEST_CASE("atomics: every width reads, changes and writes its own bytes") {
  NEEDS_COMPILER();
  in_every_mode([](TextWorld& world) {
    for (const char* memory : {"1 1 shared", "1 1"}) {
      Instance* instance = world.add(std::string("(module (memory ") + memory + R"()
        (func (export "narrow") (result i64)
          (i64.store (i32.const 16) (i64.const 0x1122334455667788))
          (drop (i32.atomic.rmw8.add_u (i32.const 16) (i32.const 0x1ff)))
          (drop (i32.atomic.rmw16.sub_u (i32.const 18) (i32.const 0x10001)))
          (drop (i64.atomic.rmw32.or_u (i32.const 20) (i64.const 0xf80000000)))
          (i64.atomic.load (i32.const 16)))
        (func (export "exchange") (param i32 i32 i32) (result i32)
          (i32.atomic.store16 (i32.const 32) (local.get 0))
          (i32.atomic.rmw16.cmpxchg_u (i32.const 32) (local.get 1) (local.get 2)))
        (func (export "load16") (result i32) (i32.atomic.load16_u (i32.const 32)))
        (func (export "swap") (param i64) (result i64)
          (i64.atomic.store (i32.const 40) (i64.const -1))
          (atomic.fence)
          (i64.atomic.rmw.xchg (i32.const 40) (local.get 0)))))");
      CHECK(world.get<uint64_t()>(instance, "narrow")() == 0x9122334455657787u);
      auto exchange = world.get<uint32_t(uint32_t, uint32_t, uint32_t)>(instance, "exchange");
      auto load16 = world.get<uint32_t()>(instance, "load16");
      CHECK(exchange(0x12345, 0x2344, 7) == 0x2345u);
      CHECK(load16() == 0x2345u);
      // What is expected wraps to the access's width.
      CHECK(exchange(0x12345, 0xff2345, 0x70007) == 0x2345u);
      CHECK(load16() == 7u);
      CHECK(world.get<uint64_t(uint64_t)>(instance, "swap")(5) == UINT64_MAX);
    }
  });
}

TEST_CASE("atomics: unaligned accesses trap, and so do those beyond the memory") {
  NEEDS_COMPILER();
  in_every_mode([](TextWorld& world) {
    for (const char* memory : {"1 1 shared", "1 1", "65536 65536 shared (pagesize 1)"}) {
      Instance* instance = world.add(std::string("(module (memory ") + memory + R"()
        (func (export "load") (param i32) (i32.atomic.load offset=1 (local.get 0)) drop)
        (func (export "load8") (param i32) (i32.atomic.load8_u offset=1 (local.get 0)) drop)
        (func (export "store") (param i32)
          (i64.atomic.store offset=4 (local.get 0) (i64.const -1)))
        (func (export "or") (param i32)
          (i32.atomic.rmw.or offset=0x7ffffffc (local.get 0) (i32.const 1)) drop)
        (func (export "exchange") (param i32)
          (i64.atomic.rmw.cmpxchg (local.get 0) (i64.const 0) (i64.const 1)) drop)
        (func (export "notify") (param i32)
          (memory.atomic.notify offset=1 (local.get 0) (i32.const 1)) drop)
        (func (export "wait") (param i32)
          (memory.atomic.wait64 offset=4 (local.get 0) (i64.const 1) (i64.const 0)) drop)))");
      auto run = [&](const char* name, uint32_t address) {
        auto done = world.get<void(uint32_t)>(instance, name)(address);
        return done ? "fine" : trap_text(done.error().code);
      };
      CHECK(run("load", 3) == "fine");
      CHECK(run("load", 65531) == "fine");
      for (uint32_t address : {0u, 1u, 65534u}) CHECK(run("load", address) == "unaligned atomic");
      for (uint32_t address : {65535u, 0xffffffffu})
        CHECK(run("load", address) == trap_text(beyond));
      CHECK(run("load8", 65534) == "fine");
      CHECK(run("load8", 65535) == trap_text(beyond));
      CHECK(run("store", 8) == "unaligned atomic");
      CHECK(run("store", 65524) == "fine");
      CHECK(run("store", 65532) == trap_text(beyond));
      CHECK(run("or", 0) == trap_text(beyond));
      CHECK(run("or", 2) == "unaligned atomic");
      CHECK(run("exchange", 65528) == "fine");
      CHECK(run("exchange", 65536) == trap_text(beyond));
      CHECK(run("notify", 3) == "fine");
      CHECK(run("notify", 4) == "unaligned atomic");
      CHECK(run("notify", 65535) == trap_text(beyond));
      CHECK(run("wait", 5) == "unaligned atomic");
      CHECK(run("wait", 65532) == trap_text(beyond));
      bool is_shared = std::string_view(memory).find("shared") != std::string_view::npos;
      CHECK(run("wait", 4) == (is_shared ? "fine" : "expected shared memory"));
    }
  });
}

TEST_CASE("atomics: 64-bit addresses do not wrap") {
  NEEDS_COMPILER();
  in_every_mode([](TextWorld& world) {
    Instance* instance = world.add(R"((module (memory i64 1 2 shared)
      (func (export "add") (param i64) (result i64)
        (i64.atomic.rmw.add offset=8 (local.get 0) (i64.const 1)))
      (func (export "notify") (param i64) (result i32)
        (memory.atomic.notify offset=8 (local.get 0) (i32.const 1)))
      (func (export "size") (result i64) (memory.size))))");
    auto add = world.get<uint64_t(uint64_t)>(instance, "add");
    auto notify = world.get<uint32_t(uint64_t)>(instance, "notify");
    CHECK(add(0) == 0u);
    CHECK(add(0) == 1u);
    CHECK(notify(0) == 0u);
    for (uint64_t address : {uint64_t{65528}, uint64_t{1} << 32, ~uint64_t{7}, ~uint64_t{15}}) {
      CHECK(trap_of(add(address)) == beyond);
      CHECK(trap_of(notify(address)) == beyond);
    }
    CHECK(trap_of(add(UINT64_MAX)) == TrapCode::unaligned_atomic);
    CHECK(world.get<uint64_t()>(instance, "size")() == 1u);
  });
}

TEST_CASE("shared memory: stores on many threads change it, and it grows for all of them") {
  NEEDS_COMPILER();
  for (auto mode : {compiler::MemoryMode::guarded, compiler::MemoryMode::checked}) {
    Shared shared({.memory_mode = mode});
    constexpr uint32_t threads = 4, times = 20'000;
    std::atomic<uint32_t> grown = 0;
    {
      std::vector<std::jthread> running;
      for (uint32_t i = 0; i < threads; ++i) {
        running.emplace_back([&] {
          Joined joined(shared);
          auto grow = joined.get<uint32_t(uint32_t)>("grow");
          for (int k = 0; k < 30; ++k) {
            auto old = grow(1);
            if (!old || *old == UINT32_MAX) continue;
            ++grown;
            // What this thread gained is there at once, on every path.
            CHECK(joined.get<uint32_t(uint32_t)>("load")((*old + 1) * 65536 - 1) == 0u);
            CHECK(joined.get<void(uint32_t, uint32_t)>("fill")(*old * 65536 + 1, 1).has_value());
          }
          CHECK(joined.get<void(uint32_t)>("count")(times).has_value());
        });
      }
    }
    CHECK(grown == 99);
    CHECK(shared.memory->pages() == 100);
    Joined last(shared);
    CHECK(last.get<uint32_t()>("size")() == 100u);
    CHECK(last.get<uint32_t(uint32_t)>("grow")(1) == UINT32_MAX);
    CHECK(last.get<uint32_t(uint32_t, uint32_t)>("add")(0, 0) == threads * times);
    CHECK(trap_of(last.get<uint32_t(uint32_t)>("load")(100 * 65536)) == beyond);
  }
}

TEST_CASE("shared memory: it outlives the store that made it, and limits hold in each store") {
  NEEDS_COMPILER();
  auto shared = std::make_unique<Shared>();
  Joined joined(*shared);
  auto engine = shared->owner.engine;
  std::shared_ptr<Memory> memory = shared->memory;
  shared.reset();
  CHECK(joined.get<uint32_t(uint32_t, uint32_t)>("add")(4, 5) == 0u);
  CHECK(joined.get<uint32_t(uint32_t)>("grow")(2) == 1u);

  auto small = Store::create(engine, {.max_memory_bytes = 4 << 16});
  REQUIRE(small.has_value());
  REQUIRE((*small)->join(memory));
  CHECK(*(*small)->join(memory) == memory.get());
  CHECK((*small)->grow_memory(*memory, 1) == 3);
  CHECK_FALSE((*small)->grow_memory(*memory, 1).has_value());
  auto smaller = Store::create(engine, {.max_memory_bytes = 3 << 16});
  REQUIRE(smaller.has_value());
  auto refused = (*smaller)->join(memory);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == ErrorCode::limit);
}

TEST_CASE("shared memory: what did not join a store, or is of another mode, is refused") {
  NEEDS_COMPILER();
  Shared shared({.memory_mode = compiler::MemoryMode::guarded});
  TextWorld stranger(shared.owner);
  REQUIRE(stranger.linker.define("m", "memory", Extern(shared.memory.get())));
  CHECK(stranger.link_error(worker) == "what is given for `m::memory` belongs to another store");
  CHECK(shared.owner.store->share(*shared.memory) == shared.memory);
  CHECK(stranger.store->share(*shared.memory) == nullptr);

  TextWorld checked({.memory_mode = compiler::MemoryMode::checked});
  CHECK_FALSE(checked.store->join(shared.memory).has_value());

  REQUIRE(shared.owner.linker.define_instance("m", *shared.instance));
  CHECK(shared.owner.link_error("(module (import \"m\" \"memory\" (memory 1 100)))") ==
        "incompatible import type for `m::memory`: expected (memory 1 100), found (memory 1 100 "
        "shared)");
}

TEST_CASE("wait and notify: outcomes, order and timeouts") {
  NEEDS_COMPILER();
  Shared shared;
  Joined host(shared);
  auto wait = host.get<uint32_t(uint32_t, uint32_t, int64_t)>("wait");
  auto wait64 = host.get<uint32_t(uint32_t, uint64_t, int64_t)>("wait64");
  auto notify = host.get<uint32_t(uint32_t, uint32_t)>("notify");
  CHECK(wait(0, 1, -1) == 1u);
  CHECK(wait64(0, 1, -1) == 1u);
  CHECK(wait(0, 0, 0) == 2u);
  CHECK(wait(0, 0, 1'000'000) == 2u);
  CHECK(wait64(0, 0, 1'000'000) == 2u);
  CHECK(notify(0, 5) == 0u);
  CHECK(shared.memory->waiters()->sleepers() == 0);

  std::atomic<uint32_t> woken = 0;
  std::vector<std::jthread> sleepers;
  for (uint32_t i = 0; i < 3; ++i) {
    sleepers.emplace_back([&, i] {
      Joined joined(shared);
      auto sleep = joined.get<uint32_t(uint32_t, uint32_t, int64_t)>("wait");
      // The last wait of this kind would take centuries.
      if (sleep(i == 2 ? 128 : 64, 0, i == 1 ? INT64_MAX : -1) == 0u) ++woken;
    });
  }
  wait_for_sleepers(*shared.memory, 3);
  CHECK(notify(4, 10) == 0u);
  CHECK(notify(64, 0) == 0u);
  CHECK(notify(64, 1) == 1u);
  wait_for_sleepers(*shared.memory, 2);
  CHECK(notify(64, 0xffffffff) == 1u);
  CHECK(notify(64, 1) == 0u);
  CHECK(notify(128, 1) == 1u);
  sleepers.clear();
  CHECK(woken == 3);
}

}  // namespace tenon::runtime
