#include <thread>

#include "component/text/parse_component.h"
#include "tenon/instance.h"
#include "tenon/linker.h"

// Last: it takes the name CHECK over.
#include "api/test_components.h"

// Host functions that complete later, as guests see them.
namespace tenon {
namespace {

// All of these call `slow`, unless they say another.
//   gather(n)     starts n calls with 1 to n, and waits for all of them: the sum of the results
//   call(n)       calls it and waits
//   block(n)      the same, in a function that is not async
//   leave(n)      starts one that nobody waits for
//   flood(n)      starts one after the other
//   drop()        starts one, and drops the subtask
//   fail()        starts one, and traps
//   cancel(n)     starts one and cancels it: the state
//   ask(n)        the same, without waiting in `cancel`: the state, plus 100 when it had to wait
//   text(s)       starts `text`, and waits: its result
//   many(a)       starts `many` with a and constants: the sum of both results
//   joined(a)     starts `joined` with a for the one and the other case: whether it has returned 7,
//                 and left alone what is around its result
//   wild(p)       starts one whose result goes to p, and waits
//   plain(n)      calls `plain`, in a function that is not async
//   lend()        starts `look` with a resource, and drops that before it is complete
constexpr std::string_view guest = R"((component
  (import "thing" (type $thing (sub resource)))
  (import "make" (func $make (result (own $thing))))
  (import "look" (func $look async (param "it" (borrow $thing)) (result u32)))
  (import "slow" (func $slow async (param "n" u32) (result u32)))
  (import "text" (func $text async (param "s" string) (result string)))
  (import "many" (func $many async (param "a" u8) (param "b" s64) (param "c" string) (param "d" f32)
    (param "e" (option u16)) (param "f" bool) (result (tuple u32 u64))))
  (import "joined" (func $joined async (param "a" (result f32 (error s64)))
    (param "b" (result f32 (error s64))) (param "c" u8) (result u8)))
  (import "plain" (func $plain (param "n" u32) (result u32)))
  (core module $libc
    (memory (export "mem") 1)
    (global $next (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "mem" (core memory $mem))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $make (canon lower (func $make)))
  (core func $drop-thing (canon resource.drop $thing))
  (core func $look (canon lower (func $look) async (memory $mem)))
  (core func $slow (canon lower (func $slow) async (memory $mem)))
  (core func $slow-sync (canon lower (func $slow)))
  (core func $text (canon lower (func $text) async (memory $mem) (realloc $realloc)))
  (core func $many (canon lower (func $many) async (memory $mem)))
  (core func $joined (canon lower (func $joined) async (memory $mem)))
  (core func $plain (canon lower (func $plain)))
  (core func $new (canon waitable-set.new))
  (core func $join (canon waitable.join))
  (core func $wait (canon waitable-set.wait (memory $mem)))
  (core func $drop-set (canon waitable-set.drop))
  (core func $cancel (canon subtask.cancel))
  (core func $ask (canon subtask.cancel async))
  (core func $drop (canon subtask.drop))
  (core module $m
    (import "" "mem" (memory 1))
    (import "" "make" (func $make (result i32)))
    (import "" "drop-thing" (func $drop-thing (param i32)))
    (import "" "look" (func $look (param i32 i32) (result i32)))
    (import "" "slow" (func $slow (param i32 i32) (result i32)))
    (import "" "slow-sync" (func $slow-sync (param i32) (result i32)))
    (import "" "text" (func $text (param i32 i32 i32) (result i32)))
    (import "" "many" (func $many (param i32 i32) (result i32)))
    (import "" "joined" (func $joined (param i32 i32) (result i32)))
    (import "" "plain" (func $plain (param i32) (result i32)))
    (import "" "new" (func $new (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "wait" (func $wait (param i32 i32) (result i32)))
    (import "" "drop-set" (func $drop-set (param i32)))
    (import "" "cancel" (func $cancel (param i32) (result i32)))
    (import "" "ask" (func $ask (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    ;; The subtask of a call that has been started.
    (func $started (param $status i32) (result i32)
      (if (i32.ne (i32.and (local.get $status) (i32.const 15)) (i32.const 1)) (then unreachable))
      (i32.shr_u (local.get $status) (i32.const 4)))
    ;; The state that the subtask ends with; 0 when it is not the one that ends first.
    (func $state (param $task i32) (result i32) (local $set i32)
      (local.set $set (call $new))
      (call $join (local.get $task) (local.get $set))
      (if (i32.ne (call $wait (local.get $set) (i32.const 8)) (i32.const 1)) (then unreachable))
      (call $join (local.get $task) (i32.const 0))
      (call $drop-set (local.get $set))
      (call $drop (local.get $task))
      (i32.load (i32.const 12)))
    ;; Waits unless the call has returned at once.
    (func $finish (param $status i32)
      (if (i32.ne (local.get $status) (i32.const 2))
        (then (if (i32.ne (call $state (call $started (local.get $status))) (i32.const 2))
          (then unreachable)))))
    (func (export "gather") (param $n i32) (result i32)
      (local $i i32) (local $set i32) (local $sum i32) (local $status i32)
      (local.set $set (call $new))
      (loop $next
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (call $join
          (call $started (call $slow (local.get $i) (i32.shl (i32.add (local.get $i) (i32.const 1024)) (i32.const 2))))
          (local.get $set))
        (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
      (loop $next
        (if (i32.ne (call $wait (local.get $set) (i32.const 8)) (i32.const 1)) (then unreachable))
        (if (i32.ne (i32.load (i32.const 12)) (i32.const 2)) (then unreachable))
        (call $drop (i32.load (i32.const 8)))
        (local.set $sum (i32.add (local.get $sum) (i32.load (i32.shl (i32.add (local.get $i) (i32.const 1024)) (i32.const 2)))))
        (local.set $i (i32.sub (local.get $i) (i32.const 1)))
        (br_if $next (local.get $i)))
      (call $drop-set (local.get $set))
      (local.get $sum))
    (func (export "call") (param i32) (result i32) (call $slow-sync (local.get 0)))
    (func (export "leave") (param i32) (drop (call $slow (local.get 0) (i32.const 16))))
    (func (export "flood") (param i32)
      (loop $more (drop (call $slow (local.get 0) (i32.const 16))) (br $more)))
    (func (export "drop") (call $drop (call $started (call $slow (i32.const 0) (i32.const 16)))))
    (func (export "fail") (drop (call $slow (i32.const 0) (i32.const 16))) unreachable)
    (func (export "cancel") (param i32) (result i32) (local $task i32) (local $state i32)
      (local.set $task (call $started (call $slow (local.get 0) (i32.const 16))))
      (local.set $state (call $cancel (local.get $task)))
      (call $drop (local.get $task))
      (local.get $state))
    (func (export "ask") (param i32) (result i32) (local $task i32) (local $state i32)
      (local.set $task (call $started (call $slow (local.get 0) (i32.const 16))))
      (local.set $state (call $ask (local.get $task)))
      (if (result i32) (i32.eq (local.get $state) (i32.const -1))
        (then (i32.add (i32.const 100) (call $state (local.get $task))))
        (else (call $drop (local.get $task)) (local.get $state))))
    (func (export "text") (param i32 i32) (result i32)
      (call $finish (call $text (local.get 0) (local.get 1) (i32.const 16)))
      (i32.const 16))
    (func (export "many") (param i32) (result i64)
      (i32.store8 (i32.const 64) (local.get 0))
      (i64.store (i32.const 72) (i64.const -5))
      (i32.store (i32.const 80) (i32.const 128)) (i32.store (i32.const 84) (i32.const 3))
      (f32.store (i32.const 88) (f32.const 0.5))
      (i32.store8 (i32.const 92) (i32.const 1)) (i32.store16 (i32.const 94) (i32.const 7))
      (i32.store8 (i32.const 96) (i32.const 1))
      (i32.store (i32.const 128) (i32.const 0x636261))
      (call $finish (call $many (i32.const 64) (i32.const 32)))
      (i64.add (i64.load32_u (i32.const 32)) (i64.load (i32.const 40))))
    (func (export "joined") (param i32) (result i32)
      (i32.store8 (i32.const 64) (i32.const 0)) (f32.store (i32.const 72) (f32.const 1.5))
      (i32.store8 (i32.const 80) (i32.const 1)) (i64.store (i32.const 88) (i64.const -2))
      (i32.store8 (i32.const 96) (local.get 0))
      (i32.store (i32.const 20) (i32.const 0x11223344))
      (call $finish (call $joined (i32.const 64) (i32.const 21)))
      (i32.eq (i32.load (i32.const 20)) (i32.const 0x11220744)))
    (func (export "wild") (param i32) (call $finish (call $slow (i32.const 1) (local.get 0))))
    (func (export "plain") (param i32) (result i32) (call $plain (local.get 0)))
    (func (export "lend") (local $thing i32)
      (local.set $thing (call $make))
      (drop (call $started (call $look (local.get $thing) (i32.const 16))))
      (call $drop-thing (local.get $thing)))
    (func (export "look") (result i32) (local $thing i32)
      (local.set $thing (call $make))
      (call $finish (call $look (local.get $thing) (i32.const 16)))
      (call $drop-thing (local.get $thing))
      (i32.load (i32.const 16))))
  (core instance $m (instantiate $m (with "" (instance
    (export "mem" (memory $mem)) (export "make" (func $make)) (export "drop-thing" (func $drop-thing))
    (export "look" (func $look)) (export "slow" (func $slow)) (export "slow-sync" (func $slow-sync))
    (export "text" (func $text)) (export "many" (func $many)) (export "plain" (func $plain))
    (export "joined" (func $joined)) (export "new" (func $new)) (export "join" (func $join)) (export "wait" (func $wait))
    (export "drop-set" (func $drop-set)) (export "cancel" (func $cancel)) (export "ask" (func $ask))
    (export "drop" (func $drop))))))
  (func (export "gather") async (param "n" u32) (result u32) (canon lift (core func $m "gather")))
  (func (export "call") async (param "n" u32) (result u32) (canon lift (core func $m "call")))
  (func (export "block") (param "n" u32) (result u32) (canon lift (core func $m "call")))
  (func (export "leave") async (param "n" u32) (canon lift (core func $m "leave")))
  (func (export "flood") async (param "n" u32) (canon lift (core func $m "flood")))
  (func (export "drop") async (canon lift (core func $m "drop")))
  (func (export "fail") async (canon lift (core func $m "fail")))
  (func (export "cancel") async (param "n" u32) (result u32) (canon lift (core func $m "cancel")))
  (func (export "ask") async (param "n" u32) (result u32) (canon lift (core func $m "ask")))
  (func (export "text") async (param "s" string) (result string)
    (canon lift (core func $m "text") (memory $mem) (realloc $realloc)))
  (func (export "many") async (param "a" u32) (result u64) (canon lift (core func $m "many")))
  (func (export "joined") async (param "a" u32) (result bool) (canon lift (core func $m "joined")))
  (func (export "wild") async (param "p" u32) (canon lift (core func $m "wild")))
  (func (export "plain") (param "n" u32) (result u32) (canon lift (core func $m "plain")))
  (func (export "lend") async (canon lift (core func $m "lend")))
  (func (export "look") async (result u32) (canon lift (core func $m "look")))))";

struct Thing {};

// A store with an instance of the guest, and a host that keeps the calls of `slow`.
struct World {
  std::optional<Component> component = load(component::text::parse({"x.wat", guest}).value());
  std::vector<Completer<uint32_t>> calls;
  std::vector<uint32_t> asked;  // the parameters of the calls
  std::vector<Completer<std::string>> texts;
  std::vector<Completer<uint8_t>> bytes;
  std::optional<Store> store;
  std::optional<Instance> instance;

  World() {
    if (component) start();
  }

  void start() {
    Linker linker(engine());
    linker.resource<Thing>("thing");
    linker.func("make", [] { return make_own<Thing>(); });
    linker.func("look", [this](Borrow<Thing>) { return later(0); });
    linker.func("slow", [this](uint32_t n) { return later(n); });
    linker.func("text", [this](std::string_view text) -> Completion<std::string> {
      if (text == "now") return "at once";
      return complete_later<std::string>(
          [&](Completer<std::string> completer) { texts.push_back(std::move(completer)); });
    });
    linker.func("many", [](uint8_t a, int64_t b, std::string_view c, float d,
                           std::optional<uint16_t> e, bool f) {
      CHECK(b == -5);
      CHECK(c == "abc");
      CHECK(d == 0.5F);
      CHECK(e == 7);
      CHECK(f);
      return std::tuple<uint32_t, uint64_t>(a, 1000);
    });
    using Joined = std::expected<float, int64_t>;
    linker.func("joined", [this](Joined a, Joined b, uint8_t c) -> Completion<uint8_t> {
      CHECK(a == 1.5F);
      CHECK(b == Joined(std::unexpected(-2)));
      if (c == 7) return c;
      return complete_later<uint8_t>(
          [&](Completer<uint8_t> completer) { bytes.push_back(std::move(completer)); });
    });
    linker.func("plain", [this](uint32_t n) { return later(n); });
    store.emplace(engine());
    auto made = linker.instantiate(*store, *component);
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().to_string()));
    instance = *made;
  }

  Completion<uint32_t> later(uint32_t n) {
    return complete_later<uint32_t>([&](Completer<uint32_t> completer) {
      asked.push_back(n);
      calls.push_back(std::move(completer));
    });
  }

  std::string call(std::string_view text) {
    auto called = instance->call_wave(text);
    if (!called) return called.error().to_string();
    return *called ? **called : called->error().to_string();
  }

  // Waiting completes the call that came last with ten times its parameter.
  void complete_backwards() {
    store->on_wait([this] {
      if (calls.empty()) return false;
      calls.back().complete(10 * asked[calls.size() - 1]);
      calls.pop_back();
      return true;
    });
  }
};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST_CASE("several calls of a host function are under way, and complete in any order") {
  World world;
  if (!world.component) return;
  world.complete_backwards();
  CHECK(world.call("gather(1)") == "10");
  world.asked.clear();
  CHECK(world.call("gather(4)") == "100");
  world.asked.clear();
  CHECK(world.call("gather(500)") == "1252500");
}

TEST_CASE("a synchronous call waits where it may") {
  World world;
  if (!world.component) return;
  world.complete_backwards();
  CHECK(world.call("call(7)") == "70");
  world.asked.clear();
  CHECK(world.call("plain(8)") == "80");
  world.asked.clear();
  CHECK(has(world.call("block(9)"), "cannot block a synchronous task before returning"));
  REQUIRE(world.calls.size() == 1);
  CHECK_FALSE(world.calls.back().is_wanted());
}

TEST_CASE("another thread completes calls while the store's sleeps") {
  World world;
  if (!world.component) return;
  std::vector<std::thread> threads;
  Linker linker(engine());
  linker.trap_on_unknown_imports();
  auto in_thread = [&](uint32_t n) {
    return complete_later<uint32_t>([&](Completer<uint32_t> completer) {
      threads.emplace_back(
          [n, completer = std::move(completer)]() mutable { completer.complete(n + 1); });
    });
  };
  linker.func("slow", in_thread);
  linker.func("plain", in_thread);
  Store store(engine());
  auto instance = linker.instantiate(store, *world.component);
  REQUIRE_MESSAGE(instance.has_value(), (instance ? "" : instance.error().to_string()));
  for (int i = 0; i < 20; i++) {
    // A call that is complete at once is none that `gather` expects.
    for (const auto* text : {"call(41)", "plain(41)"}) {
      auto called = instance->call_wave(text);
      REQUIRE((called && *called));
      CHECK(**called == "42");
    }
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("strings and parameters in memory, at once and later") {
  World world;
  if (!world.component) return;
  world.store->on_wait([&] {
    world.texts.back().complete(std::string(3000, 'x') + "!");
    return true;
  });
  CHECK(world.call("text(\"now\")") == "\"at once\"");
  std::string later = world.call("text(\"later\")");
  CHECK(later.size() == 3003);
  CHECK(has(later, "xx!\""));
  CHECK(world.call("many(5)") == "1005");
}

TEST_CASE("what is flat for others is in memory for an async caller") {
  World world;
  if (!world.component) return;
  world.store->on_wait([&] { return world.bytes.back().complete(7); });
  CHECK(world.call("joined(7)") == "true");
  CHECK(world.call("joined(8)") == "true");
}

TEST_CASE("where the result goes is looked at when there is one") {
  World world;
  if (!world.component) return;
  auto wild = [&](const char* text) {
    world.start();
    world.store->on_wait([&] { return world.calls.back().complete(1); });
    return world.call(text);
  };
  CHECK(wild("wild(16)") == "()");
  CHECK(has(wild("wild(18)"), "unaligned pointer"));
  CHECK(has(wild("wild(65532)"), "()"));
  CHECK(has(wild("wild(65536)"), "pointer to results out of bounds of memory"));
  CHECK(has(wild("wild(4294967292)"), "pointer to results out of bounds of memory"));
}

TEST_CASE("a call that nobody will complete is a deadlock, or a trap that says so") {
  World world;
  if (!world.component) return;
  world.store->on_wait([] { return false; });
  CHECK(has(world.call("call(1)"), "deadlock detected: event loop cannot make further progress"));
  CHECK(has(world.call("plain(1)"), "deadlock detected: the host will not complete the call"));
  world.start();
  world.calls.clear();
  world.store->on_wait([&] {
    world.calls.clear();
    return true;
  });
  CHECK(has(world.call("gather(1)"), "the host dropped its call of `slow` without completing it"));
  CHECK(has(world.call("gather(1)"), "cannot enter component instance"));
  world.start();
  world.store->on_wait([&] { return world.calls.back().trap(Trap::host("no such file")); });
  std::string failed = world.call("call(1)");
  CHECK_MESSAGE(failed == "export `call`: no such file", failed);
}

TEST_CASE("a guest cancels a call, and the host says how that ends") {
  World world;
  if (!world.component) return;
  SUBCASE("at once, when nobody hears") {
    CHECK(world.call("cancel(1)") == "4");
    CHECK_FALSE(world.calls[0].is_wanted());
    CHECK_FALSE(world.calls[0].complete(1));
    CHECK(world.call("ask(1)") == "4");
  }
  SUBCASE("by completing it while it is asked") {
    Completer<uint32_t>* asked = nullptr;
    Linker linker(engine());
    linker.trap_on_unknown_imports();
    std::vector<Completer<uint32_t>> calls;
    linker.func("slow", [&](uint32_t n) {
      return complete_later<uint32_t>([&](Completer<uint32_t> completer) {
        calls.clear();
        calls.push_back(std::move(completer));
        CHECK_FALSE(calls[0].cancel());
        calls[0].on_cancel([&, n] {
          asked = &calls[0];
          CHECK(asked->is_cancel_requested());
          if (n == 1) CHECK(asked->complete(5));
          if (n == 2) CHECK(asked->cancel());
          if (n < 3) CHECK_FALSE(asked->complete(6));
        });
      });
    });
    Store store(engine());
    auto instance = linker.instantiate(store, *world.component);
    REQUIRE(instance);
    CHECK(*instance->call_wave("ask(1)").value() == "2");
    CHECK(*instance->call_wave("ask(2)").value() == "4");
    CHECK(*instance->call_wave("cancel(1)").value() == "2");
    store.on_wait([&] { return calls[0].cancel(); });
    CHECK(*instance->call_wave("ask(3)").value() == "104");
    CHECK(*instance->call_wave("cancel(3)").value() == "4");
    store.on_wait([&] { return calls[0].complete(1); });
    CHECK(*instance->call_wave("ask(3)").value() == "102");
    CHECK(*instance->call_wave("cancel(3)").value() == "2");
  }
}

TEST_CASE("what a guest lends stays lent until the call is complete") {
  World world;
  if (!world.component) return;
  world.complete_backwards();
  CHECK(world.call("look()") == "0");
  CHECK(has(world.call("lend()"), "cannot remove owned resource while borrowed"));
}

TEST_CASE("a subtask is not dropped before it has resolved") {
  World world;
  if (!world.component) return;
  CHECK(has(world.call("drop()"), "cannot drop a subtask which has not yet resolved"));
}

TEST_CASE("a completer works once, and not for a guest or a store that has gone") {
  World world;
  if (!world.component) return;
  CHECK(world.call("leave(1)") == "()");
  CHECK(world.call("leave(2)") == "()");
  REQUIRE(world.calls.size() == 2);
  CHECK(world.calls[0].complete(1));
  CHECK_FALSE(world.calls[0].complete(1));
  CHECK_FALSE(world.calls[0].trap(Trap::host("too late")));
  CHECK(has(world.call("fail()"), "unreachable"));
  // The guest is dead, but nobody has looked yet: this completes a call, to no avail.
  CHECK(world.calls[1].complete(2));
  CHECK(has(world.call("call(1)"), "cannot enter component instance"));
  CHECK(world.calls[2].is_wanted());
  world.instance.reset();
  world.store.reset();
  CHECK_FALSE(world.calls[2].is_wanted());
  CHECK_FALSE(world.calls[2].complete(3));
  CHECK_FALSE(world.calls[2].is_cancel_requested());
}

TEST_CASE("there is a limit to the calls that are under way") {
  World world;
  if (!world.component) return;
  CHECK(has(world.call("flood(1)"), "more than 1000000 tasks, threads, streams and the like"));
  CHECK(world.calls.size() <= 500'001);
}

TEST_CASE("a store that goes lets go of what its calls hold, also those that wait on a stack") {
  World world;
  if (!world.component) return;
  auto token = std::make_shared<int>();
  for (const char* text : {"leave(1)", "call(1)", "gather(3)"}) {
    world.start();
    world.store->on_wait([] { return false; });
    world.call(text);
    for (auto& call : world.calls) call.on_cancel([token] {});
    CHECK(token.use_count() == 1 + static_cast<long>(world.calls.size()));
    world.instance.reset();
    world.store.reset();
    CHECK(token.use_count() == 1);
    for (auto& call : world.calls) CHECK_FALSE(call.complete(1));
    world.calls.clear();
  }
}

TEST_CASE("a call that a function never hands over is nobody's") {
  std::optional<Completer<uint32_t>> kept;
  {
    auto completion =
        complete_later<uint32_t>([&](Completer<uint32_t> it) { kept = std::move(it); });
    CHECK(kept->is_wanted());
  }
  CHECK_FALSE(kept->complete(1));
}

TEST_CASE("calls go on while the host calls, and are delivered by the next call") {
  World world;
  if (!world.component) return;
  for (int i = 0; i < 100; i++) CHECK(world.call("leave(3)") == "()");
  for (auto& call : world.calls) CHECK(call.complete(1));
  CHECK(world.call("cancel(1)") == "4");
}

}  // namespace
}  // namespace tenon
