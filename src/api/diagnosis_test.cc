#include "component/text/parse_component.h"

// Last: it takes the name CHECK over.
#include "api/test_components.h"

// What errors and traps say of components, as values of the public API.
namespace tenon {
namespace {

std::optional<Component> load_text(std::string_view text) {
  return load(component::text::parse({"x.wat", text}).value());
}

using Path = std::vector<std::string>;

// `main` calls `log` of `logger` through an adapter; `outer` is around `main`.
constexpr std::string_view nested = R"((component $app
  (component $logger
    (core module $m
      (func $deep (unreachable))
      (func $log (export "log") (param i32) (if (local.get 0) (then (call $deep)))))
    (core instance $i (instantiate $m))
    (func $log (param "level" u32) (canon lift (core func $i "log")))
    (instance $iface (export "log" (func $log)))
    (export "demo:log/logger@1.0.0" (instance $iface)))
  (component $outer
    (import "logger" (instance $l (export "log" (func (param "level" u32)))))
    (component $main
      (import "logger" (instance $l (export "log" (func (param "level" u32)))))
      (core func $log (canon lower (func $l "log")))
      (core module $m (import "l" "log" (func $log (param i32)))
        (func $go (export "go") (param i32)
          (if (i32.eq (local.get 0) (i32.const 2)) (then (unreachable)))
          (call $log (local.get 0))))
      (core instance $i (instantiate $m (with "l" (instance (export "log" (func $log))))))
      (func (export "go") (param "level" u32) (canon lift (core func $i "go"))))
    (instance $program (instantiate $main (with "logger" (instance $l))))
    (export "go" (func $program "go")))
  (instance $logging (instantiate $logger))
  (instance $around (instantiate $outer (with "logger" (instance $logging "demo:log/logger@1.0.0"))))
  (export "start" (func $around "go"))))";

TEST_CASE("api: a trap names the component instance and its export") {
  auto component = load_text(nested);
  if (!component) return;
  Linker linker(engine());
  Store store(engine());
  auto instance = linker.instantiate(store, *component);
  REQUIRE(instance.has_value());
  auto start = instance->get_func<void(uint32_t)>("start");
  REQUIRE(start.has_value());
  CHECK((*start)(0).has_value());
  auto trapped = (*start)(1);
  REQUIRE_FALSE(trapped.has_value());
  const Trap& trap = trapped.error();
  CHECK(trap.component == Path{"logging"});
  CHECK(trap.called_export == "demo:log/logger@1.0.0#log");
  CHECK(trap.to_string() == "component `logging`: export `demo:log/logger@1.0.0#log`: unreachable");
  REQUIRE(trap.frames.size() == 3);
  CHECK(trap.frames[0].component == Path{"logging"});
  CHECK(trap.frames[0].called_export.empty());
  CHECK(trap.frames[1].called_export == "demo:log/logger@1.0.0#log");
  CHECK(trap.frames[2].component == Path{"around", "program"});
  CHECK(trap.frames[2].called_export == "go");
}

TEST_CASE("api: a trap in the caller is the caller's, and so is one that a later call meets") {
  auto component = load_text(nested);
  if (!component) return;
  Linker linker(engine());
  Store store(engine());
  auto instance = linker.instantiate(store, *component);
  REQUIRE(instance.has_value());
  auto start = instance->get_func<void(uint32_t)>("start");
  auto trapped = (*start)(2);
  REQUIRE_FALSE(trapped.has_value());
  CHECK(trapped.error().component == Path{"around", "program"});
  CHECK(trapped.error().called_export == "go");
  auto again = (*start)(0);
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().code == TrapCode::cannot_enter_component);
  CHECK(again.error().context == "component `around` > `program`: export `go`");
}

// The same code twice: its module alone does not say which of the two it was.
TEST_CASE("api: of two instances of a component, a trap names the right one") {
  auto component = load_text(R"((component
    (component $c
      (core module $m (func (export "f") (unreachable)))
      (core instance $i (instantiate $m))
      (func (export "f") (canon lift (core func $i "f"))))
    (instance $one (instantiate $c))
    (instance $two (instantiate $c))
    (component $caller (import "f" (func $f))
      (core func $g (canon lower (func $f)))
      (core module $m (import "" "g" (func $g)) (func (export "f") (call $g)))
      (core instance $i (instantiate $m (with "" (instance (export "g" (func $g))))))
      (func (export "run") (canon lift (core func $i "f"))))
    (instance $via (instantiate $caller (with "f" (func $two "f"))))
    (export "direct" (func $one "f"))
    (export "adapted" (func $via "run"))))");
  if (!component) return;
  Linker linker(engine());
  auto trap_of = [&](const char* name) {
    Store store(engine());
    auto instance = linker.instantiate(store, *component);
    REQUIRE(instance.has_value());
    auto trapped = (*instance->get_func<void()>(name))();
    REQUIRE_FALSE(trapped.has_value());
    return std::move(trapped).error();
  };
  CHECK(trap_of("direct").context == "component `one`: export `f`");
  Trap adapted = trap_of("adapted");
  CHECK(adapted.context == "component `two`: export `f`");
  REQUIRE(adapted.frames.size() == 2);
  CHECK(adapted.frames[1].component == Path{"via"});
  CHECK(adapted.frames[1].called_export == "run");
}

TEST_CASE("api: a start function that traps is placed, too") {
  auto component = load_text(R"((component
    (component $c (core module $m (func $s (unreachable)) (start $s)) (core instance (instantiate $m)))
    (instance $broken (instantiate $c))))");
  if (!component) return;
  Linker linker(engine());
  Store store(engine());
  auto instance = linker.instantiate(store, *component);
  REQUIRE_FALSE(instance.has_value());
  REQUIRE(instance.error().trap());
  CHECK(instance.error().trap()->context == "component `broken`");
}

// The callee runs on a stack of its own: first called through an adapter, then through its
// callback.
TEST_CASE("api: a trap in an async task names the task's function") {
  auto component = load_text(R"((component
    (component $callee
      (core module $m
        (func (export "f") (param i32) (result i32)
          (if (local.get 0) (then (unreachable))) (i32.const 1))
        (func (export "again") (param i32 i32 i32) (result i32) (unreachable)))
      (core instance $i (instantiate $m))
      (func (export "f") async (param "now" bool)
        (canon lift (core func $i "f") async (callback (core func $i "again")))))
    (component $caller
      (import "f" (func $f async (param "now" bool)))
      (core func $f' (canon lower (func $f)))
      (core module $m (import "" "f" (func $f (param i32)))
        (func (export "g") (param i32) (call $f (local.get 0))))
      (core instance $i (instantiate $m (with "" (instance (export "f" (func $f'))))))
     
      (func (export "g") async (param "now" bool) (canon lift (core func $i "g") async)))
    (instance $serving (instantiate $callee))
    (instance $asking (instantiate $caller (with "f" (func $serving "f"))))
    (export "g" (func $asking "g"))))");
  if (!component) return;
  Linker linker(engine());
  for (const char* call : {"g(true)", "g(false)"}) {
    Store store(engine());
    auto instance = linker.instantiate(store, *component);
    REQUIRE(instance.has_value());
    auto called = instance->call_wave(call);
    REQUIRE(called.has_value());
    REQUIRE_FALSE(called->has_value());
    CHECK(called->error().component == Path{"serving"});
    CHECK(called->error().called_export == "f");
    REQUIRE_FALSE(called->error().frames.empty());
    CHECK(called->error().frames[0].called_export == "f");
  }
}

TEST_CASE("api: everything that does not link is said at once") {
  auto component = load_text(R"((component
    (import "demo:a/x@0.3.0" (instance (export "f" (func))))
    (import "demo:a/y@1.2.0" (instance (export "get-vale" (func)) (export "set" (func (param "v" u32)))))
    (import "demo:a/zz@1.0.0" (instance (export "f" (func))))
    (import "echo" (func)))
  )");
  if (!component) return;
  Linker linker(engine());
  linker.instance("demo:a/x@0.2.0").func("f", [] {});
  linker.instance("demo:a/x@0.4.1").func("f", [] {});
  linker.instance("demo:a/y@1.0.0").func("get-value", [] {}).func("set", [](std::string_view) {});
  linker.instance("demo:a/zzz@1.0.0").func("f", [] {});
  linker.func("ehco", [] {});
  CHECK(link_error(linker, *component) ==
        "5 imports of the component find nothing that fits; if it is not going to be called, make "
        "unknown imports trap (`-W unknown-imports-trap`)\n"
        "  `demo:a/x@0.3.0`, which nothing defines; there is 0.2.0, 0.4.1, and only 0.3.x fits\n"
        "  function `demo:a/y@1.2.0#get-vale`, but `demo:a/y@1.0.0`, which is older than the 1.2.0 "
        "it "
        "was built for, has none; there is `get-value`\n"
        "  import `demo:a/y@1.2.0#set`: parameter 1 (`v`): the component has u32, the host has "
        "string; "
        "what there is of it is `demo:a/y@1.0.0`\n"
        "  `demo:a/zz@1.0.0`, which nothing defines; there is `demo:a/zzz`\n"
        "  function `echo`, which nothing defines; there is `ehco`");
}

TEST_CASE("api: who wants a newer WASI is told so, with the component that does") {
  auto component = load_text(R"((component
    (import "wasi:clocks/wall-clock@0.3.0" (instance $c (export "now" (func (result u64)))))
    (component $timer
      (import "c" (instance $c (export "now" (func (result u64)))))
      (core func $now (canon lower (func $c "now")))
      (core module $main (import "c" "now" (func (result i64))))
      (core instance (instantiate $main (with "c" (instance (export "now" (func $now)))))))
    (instance $clock (instantiate $timer (with "c" (instance $c))))))");
  if (!component) return;
  Linker linker(engine());
  linker.instance("wasi:clocks/wall-clock@0.2.6").func("now", [] { return uint64_t{1}; });
  CHECK(
      link_error(linker, *component) ==
      "the component imports `wasi:clocks/wall-clock@0.3.0` (for core module `main` of component "
      "`clock`), which nothing defines; there is 0.2.6, and only 0.3.x fits; it was built for a "
      "newer WASI than 0.2.6, the newest there is: build it for that; or, if it is not going to be "
      "called, make unknown imports trap (`-W unknown-imports-trap`)");
}

struct Number {
  uint32_t value;
};

constexpr std::string_view leaking = R"((component
  (import "demo:host/things" (instance $h
    (export "thing" (type $thing (sub resource)))
    (export "make" (func (result (own $thing))))))
  (component $maker
    (type $r (resource (rep i32)))
    (core func $new (canon resource.new $r))
    (core module $m (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 7))))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (func $make (result (own $r)) (canon lift (core func $i "make")))
    (component $shim (import "entry" (type $e (sub resource)))
      (import "make" (func $make (result (own $e))))
      (export $x "entry" (type $e))
      (export "make" (func $make) (func (result (own $x)))))
    (instance $entries (instantiate $shim (with "entry" (type $r)) (with "make" (func $make))))
    (export "demo:make/entries" (instance $entries)))
  (component $user
    (import "host" (instance $h
      (export "thing" (type $thing (sub resource)))
      (export "make" (func (result (own $thing))))))
    (import "maker" (instance $m
      (export "entry" (type $entry (sub resource)))
      (export "make" (func (result (own $entry))))))
    (alias export $m "entry" (type $entry))
    (core func $make (canon lower (func $m "make")))
    (core func $make-thing (canon lower (func $h "make")))
    (core func $drop (canon resource.drop $entry))
    (core module $m
      (import "" "make" (func $make (result i32)))
      (import "" "make-thing" (func $make-thing (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "leak") (drop (call $make)) (drop (call $make)) (drop (call $make-thing)))
      (func (export "tidy") (call $drop (call $make))))
    (core instance $i (instantiate $m (with "" (instance
      (export "make" (func $make)) (export "make-thing" (func $make-thing))
      (export "drop" (func $drop))))))
    (func (export "leak") (canon lift (core func $i "leak")))
    (func (export "tidy") (canon lift (core func $i "tidy"))))
  (instance $making (instantiate $maker))
  (instance $using (instantiate $user (with "host" (instance $h))
    (with "maker" (instance $making "demo:make/entries"))))
  (export "leak" (func $using "leak"))
  (export "tidy" (func $using "tidy"))))";

TEST_CASE("api: handles that are still alive are counted by type, maker and holder") {
  auto component = load_text(leaking);
  if (!component) return;
  Linker linker(engine());
  linker.instance("demo:host/things").resource<Number>("thing").func("make", [] {
    return make_own<Number>(Number{1});
  });
  Store store(engine());
  auto instance = linker.instantiate(store, *component);
  REQUIRE(instance.has_value());
  CHECK((*instance->get_func<void()>("tidy"))().has_value());
  CHECK(store.live_handles().empty());
  CHECK((*instance->get_func<void()>("leak"))().has_value());
  std::vector<LiveHandles> alive = store.live_handles();
  REQUIRE(alive.size() == 2);
  CHECK(alive[0].type == "demo:host/things#thing");
  CHECK(alive[0].creator == "the host");
  CHECK(alive[0].count == 1);
  CHECK(alive[1].type == "demo:make/entries#entry");
  CHECK(alive[1].creator == "component `making`");
  CHECK(alive[1].holder == "component `using`");
  CHECK(alive[1].count == 2);
  CHECK_FALSE(alive[1].is_borrowed);
}

}  // namespace
}  // namespace tenon
