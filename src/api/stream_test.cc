#include "tenon/stream.h"

#include <numeric>

#include "component/text/parse_component.h"
#include "tenon/instance.h"
#include "tenon/linker.h"

// Last: it takes the name CHECK over.
#include "api/test_components.h"

// Streams and futures between the host and guests.
namespace tenon {
namespace {

//   sum(s)        reads bytes until the stream ends: their sum
//   count(n)      gives a stream, and writes the bytes 0 to n-1 to it, all at once
//   drip(n)       the same, one byte after the other
//   echo(s)       gives the stream back
//   hold(s)       keeps it
//   spoil(s)      traps with the stream in its table
//   peek(s)       begins to read, cancels that, and drops it: what the cancellation returned
//   take-some(s)  reads four bytes at most, and drops it: how many there were
//   join(s)       all strings of a stream, one after the other
//   words()       a stream of "one" and "two"
//   bad()         a stream of a string that is not UTF-8
//   ticks(s)      how many items without a value there are
//   tick(n)       gives n items without a value
//   add(f, g)     the sum of two futures' values
//   soon(n)       gives a future, and writes n to it
//   never()       gives a future, and traps without writing it
//   pull()        the sum of what `source` gives
//   push(n)       gives `sink` a stream, and writes n bytes to it
//   inner(s)      reads a stream from a stream: the sum of its bytes
//   wrong(s)      reads bytes as if they were strings
constexpr std::string_view guest = R"((component
  (type $bytes (stream u8))
  (type $strings (stream string))
  (type $units (stream))
  (type $number (future u32))
  (type $streams (stream $bytes))
  (import "source" (func $source async (result $bytes)))
  (import "sink" (func $sink async (param "s" $bytes)))
  (core module $libc
    (memory (export "mem") 2)
    (global $next (mut i32) (i32.const 16384))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "mem" (core memory $mem))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $source (canon lower (func $source)))
  (core func $sink (canon lower (func $sink)))
  (core func $new (canon stream.new $bytes))
  (core func $read (canon stream.read $bytes (memory $mem)))
  (core func $begin (canon stream.read $bytes async (memory $mem)))
  (core func $cancel (canon stream.cancel-read $bytes))
  (core func $write (canon stream.write $bytes (memory $mem)))
  (core func $drop-r (canon stream.drop-readable $bytes))
  (core func $drop-w (canon stream.drop-writable $bytes))
  (core func $new-s (canon stream.new $strings))
  (core func $read-s (canon stream.read $strings (memory $mem) (realloc $realloc)))
  (core func $write-s (canon stream.write $strings (memory $mem)))
  (core func $drop-rs (canon stream.drop-readable $strings))
  (core func $drop-ws (canon stream.drop-writable $strings))
  (core func $new-u (canon stream.new $units))
  (core func $read-u (canon stream.read $units (memory $mem)))
  (core func $write-u (canon stream.write $units (memory $mem)))
  (core func $drop-ru (canon stream.drop-readable $units))
  (core func $drop-wu (canon stream.drop-writable $units))
  (core func $new-f (canon future.new $number))
  (core func $read-f (canon future.read $number (memory $mem)))
  (core func $write-f (canon future.write $number (memory $mem)))
  (core func $drop-rf (canon future.drop-readable $number))
  (core func $drop-wf (canon future.drop-writable $number))
  (core func $read-ss (canon stream.read $streams (memory $mem)))
  (core func $drop-rss (canon stream.drop-readable $streams))
  (core func $return-b (canon task.return (result $bytes)))
  (core func $return-s (canon task.return (result $strings)))
  (core func $return-u (canon task.return (result $units)))
  (core func $return-f (canon task.return (result $number)))
  (core module $m
    (import "" "mem" (memory 1))
    (import "" "source" (func $source (result i32)))
    (import "" "sink" (func $sink (param i32)))
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "begin" (func $begin (param i32 i32 i32) (result i32)))
    (import "" "cancel" (func $cancel (param i32) (result i32)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "drop-r" (func $drop-r (param i32)))
    (import "" "drop-w" (func $drop-w (param i32)))
    (import "" "new-s" (func $new-s (result i64)))
    (import "" "read-s" (func $read-s (param i32 i32 i32) (result i32)))
    (import "" "write-s" (func $write-s (param i32 i32 i32) (result i32)))
    (import "" "drop-rs" (func $drop-rs (param i32)))
    (import "" "drop-ws" (func $drop-ws (param i32)))
    (import "" "new-u" (func $new-u (result i64)))
    (import "" "read-u" (func $read-u (param i32 i32 i32) (result i32)))
    (import "" "write-u" (func $write-u (param i32 i32 i32) (result i32)))
    (import "" "drop-ru" (func $drop-ru (param i32)))
    (import "" "drop-wu" (func $drop-wu (param i32)))
    (import "" "new-f" (func $new-f (result i64)))
    (import "" "read-f" (func $read-f (param i32 i32) (result i32)))
    (import "" "write-f" (func $write-f (param i32 i32) (result i32)))
    (import "" "drop-rf" (func $drop-rf (param i32)))
    (import "" "drop-wf" (func $drop-wf (param i32)))
    (import "" "read-ss" (func $read-ss (param i32 i32 i32) (result i32)))
    (import "" "drop-rss" (func $drop-rss (param i32)))
    (import "" "return-b" (func $return-b (param i32)))
    (import "" "return-s" (func $return-s (param i32)))
    (import "" "return-u" (func $return-u (param i32)))
    (import "" "return-f" (func $return-f (param i32)))
    (func $low (param i64) (result i32) (i32.wrap_i64 (local.get 0)))
    (func $high (param i64) (result i32) (i32.wrap_i64 (i64.shr_u (local.get 0) (i64.const 32))))
    (func $sum (export "sum") (param $s i32) (result i32)
      (local $status i32) (local $n i32) (local $sum i32)
      (loop $more
        (local.set $status (call $read (local.get $s) (i32.const 256) (i32.const 64)))
        (local.set $n (i32.shr_u (local.get $status) (i32.const 4)))
        (block $end (loop $next
          (br_if $end (i32.eqz (local.get $n)))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (local.set $sum (i32.add (local.get $sum) (i32.load8_u offset=256 (local.get $n))))
          (br $next)))
        (br_if $more (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
      (call $drop-r (local.get $s))
      (local.get $sum))
    (func $fill (param $w i32) (param $n i32) (param $step i32) (local $i i32) (local $status i32)
      (block $end (loop $next
        (br_if $end (i32.ge_u (local.get $i) (local.get $n)))
        (i32.store8 offset=1024 (local.get $i) (local.get $i))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
      (local.set $i (i32.const 0))
      (block $end (loop $next
        (br_if $end (i32.ge_u (local.get $i) (local.get $n)))
        (local.set $status (call $write (local.get $w) (i32.add (i32.const 1024) (local.get $i))
          (select (local.get $step) (i32.sub (local.get $n) (local.get $i)) (local.get $step))))
        (local.set $i (i32.add (local.get $i) (i32.shr_u (local.get $status) (i32.const 4))))
        (br_if $next (i32.eqz (i32.and (local.get $status) (i32.const 15))))))
      (call $drop-w (local.get $w)))
    (func (export "count") (param $n i32) (local $ends i64)
      (local.set $ends (call $new))
      (call $return-b (call $low (local.get $ends)))
      (call $fill (call $high (local.get $ends)) (local.get $n) (i32.const 0)))
    (func (export "drip") (param $n i32) (local $ends i64)
      (local.set $ends (call $new))
      (call $return-b (call $low (local.get $ends)))
      (call $fill (call $high (local.get $ends)) (local.get $n) (i32.const 1)))
    (func (export "echo") (param i32) (result i32) (local.get 0))
    (func (export "hold") (param i32))
    (func (export "spoil") (param i32) unreachable)
    (func (export "peek") (param $s i32) (result i32) (local $status i32)
      (local.set $status (call $begin (local.get $s) (i32.const 256) (i32.const 4)))
      (if (i32.eq (local.get $status) (i32.const -1))
        (then (local.set $status (call $cancel (local.get $s)))))
      (call $drop-r (local.get $s))
      (local.get $status))
    (func (export "take-some") (param $s i32) (result i32) (local $status i32)
      (local.set $status (call $read (local.get $s) (i32.const 256) (i32.const 4)))
      (call $drop-r (local.get $s))
      (i32.shr_u (local.get $status) (i32.const 4)))
    (func (export "join") (param $s i32) (result i32) (local $status i32) (local $length i32)
      (block $end (loop $more
        (local.set $status (call $read-s (local.get $s) (i32.const 512) (i32.const 1)))
        (br_if $end (i32.eqz (i32.shr_u (local.get $status) (i32.const 4))))
        (memory.copy (i32.add (i32.const 8192) (local.get $length)) (i32.load (i32.const 512))
          (i32.load (i32.const 516)))
        (local.set $length (i32.add (local.get $length) (i32.load (i32.const 516))))
        (br_if $more (i32.eqz (i32.and (local.get $status) (i32.const 15))))))
      (call $drop-rs (local.get $s))
      (i32.store (i32.const 520) (i32.const 8192))
      (i32.store (i32.const 524) (local.get $length))
      (i32.const 520))
    (func $say (param $ends i64) (param $n i32) (local $i i32) (local $status i32)
      (call $return-s (call $low (local.get $ends)))
      (block $end (loop $next
        (br_if $end (i32.ge_u (local.get $i) (local.get $n)))
        (local.set $status (call $write-s (call $high (local.get $ends))
          (i32.add (i32.const 2048) (i32.shl (local.get $i) (i32.const 3)))
          (i32.sub (local.get $n) (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.shr_u (local.get $status) (i32.const 4))))
        (br_if $next (i32.eqz (i32.and (local.get $status) (i32.const 15))))))
      (call $drop-ws (call $high (local.get $ends))))
    (func (export "words")
      (i32.store (i32.const 2048) (i32.const 2100)) (i32.store (i32.const 2052) (i32.const 3))
      (i32.store (i32.const 2056) (i32.const 2104)) (i32.store (i32.const 2060) (i32.const 3))
      (i32.store (i32.const 2100) (i32.const 0x656e6f)) (i32.store (i32.const 2104) (i32.const 0x6f7774))
      (call $say (call $new-s) (i32.const 2)))
    (func (export "bad")
      (i32.store (i32.const 2048) (i32.const 2100)) (i32.store (i32.const 2052) (i32.const 1))
      (i32.store (i32.const 2100) (i32.const 0xff))
      (call $say (call $new-s) (i32.const 1)))
    (func (export "ticks") (param $s i32) (result i32) (local $status i32) (local $n i32)
      (loop $more
        (local.set $status (call $read-u (local.get $s) (i32.const 0) (i32.const 100)))
        (local.set $n (i32.add (local.get $n) (i32.shr_u (local.get $status) (i32.const 4))))
        (br_if $more (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
      (call $drop-ru (local.get $s))
      (local.get $n))
    (func (export "tick") (param $n i32) (local $ends i64)
      (local.set $ends (call $new-u))
      (call $return-u (call $low (local.get $ends)))
      (drop (call $write-u (call $high (local.get $ends)) (i32.const 0) (local.get $n)))
      (call $drop-wu (call $high (local.get $ends))))
    (func (export "add") (param i32 i32) (result i32)
      (drop (call $read-f (local.get 0) (i32.const 256)))
      (drop (call $read-f (local.get 1) (i32.const 260)))
      (call $drop-rf (local.get 0))
      (call $drop-rf (local.get 1))
      (i32.add (i32.load (i32.const 256)) (i32.load (i32.const 260))))
    (func (export "soon") (param $n i32) (local $ends i64)
      (local.set $ends (call $new-f))
      (call $return-f (call $low (local.get $ends)))
      (i32.store offset=4096 (i32.shl (local.get $n) (i32.const 2)) (local.get $n))
      (drop (call $write-f (call $high (local.get $ends))
        (i32.add (i32.const 4096) (i32.shl (local.get $n) (i32.const 2)))))
      (call $drop-wf (call $high (local.get $ends))))
    (func (export "never") (local $ends i64)
      (local.set $ends (call $new-f))
      (call $return-f (call $low (local.get $ends)))
      unreachable)
    (func (export "pull") (result i32) (call $sum (call $source)))
    (func (export "push") (param $n i32) (local $ends i64)
      (local.set $ends (call $new))
      (call $sink (call $low (local.get $ends)))
      (call $fill (call $high (local.get $ends)) (local.get $n) (i32.const 0)))
    (func (export "inner") (param $s i32) (result i32)
      (drop (call $read-ss (local.get $s) (i32.const 512) (i32.const 1)))
      (call $drop-rss (local.get $s))
      (call $sum (i32.load (i32.const 512))))
    (func (export "wrong") (param $s i32)
      (drop (call $read-s (local.get $s) (i32.const 512) (i32.const 1)))))
  (core instance $m (instantiate $m (with "" (instance
    (export "mem" (memory $mem)) (export "source" (func $source)) (export "sink" (func $sink))
    (export "new" (func $new)) (export "read" (func $read)) (export "begin" (func $begin))
    (export "cancel" (func $cancel)) (export "write" (func $write)) (export "drop-r" (func $drop-r))
    (export "drop-w" (func $drop-w)) (export "new-s" (func $new-s)) (export "read-s" (func $read-s))
    (export "write-s" (func $write-s)) (export "drop-rs" (func $drop-rs))
    (export "drop-ws" (func $drop-ws)) (export "new-u" (func $new-u))
    (export "read-u" (func $read-u)) (export "write-u" (func $write-u))
    (export "drop-ru" (func $drop-ru)) (export "drop-wu" (func $drop-wu))
    (export "new-f" (func $new-f)) (export "read-f" (func $read-f))
    (export "write-f" (func $write-f)) (export "drop-rf" (func $drop-rf))
    (export "drop-wf" (func $drop-wf)) (export "read-ss" (func $read-ss))
    (export "drop-rss" (func $drop-rss)) (export "return-b" (func $return-b))
    (export "return-s" (func $return-s)) (export "return-u" (func $return-u))
    (export "return-f" (func $return-f))))))
  (func (export "sum") async (param "s" $bytes) (result u32) (canon lift (core func $m "sum")))
  (func (export "count") async (param "n" u32) (result $bytes) (canon lift (core func $m "count") async))
  (func (export "drip") async (param "n" u32) (result $bytes) (canon lift (core func $m "drip") async))
  (func (export "echo") async (param "s" $bytes) (result $bytes) (canon lift (core func $m "echo")))
  (func (export "hold") async (param "s" $bytes) (canon lift (core func $m "hold")))
  (func (export "spoil") async (param "s" $bytes) (canon lift (core func $m "spoil")))
  (func (export "peek") async (param "s" $bytes) (result u32) (canon lift (core func $m "peek")))
  (func (export "take-some") async (param "s" $bytes) (result u32)
    (canon lift (core func $m "take-some")))
  (func (export "join") async (param "s" $strings) (result string)
    (canon lift (core func $m "join") (memory $mem)))
  (func (export "words") async (result $strings) (canon lift (core func $m "words") async))
  (func (export "bad") async (result $strings) (canon lift (core func $m "bad") async))
  (func (export "ticks") async (param "s" $units) (result u32) (canon lift (core func $m "ticks")))
  (func (export "tick") async (param "n" u32) (result $units) (canon lift (core func $m "tick") async))
  (func (export "add") async (param "f" $number) (param "g" $number) (result u32)
    (canon lift (core func $m "add")))
  (func (export "soon") async (param "n" u32) (result $number) (canon lift (core func $m "soon") async))
  (func (export "never") async (result $number) (canon lift (core func $m "never") async))
  (func (export "pull") async (result u32) (canon lift (core func $m "pull")))
  (func (export "push") async (param "n" u32) (canon lift (core func $m "push")))
  (func (export "inner") async (param "s" $streams) (result u32) (canon lift (core func $m "inner")))
  (func (export "wrong") async (param "s" $bytes) (canon lift (core func $m "wrong")))))";

using Bytes8 = std::vector<uint8_t>;

Bytes8 bytes_to(size_t n) {
  Bytes8 bytes(n);
  std::iota(bytes.begin(), bytes.end(), uint8_t{0});
  return bytes;
}

// A store with an instance of the guest.
struct World {
  std::optional<Component> component = load(component::text::parse({"x.wat", guest}).value());
  Linker linker{engine()};
  std::function<Stream<uint8_t>(Store&)> source;
  std::vector<Stream<uint8_t>> sunk;
  std::optional<Store> store;
  std::optional<Instance> instance;

  World() {
    if (!component) return;
    linker.func("source", [this](Store& s) { return source ? source(s) : Stream<uint8_t>(); });
    linker.func("sink", [this](Stream<uint8_t> stream) { sunk.push_back(std::move(stream)); });
    store.emplace(engine());
    instance = start();
  }
  Instance start() {
    auto made = linker.instantiate(*store, *component);
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().to_string()));
    return *made;
  }
  template <typename Signature>
  TypedFunc<Signature> func(std::string_view name) {
    auto found = instance->get_func<Signature>(name);
    REQUIRE_MESSAGE(found.has_value(), (found ? "" : found.error().to_string()));
    return *found;
  }
  std::string call(std::string_view text) {
    auto called = instance->call_wave(text);
    if (!called) return called.error().to_string();
    return *called ? **called : called->error().to_string();
  }
  // All bytes, in reads of `step`.
  Bytes8 read_all(Stream<uint8_t>& stream, size_t step) {
    Bytes8 all;
    while (!stream.is_ended()) {
      auto some = stream.read(step);
      REQUIRE_MESSAGE(some.has_value(), (some ? "" : some.error().to_string()));
      CHECK(some->size() <= step);
      all.insert(all.end(), some->begin(), some->end());
    }
    return all;
  }
  uint64_t ends_of_host() const {
    uint64_t count = 0;
    for (const LiveHandles& live : store->live_handles()) {
      if (live.holder == "the host") count += live.count;
    }
    return count;
  }
};

template <typename T>
std::string text_of(const CallResult<T>& result) {
  return result ? "no trap" : result.error().to_string();
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("a guest reads a stream that the host has written before the call") {
  World world;
  if (!world.component) return;
  auto sum = world.func<uint32_t(Stream<uint8_t>)>("sum");
  CHECK(sum(stream_of(*world.store, Bytes8{1, 2, 3})).value() == 6);
  CHECK(sum(stream_of(*world.store, Bytes8{})).value() == 0);
  // More than the guest takes at once.
  CHECK(sum(stream_of(*world.store, Bytes8(1000, 1))).value() == 1000);
  CHECK(world.ends_of_host() == 0);
}

TEST_CASE("the host writes while the guest waits, a chunk when the last one was read") {
  World world;
  if (!world.component) return;
  auto [writer, stream] = make_stream<uint8_t>(*world.store);
  int chunks = 0;
  size_t told = 0;
  bool is_idle = true;
  world.store->on_wait([&] {
    if (!is_idle || chunks > 10) return false;
    if (++chunks > 10) {
      writer.close();
      return true;
    }
    is_idle = false;
    return writer.write(Bytes8(100, 1), [&](size_t written) {
      told += written;
      is_idle = true;
    });
  });
  CHECK(world.func<uint32_t(Stream<uint8_t>)>("sum")(std::move(stream)).value() == 1000);
  CHECK(told == 1000);
}

TEST_CASE("the host reads what a guest writes after its function has returned") {
  World world;
  if (!world.component) return;
  for (const char* name : {"count", "drip"}) {
    auto give = world.func<Stream<uint8_t>(uint32_t)>(name);
    for (size_t step : {size_t{1}, size_t{7}, size_t{1000}}) {
      auto stream = give(100);
      REQUIRE(stream);
      CHECK(world.read_all(*stream, step) == bytes_to(100));
      auto more = stream->read(1);
      CHECK((more && more->empty()));
    }
  }
  CHECK(world.ends_of_host() == 0);
}

TEST_CASE("reads and writes are told when the store runs") {
  World world;
  if (!world.component) return;
  auto stream = world.func<Stream<uint8_t>(uint32_t)>("count")(3);
  REQUIRE(stream);
  std::optional<Bytes8> got;
  CHECK(stream->read(10, [&](Bytes8 items) { got = std::move(items); }));
  CHECK_FALSE(stream->read(10, [](Bytes8) {}));
  CHECK(has(text_of(stream->read(1)), "busy with another copy"));
  CHECK_FALSE(got);
  REQUIRE(world.store->run_until([&] { return got.has_value(); }));
  CHECK(*got == bytes_to(3));
  CHECK(has(text_of(world.store->run_until([] { return false; })), "deadlock detected"));
}

TEST_CASE("strings are copied with the guest's realloc, which is its own affair") {
  World world;
  if (!world.component) return;
  auto join = world.func<std::string(Stream<std::string>)>("join");
  CHECK(join(stream_of(*world.store, std::vector<std::string>{"a", "bc", "", "def"})).value() ==
        "abcdef");
  auto words = world.func<Stream<std::string>()>("words")();
  REQUIRE(words);
  CHECK(words->read(5).value() == std::vector<std::string>{"one", "two"});
  CHECK(words->read(5).value().empty());
}

TEST_CASE("a guest waits for strings: its realloc runs when nobody else does") {
  World world;
  if (!world.component) return;
  auto [writer, stream] = make_stream<std::string>(*world.store);
  auto join = world.func<std::string(Stream<std::string>)>("join");
  size_t told = 0;
  SUBCASE("and gets them") {
    world.store->on_wait([&] {
      if (told == 2) writer.close();
      return !writer || writer.write({"ab", "cd"}, [&](size_t written) { told = written; });
    });
    CHECK(join(std::move(stream)).value() == "abcd");
    CHECK(told == 2);
  }
  SUBCASE("and has no room for them") {
    world.store->on_wait([&] {
      told = 5;
      return writer.write({std::string(1 << 20, 'x')}, [&](size_t written) { told = written; });
    });
    CHECK(has(text_of(join(std::move(stream))), "realloc"));
    REQUIRE(world.store->run_until([&] { return told == 0; }));
    CHECK(has(world.call("tick(1)"), "cannot enter"));
    CHECK(writer.write({"x"}).value() == 0);
  }
}

TEST_CASE("calls that return at once tell the host what has come, too") {
  World world;
  if (!world.component) return;
  auto stream = world.func<Stream<uint8_t>(uint32_t)>("count")(3);
  REQUIRE(stream);
  size_t read = 0;
  CHECK(stream->read(10, [&](Bytes8 items) { read = items.size(); }));
  CHECK(read == 0);
  REQUIRE(world.func<void(Stream<uint8_t>)>("hold")(stream_of(*world.store, Bytes8{1})));
  CHECK(read == 3);
}

TEST_CASE("a guest that writes what is no value traps, and the reader learns that it has gone") {
  World world;
  if (!world.component) return;
  auto bad = world.func<Stream<std::string>()>("bad")();
  REQUIRE(bad);
  CHECK(has(text_of(bad->read(5)), "utf-8"));
  CHECK(bad->read(5).value().empty());
  CHECK(has(world.call("tick(1)"), "cannot enter"));
}

TEST_CASE("items without a value are counted") {
  World world;
  if (!world.component) return;
  auto [writer, stream] = make_stream<void>(*world.store);
  CHECK(std::move(writer).finish(1234));
  CHECK(world.func<uint32_t(Stream<void>)>("ticks")(std::move(stream)).value() == 1234);
  auto ticks = world.func<Stream<void>(uint32_t)>("tick")(5);
  REQUIRE(ticks);
  CHECK(ticks->read(3).value() == 3);
  CHECK(ticks->read(3).value() == 2);
  CHECK(ticks->read(3).value() == 0);
}

TEST_CASE("host functions take and give streams") {
  World world;
  if (!world.component) return;
  world.source = [](Store& store) { return stream_of(store, Bytes8{4, 5}); };
  CHECK(world.call("pull()") == "9");
  size_t read = 0;
  world.store->on_wait(
      [&] { return world.sunk.at(0).read(4, [&](Bytes8 items) { read += items.size(); }); });
  CHECK(world.call("push(10)") == "()");
  CHECK(read >= 8);
  // An empty one is refused.
  world.source = nullptr;
  CHECK(has(world.call("pull()"), "a stream or future is empty"));
}

TEST_CASE("a stream goes back to where it came from, and to other guests, without the host") {
  World world;
  if (!world.component) return;
  auto echo = world.func<Stream<uint8_t>(Stream<uint8_t>)>("echo");
  SUBCASE("the guest's") {
    auto stream = world.func<Stream<uint8_t>(uint32_t)>("drip")(5);
    auto back = echo(std::move(*stream));
    REQUIRE(back);
    CHECK(world.func<uint32_t(Stream<uint8_t>)>("sum")(std::move(*back)).value() == 10);
  }
  SUBCASE("the host's") {
    auto back = echo(stream_of(*world.store, Bytes8{1, 2, 3}));
    REQUIRE(back);
    CHECK(world.read_all(*back, 2) == Bytes8{1, 2, 3});
  }
  SUBCASE("as values, to instances of this and of another component") {
    auto other = load(component::text::parse({"y.wat", guest}).value());
    auto same = world.start();
    auto another = world.linker.instantiate(*world.store, *other);
    REQUIRE(another);
    for (const Instance& to : {same, *another}) {
      auto made = world.instance->get_func("drip")->call(std::vector<Value>{uint32_t{6}});
      REQUIRE((made && *made));
      const Value& stream = (*made)->front();
      CHECK(std::string_view(stream.kind_name()) == "stream");
      auto sum = to.get_func("sum")->call(std::vector<Value>{stream});
      REQUIRE((sum && *sum));
      CHECK((*sum)->front() == Value(uint32_t{15}));
      auto again = to.get_func("sum")->call(std::vector<Value>{stream});
      REQUIRE_FALSE(again);
      CHECK(has(again.error().to_string(), "given away already"));
    }
  }
  CHECK(world.ends_of_host() == 0);
}

TEST_CASE("a value is a stream of its type alone") {
  World world;
  if (!world.component) return;
  auto made = world.instance->get_func("count")->call(std::vector<Value>{uint32_t{3}});
  REQUIRE((made && *made));
  Value value = (*made)->front();
  auto join = world.instance->get_func("join")->call(std::vector<Value>{value});
  REQUIRE_FALSE(join);
  CHECK(has(join.error().to_string(), "items of another type"));
  auto add = world.instance->get_func("add")->call(std::vector<Value>{value, value});
  CHECK(has(add.error().to_string(), "expected future<u32>, found stream"));
  CHECK_FALSE(Stream<uint16_t>::from(*value.get_if<StreamValue>()));
  Store stranger(engine());
  auto elsewhere = world.linker.instantiate(stranger, *world.component);
  auto refused = elsewhere->get_func("sum")->call(std::vector<Value>{value});
  REQUIRE_FALSE(refused);
  CHECK(has(refused.error().to_string(), "of another store"));
  auto stream = Stream<uint8_t>::from(*value.get_if<StreamValue>());
  REQUIRE(stream);
  CHECK(stream->read(10).value() == bytes_to(3));
  auto typed = elsewhere->get_func<uint32_t(Stream<uint8_t>)>("sum");
  CHECK(has(text_of((*typed)(stream_of(*world.store, Bytes8{1}))), "of another store"));
}

TEST_CASE("signatures with streams are checked when they are linked") {
  World world;
  if (!world.component) return;
  auto error = [&](auto found) { return found ? "" : found.error().to_string(); };
  CHECK(has(error(world.instance->get_func<uint32_t(Stream<uint16_t>)>("sum")),
            "the component has u8, the host has u16"));
  CHECK(has(error(world.instance->get_func<uint32_t(Stream<void>)>("sum")), "no value"));
  CHECK(has(error(world.instance->get_func<uint32_t(Future<uint8_t>)>("sum")),
            "the host has future<u8>"));
}

TEST_CASE("a guest drops, cancels and reads a part") {
  World world;
  if (!world.component) return;
  auto func = [&](const char* name) { return world.func<uint32_t(Stream<uint8_t>)>(name); };
  std::optional<size_t> told;
  auto writing = [&](size_t n) {
    auto pair = make_stream<uint8_t>(*world.store);
    told.reset();
    auto keep = std::make_shared<StreamWriter<uint8_t>>(std::move(pair.writer));
    keep->write(Bytes8(n, 1), [&told, keep](size_t written) { told = written; });
    return std::move(pair.stream);
  };
  CHECK(func("take-some")(writing(10)).value() == 4);
  REQUIRE(world.store->run_until([&] { return told.has_value(); }));
  CHECK(*told == 4);
  CHECK(func("peek")(writing(2)).value() == 2 << 4);
  // Nobody writes: the read is cancelled.
  auto [writer, stream] = make_stream<uint8_t>(*world.store);
  CHECK(func("peek")(std::move(stream)).value() == 2);
  CHECK_FALSE(writer.is_wanted());
  CHECK(writer.write(Bytes8{1}).value() == 0);
  CHECK_FALSE(world.func<void(Stream<uint8_t>)>("spoil")(writing(3)));
}

TEST_CASE("the host cancels") {
  World world;
  if (!world.component) return;
  auto [writer, stream] = make_stream<uint8_t>(*world.store);
  std::optional<size_t> read, written;
  CHECK(stream.read(5, [&](Bytes8 items) { read = items.size(); }));
  stream.cancel();
  stream.cancel();
  REQUIRE(world.store->run_until([&] { return read.has_value(); }));
  CHECK(*read == 0);
  CHECK_FALSE(stream.is_ended());
  CHECK(writer.write(Bytes8(3, 1), [&](size_t n) { written = n; }));
  CHECK(stream.read(2).value().size() == 2);
  writer.cancel();
  REQUIRE(world.store->run_until([&] { return written.has_value(); }));
  CHECK(*written == 2);
  CHECK(writer.write_from(Bytes8{}).has_value() == false);  // nobody reads
}

TEST_CASE("who waits for a guest that has trapped learns that it has gone") {
  World world;
  if (!world.component) return;
  auto [writer, stream] = make_stream<uint8_t>(*world.store);
  CHECK(has(text_of(world.func<void(Stream<uint8_t>)>("spoil")(std::move(stream))), "unreachable"));
  CHECK(writer.write(Bytes8{1, 2}).value() == 0);
}

TEST_CASE("ends that a guest holds on to, or the host, are told of") {
  World world;
  if (!world.component) return;
  auto [writer, stream] = make_stream<uint8_t>(*world.store);
  CHECK(world.ends_of_host() == 2);
  REQUIRE(world.func<void(Stream<uint8_t>)>("hold")(std::move(stream)));
  CHECK(world.ends_of_host() == 1);
  CHECK(has(text_of(writer.write(Bytes8{1})), "deadlock detected"));
  writer.close();
  CHECK(world.ends_of_host() == 0);
}

TEST_CASE("an end outlives its store") {
  World world;
  if (!world.component) return;
  auto token = std::make_shared<int>();
  auto [writer, stream] = make_stream<std::string>(*world.store);
  auto given = world.func<Stream<uint8_t>(uint32_t)>("count")(3);
  auto [future_writer, future] = make_future<uint32_t>(*world.store);
  CHECK(stream.read(1, [token](std::vector<std::string>) { FAIL("nobody is told"); }));
  CHECK(given->read(1, [token](Bytes8) { FAIL("nobody is told"); }));
  CHECK(std::move(make_stream<uint8_t>(*world.store).writer).finish(Bytes8{1}));
  world.instance.reset();
  world.store.reset();
  CHECK(token.use_count() == 1);
  CHECK_FALSE(stream);
  CHECK_FALSE(writer.is_wanted());
  CHECK_FALSE(writer.write({"x"}, [](size_t) {}));
  CHECK_FALSE(given->read(1, [](Bytes8) {}));
  CHECK_FALSE(given->read(1).has_value());
  CHECK_FALSE(future.read().has_value());
  CHECK_FALSE(future_writer.write(1));
}

TEST_CASE("a future is read and written once") {
  World world;
  if (!world.component) return;
  auto add = world.func<uint32_t(Future<uint32_t>, Future<uint32_t>)>("add");
  auto first = make_future<uint32_t>(*world.store);
  auto second = make_future<uint32_t>(*world.store);
  bool was_read = false;
  CHECK(first.writer.write(40, [&](bool it) { was_read = it; }));
  CHECK_FALSE(first.writer.write(41));
  world.store->on_wait([&] { return second.writer.write(2); });
  CHECK(add(std::move(first.future), std::move(second.future)).value() == 42);
  CHECK(was_read);
  auto soon = world.func<Future<uint32_t>(uint32_t)>("soon")(7);
  REQUIRE(soon);
  CHECK(soon->read().value() == 7);
  CHECK(has(text_of(soon->read()), "over"));
  soon->close();
  auto both = world.func<Future<uint32_t>(uint32_t)>("soon");
  CHECK(add(*both(3), *both(4)).value() == 7);
  CHECK(world.ends_of_host() == 0);
}

TEST_CASE("a future that nobody will write") {
  World world;
  if (!world.component) return;
  SUBCASE("by a guest") {
    auto never = world.instance->get_func<Future<uint32_t>()>("never");
    CHECK(has(text_of((*never)()), "unreachable"));
  }
  SUBCASE("by the host, before it is read") {
    auto pair = make_future<uint32_t>(*world.store);
    pair.writer = FutureWriter<uint32_t>();
    auto other = make_future<uint32_t>(*world.store);
    auto add = world.func<uint32_t(Future<uint32_t>, Future<uint32_t>)>("add");
    CHECK(has(text_of(add(std::move(pair.future), std::move(other.future))),
              "the host has dropped the future without writing to it"));
  }
  SUBCASE("by the host, while a guest waits") {
    auto pair = make_future<uint32_t>(*world.store);
    auto other = make_future<uint32_t>(*world.store);
    world.store->on_wait([&] {
      bool is_there = pair.writer.is_wanted();
      pair.writer = FutureWriter<uint32_t>();
      return is_there;
    });
    auto add = world.func<uint32_t(Future<uint32_t>, Future<uint32_t>)>("add");
    CHECK(has(text_of(add(std::move(pair.future), std::move(other.future))),
              "the host has dropped the future without writing to it"));
    CHECK(has(world.call("tick(1)"), "cannot enter"));
    CHECK(has(text_of(world.store->run_until([] { return false; })), "deadlock"));
  }
  SUBCASE("by the host, which reads it") {
    auto pair = make_future<uint32_t>(*world.store);
    pair.writer = FutureWriter<uint32_t>();
    CHECK(has(text_of(pair.future.read()), "nobody will write the future"));
  }
}

TEST_CASE("a stream of streams") {
  World world;
  if (!world.component) return;
  std::vector<Stream<uint8_t>> items;
  items.push_back(stream_of(*world.store, Bytes8{20, 22}));
  auto inner = world.func<uint32_t(Stream<Stream<uint8_t>>)>("inner");
  CHECK(inner(stream_of(*world.store, std::move(items))).value() == 42);
}

TEST_CASE("a guest that takes a stream for another one traps") {
  World world;
  if (!world.component) return;
  auto wrong = world.func<void(Stream<uint8_t>)>("wrong");
  CHECK(has(text_of(wrong(stream_of(*world.store, Bytes8{1}))), "with another payload"));
}

TEST_CASE("a host function does not wait for guests") {
  World world;
  if (!world.component) return;
  std::string why;
  world.source = [&](Store& store) {
    auto [writer, stream] = make_stream<uint8_t>(store);
    why = text_of(stream.read(1));
    // What is there at once is no wait.
    CHECK(writer.write(Bytes8{1}, [](size_t) {}));
    CHECK(stream.read(1).value() == Bytes8{1});
    writer.close();
    return std::move(stream);
  };
  CHECK(world.call("pull()") == "0");
  CHECK(has(why, "cannot wait"));
}

TEST_CASE("there is a limit to the ends of a store") {
  World world;
  if (!world.component) return;
  std::vector<StreamPair<uint8_t>> pairs;
  for (int i = 0; i < 500'001; i++) pairs.push_back(make_stream<uint8_t>(*world.store));
  CHECK(pairs[1000].stream);
  CHECK_FALSE(pairs.back().stream);
  CHECK_FALSE(pairs.back().writer.write(Bytes8{1}, [](size_t) {}));
}

}  // namespace tenon
