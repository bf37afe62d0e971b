#include "os/fiber.h"

#include <functional>
#include <memory>
#include <vector>

#include "runtime/host_function.h"
#include "runtime/test_text_guest.h"

#include <doctest/doctest.h>

namespace tenon::runtime {

namespace {

// Guests on fibers that suspend in the host function `park`.
struct FiberWorld : TextWorld {
  FiberWorld() : TextWorld({}, collecting()) {
    REQUIRE(linker.define("host", "park",
                          host_function([](Caller& caller) { caller.store().suspend(); })));
  }
  // Every allocation collects, and overwrites what it frees.
  static StoreLimits collecting() {
    StoreLimits limits;
    limits.heap.stress = HeapConfig::Stress::collect;
    return limits;
  }

  os::Fiber* start(std::function<void()> body) {
    auto fiber = store->take_fiber();
    REQUIRE(fiber);
    bodies.push_back(std::make_unique<std::function<void()>>(std::move(body)));
    (*fiber)->start([](void* main) { (*static_cast<std::function<void()>*>(main))(); },
                    bodies.back().get());
    store->resume(**fiber);
    return *fiber;
  }

  std::vector<std::unique_ptr<std::function<void()>>> bodies;
};

constexpr const char* keeper = R"((module
  (import "host" "park" (func $park))
  (type $box (struct (field i64)))
  (func (export "keep") (param i64) (result i64)
    (local $box (ref $box))
    (local.set $box (struct.new $box (local.get 0)))
    (call $park)
    (struct.get $box 0 (local.get $box)))
  (func (export "fill") (param i32)
    (loop $again
      (drop (struct.new $box (i64.const 0)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
)";

constexpr const char* parker = R"((module
  (import "host" "park" (func $park))
  (func (export "trap") (call $park) unreachable)
  (func $deep (export "deep") (call $deep))
  (func (export "answer") (result i32) (call $park) (i32.const 42))))";

}  // namespace

TEST_CASE("objects that parked guests hold stay alive") {
  NEEDS_COMPILER();
  FiberWorld world;
  Instance* guest = world.add(keeper);
  auto keep = world.get<uint64_t(uint64_t)>(guest, "keep");
  auto fill = world.get<void(uint32_t)>(guest, "fill");
  std::vector<uint64_t> kept;
  std::vector<os::Fiber*> fibers;
  for (uint64_t i = 0; i < 4; i++) {
    fibers.push_back(world.start([&, i] {
      auto value = keep(1000 + i);
      REQUIRE(value);
      kept.push_back(*value);
    }));
  }
  // Collects while the others are parked.
  os::Fiber* filler = world.start([&] { REQUIRE(fill(20)); });
  CHECK(filler->is_idle());
  for (os::Fiber* fiber : fibers) world.store->resume(*fiber);
  CHECK(kept == std::vector<uint64_t>{1000, 1001, 1002, 1003});
}

TEST_CASE("a trap ends its fiber's guest alone, and names its frames") {
  NEEDS_COMPILER();
  FiberWorld world;
  Instance* guest = world.add(parker);
  auto trap = world.get<void()>(guest, "trap");
  auto deep = world.get<void()>(guest, "deep");
  auto answer = world.get<uint32_t()>(guest, "answer");
  uint32_t answered = 0;
  os::Fiber* other = world.start([&] { answered = *answer(); });
  os::Fiber* fiber = world.start([&] {
    auto result = trap();
    CHECK(trap_of(result) == TrapCode::unreachable);
    CHECK(result.error().frames.size() == 1);
  });
  world.store->resume(*fiber);
  CHECK(fiber->is_idle());
  world.start([&] { CHECK(trap_of(deep()) == TrapCode::call_stack_exhausted); });
  world.store->resume(*other);
  CHECK(answered == 42);
}

TEST_CASE("stacks are counted, and come back") {
  StoreLimits limits;
  limits.max_fibers = 2;
  FiberWorld world;
  auto store = Store::create(world.engine, limits);
  REQUIRE(store);
  auto first = (*store)->take_fiber();
  auto second = (*store)->take_fiber();
  REQUIRE(first);
  REQUIRE(second);
  auto third = (*store)->take_fiber();
  REQUIRE_FALSE(third.has_value());
  CHECK(third.error().code() == ErrorCode::limit);
  (*store)->give_fiber(**first);
  CHECK(*(*store)->take_fiber() == *first);
}

}  // namespace tenon::runtime
