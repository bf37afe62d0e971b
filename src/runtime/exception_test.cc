#include "runtime/exception.h"

#include <optional>
#include <string_view>

#include "runtime/test_guest.h"

#include <doctest/doctest.h>

// Exceptions that pass through the host: real modules and host functions.
namespace tenon::runtime {

namespace {

constexpr std::string_view guest = R"wat(
  (module
    (import "env" "pass" (func $pass (param i32) (result i32)))
    (import "env" "float" (func $float (param f64) (result f64)))
    (tag $e (export "e") (param i32))
    (tag $other)
    (func (export "throw") (param i32) (result i32)
      (if (local.get 0) (then (throw $e (local.get 0))))
      (i32.const 1))
    (func (export "unreachable") (unreachable))
    (func $catch (export "catch") (param i32) (result i32) (local i32)
      (local.set 1 (i32.mul (local.get 0) (i32.const 1000)))
      (block $h (result i32)
        (try_table (result i32) (catch $e $h) (call $pass (local.get 0))))
      (i32.add (local.get 1)))
    (func (export "catch-other") (param i32) (result i32)
      (block $h
        (try_table (catch $other $h) (return (call $pass (local.get 0)))))
      (i32.const -1))
    (func (export "catch-all") (param i32) (result i32)
      (block $h
        (try_table (catch_all $h) (return (call $pass (local.get 0)))))
      (i32.const -1))
    (func (export "catch-float") (param f64) (result f64)
      (f64.add (local.get 0) (f64.convert_i32_s
        (block $h (result i32)
          (try_table (catch $e $h) (return (call $float (local.get 0))))
          (i32.const 0))))))
  )wat";

// `pass` and `float` call the guest's `throw`, and pass on what comes of it.
struct World {
  std::shared_ptr<Engine> engine;
  std::unique_ptr<Store> store;
  Linker linker;
  Instance* instance = nullptr;
  TypedFunction<uint32_t(uint32_t)> throw_;
  std::optional<Trap> last;

  explicit World(compiler::OptLevel level) {
    engine = *Engine::create();
    store = *Store::create(engine);
    REQUIRE(linker.define("env", "pass", host_function<&World::pass>(*this)));
    REQUIRE(linker.define("env", "float", host_function<&World::pass_float>(*this)));
    auto code = load_guest(
        engine, std::span(reinterpret_cast<const uint8_t*>(guest.data()), guest.size()), level);
    if (!code) MESSAGE(code.error().to_string());
    REQUIRE(code);
    instance = *linker.link(*store, (*code)->module(0));
    REQUIRE(instance->initialize());
    throw_ = get<uint32_t(uint32_t)>("throw");
  }
  CallResult<uint32_t> pass(Caller&, uint32_t value) {
    auto result = throw_(value);
    if (!result) last = result.error();
    return result;
  }
  CallResult<double> pass_float(Caller&, double value) {
    auto result = throw_(static_cast<uint32_t>(value));
    if (!result) return std::unexpected(std::move(result).error());
    return *result;
  }
  template <typename Signature>
  TypedFunction<Signature> get(std::string_view name) {
    auto item = instance->find_export(name);
    REQUIRE(item);
    return *TypedFunction<Signature>::of(*store, std::get<compiler::FuncRef*>(*item));
  }
};

}  // namespace

#define NEEDS_COMPILER()                            \
  if (test_tier() == nullptr) {                     \
    MESSAGE("skipped: this build has no compiler"); \
    return;                                         \
  }

TEST_CASE("exceptions pass through host functions") {
  NEEDS_COMPILER();
  for (auto level : {compiler::OptLevel::none, compiler::OptLevel::full}) {
    World world(level);
    auto catch_ = world.get<uint32_t(uint32_t)>("catch");
    CHECK(*catch_(0) == 1);
    CHECK(*catch_(7) == 7007);
    CHECK(world.last->code == TrapCode::uncaught_exception);
    CHECK(*world.get<uint32_t(uint32_t)>("catch-all")(3) == ~0u);
    CHECK(*world.get<double(double)>("catch-float")(2.5) == 4.5);
    CHECK(*world.get<double(double)>("catch-float")(0.5) == 1);

    auto uncaught = world.get<uint32_t(uint32_t)>("catch-other")(5);
    REQUIRE_FALSE(uncaught);
    CHECK(uncaught.error().code == TrapCode::uncaught_exception);
    CHECK(uncaught.error().exception != nullptr);
    CHECK_FALSE(uncaught.error().frames.empty());
    for (uint32_t i = 1; i < 1000; ++i) CHECK(*catch_(i) == i * 1001);
  }
}

TEST_CASE("an exception can be kept, and raised when its guest has long gone on") {
  NEEDS_COMPILER();
  World world(compiler::OptLevel::full);
  std::vector<Trap> kept;
  for (uint32_t i = 1; i <= 100; ++i) {
    auto thrown = world.throw_(i);
    REQUIRE_FALSE(thrown);
    kept.push_back(std::move(thrown).error());
  }
  (*world.store->heap())->collect();
  uint32_t next = 0;
  auto raise = host_function(
      [&](Caller&, uint32_t) -> CallResult<uint32_t> { return std::unexpected(kept[next]); });
  Linker linker;
  REQUIRE(linker.define("env", "pass", raise));
  REQUIRE(linker.define("env", "float", host_function<&World::pass_float>(world)));
  auto instance = linker.link(*world.store, world.instance->module());
  REQUIRE(instance);
  // Its tag is another one than that of the first instance.
  auto item = (*instance)->find_export("catch");
  auto catch_ =
      *TypedFunction<uint32_t(uint32_t)>::of(*world.store, std::get<compiler::FuncRef*>(*item));
  auto passed = catch_(1);
  REQUIRE_FALSE(passed);
  CHECK(passed.error().exception->reference() == kept[0].exception->reference());
  item = (*instance)->find_export("catch-all");
  auto catch_all =
      *TypedFunction<uint32_t(uint32_t)>::of(*world.store, std::get<compiler::FuncRef*>(*item));
  for (next = 0; next < kept.size(); ++next) CHECK(*catch_all(0) == ~0u);
}

TEST_CASE("an exception outlives its store, empty") {
  NEEDS_COMPILER();
  Trap trap;
  {
    World world(compiler::OptLevel::none);
    auto thrown = world.throw_(1);
    REQUIRE_FALSE(thrown);
    trap = thrown.error();
    CHECK(trap.exception->store() == world.store.get());
    CHECK(trap.exception->reference() != compiler::null_ref);
  }
  CHECK(trap.exception->store() == nullptr);
  CHECK(trap.exception->reference() == compiler::null_ref);
}

TEST_CASE("another store's exception is a trap") {
  NEEDS_COMPILER();
  World first(compiler::OptLevel::none);
  World second(compiler::OptLevel::none);
  auto thrown = first.throw_(1);
  REQUIRE_FALSE(thrown);
  CHECK(second.store->raise(thrown.error()) == os::HostResult::trapped);
  CHECK(second.store->take_trap().code == TrapCode::uncaught_exception);
}

}  // namespace tenon::runtime
