#include "tenon/abi/host_func.h"

#include <string>

#include "canon/fake_guest.h"
#include "canon/handles.h"

#include <doctest/doctest.h>

namespace {

struct Point {
  int32_t x = 0;
  int64_t max_y = 0;
  std::string name;
};
enum class Color : uint8_t { red, green, default_ };
struct Open {
  bool create = false;
  bool truncate = false;
};
struct Shape : std::variant<float, Point, std::monostate, double> {
  using variant::variant;
};
struct Counter {
  explicit Counter(int* destroyed) : destroyed_(destroyed) {}
  ~Counter() { ++*destroyed_; }
  int value = 0;
  int* destroyed_;
};

}  // namespace

TENON_RECORD(Point, x, max_y, name)
TENON_ENUM(Color, red, green, default_)
TENON_FLAGS(Open, create, truncate)
TENON_VARIANT(Shape, circle, square, nothing, other)

namespace tenon {
namespace {

using namespace abi;
using canon::FakeGuest;

static_assert(Type<Point>::layout == Layouts{{24, 8}, {32, 8}});
static_assert(Type<Point>::desc.members[1].name == "max-y");
static_assert(Type<Color>::desc.members[2].name == "default");
static_assert(Type<Shape>::layout == Layouts{{32, 8}, {40, 8}});
static_assert(Type<Shape>::flat.count == 5);
static_assert(Type<Shape>::flat.types[1] == CoreType::i64);  // float, i32 and double joined
static_assert(Type<std::optional<bool>>::layout == Layout{2, 1});
static_assert(Type<std::expected<void, std::string>>::layout == Layouts{{12, 4}, {24, 8}});
static_assert(!ComponentType<std::expected<int, Trap>>);
static_assert(Type<std::array<uint16_t, 3>>::layout == Layout{6, 2});
static_assert(Type<std::array<uint16_t, 3>>::flat.count == 3);
static_assert(Type<std::array<std::string, 40>>::flat.count == max_flat_values);
static_assert(PlainType<std::array<uint16_t, 3>> && !PlainType<std::array<bool, 3>>);

// A host function and the guest that calls it.
struct Harness {
  template <typename F>
  explicit Harness(F f, uint32_t memory = 1 << 16, StringEncoding encoding = StringEncoding::utf8)
      : guest(memory, encoding), function(make_host_function(std::move(f))) {
    import.options = guest.options;
    import.callable = function.callable.get();
    core = {&call, function.entry, &import};
  }
  uint64_t run() {
    guest.raised.reset();
    return enter(core, call);
  }
  std::string trap() { return guest.raised ? guest.raised->message : ""; }
  uint32_t put_text(std::string_view text) {
    uint32_t at = guest.next;
    std::copy(text.begin(), text.end(), guest.bytes.begin() + at);
    guest.next += static_cast<uint32_t>(text.size());
    return at;
  }
  template <typename T>
  T get(uint32_t at) {
    T value;
    std::memcpy(&value, guest.bytes.data() + at, sizeof value);
    return value;
  }
  template <typename T>
  void put(uint32_t at, T value) {
    std::memcpy(guest.bytes.data() + at, &value, sizeof value);
  }

  FakeGuest guest;
  HostFunction function;
  LoweredImport import;
  CoreCall call{};
  CoreHostFunc core{};
};

TEST_CASE("scalars pass in registers of their class") {
  Harness h([](uint32_t a, double b, int8_t c, float d, uint64_t e) -> double {
    return a + b + c + static_cast<double>(d) + static_cast<double>(e);
  });
  h.call.gpr[0] = 0xffffffff00000001;  // the upper half of an i32 is undefined
  h.call.gpr[1] = 0x1fe;               // -2 as s8, with bits above that are ignored
  h.call.gpr[2] = 1000;
  h.call.xmm[0][0] = std::bit_cast<uint64_t>(0.5);
  h.call.xmm[1][0] = std::bit_cast<uint32_t>(0.25f);
  CHECK(h.run() == 0);
  CHECK(std::bit_cast<double>(h.call.xmm[0][0]) == 1 + 0.5 - 2 + 0.25 + 1000);
}

TEST_CASE("values beyond the registers come through the argument block") {
  Harness h([](uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t g,
               uint64_t h8) -> uint64_t { return g * h8; });
  h.call.overflow[0][0] = 6;
  h.call.overflow[1][0] = 7;
  CHECK(h.run() == 0);
  CHECK(h.call.gpr[0] == 42);
}

TEST_CASE("lists of fixed length are flat, maps are lists") {
  Harness h([](std::array<int8_t, 2> pair, std::map<uint8_t, uint32_t> map) -> uint32_t {
    return static_cast<uint32_t>(pair[0] + pair[1]) + 10 * static_cast<uint32_t>(map.size()) +
           100 * map[7];
  });
  h.call.gpr[0] = 0xff;  // -1
  h.call.gpr[1] = 3;
  // Of two entries with one key, the last counts.
  for (uint32_t i = 0; i < 3; i++) {
    h.put<uint8_t>(1024 + 8 * i, i == 1 ? 9 : 7);
    h.put<uint32_t>(1028 + 8 * i, i);
  }
  h.call.gpr[2] = 1024;
  h.call.gpr[3] = 3;
  CHECK(h.run() == 0);
  CHECK(h.call.gpr[0] == 2 + 20 + 200);
}

TEST_CASE("more than 16 flat parameters come through memory") {
  using Many = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>;
  Harness h([](Many a, Many b, uint8_t last) -> uint32_t {
    return static_cast<uint32_t>(std::get<0>(a).size() + std::get<3>(b).size() + last);
  });
  uint32_t at = 1024;
  for (uint32_t i = 0; i < 8; i++) {
    h.put<uint32_t>(at + 8 * i, h.put_text("abc"));
    h.put<uint32_t>(at + 8 * i + 4, 3);
  }
  h.put<uint8_t>(at + 64, 100);
  h.call.gpr[0] = at;
  CHECK(h.run() == 0);
  CHECK(h.call.gpr[0] == 106);

  h.call.gpr[0] = at + 2;
  CHECK(h.run() == 1);
  CHECK(h.trap() == "unaligned pointer");
  h.call.gpr[0] = 65536 - 64;
  CHECK(h.run() == 1);
  CHECK(h.trap() == "pointer to parameters out of bounds of memory");
}

TEST_CASE("strings are views into the guest") {
  const char* seen = nullptr;
  Harness h([&](std::string_view text) -> std::string {
    seen = text.data();
    return "hello " + std::string(text);
  });
  h.call.gpr[0] = h.put_text("wörld");
  h.call.gpr[1] = 6;
  h.call.gpr[2] = 512;  // the result
  CHECK(h.run() == 0);
  CHECK(seen == reinterpret_cast<const char*>(h.guest.bytes.data()) + 16);
  uint32_t at = h.get<uint32_t>(512);
  CHECK(h.get<uint32_t>(516) == 12);
  CHECK(std::string(reinterpret_cast<char*>(h.guest.bytes.data()) + at, 12) == "hello wörld");
}

TEST_CASE("bad strings trap") {
  Harness h([](std::string_view) {});
  h.call.gpr[0] = 65530;
  h.call.gpr[1] = 7;
  CHECK(h.run() == 1);
  CHECK(h.trap() == "string pointer/length out of bounds of memory");
  h.call.gpr[1] = 0xffffffff;
  CHECK(h.run() == 1);
  CHECK(h.trap() == "string too long");
  h.call.gpr[0] = h.put_text("a\xff");
  h.call.gpr[1] = 2;
  CHECK(h.run() == 1);
  CHECK(h.trap() == "invalid utf-8");
  h.call.gpr[0] = h.put_text("a\xe2\x82");
  h.call.gpr[1] = 3;
  CHECK(h.run() == 1);
  CHECK(h.trap() == "incomplete utf-8 byte sequence");
}

TEST_CASE("a pointer above 2 GiB is unsigned") {
  Harness h([](std::string_view) {});
  h.call.gpr[0] = 0x80000010;
  h.call.gpr[1] = 1;
  CHECK(h.run() == 1);
  CHECK(h.trap() == "string pointer/length out of bounds of memory");
}

TEST_CASE("plain lists are views, others are copied") {
  Harness h([](std::span<const uint32_t> a, std::span<const std::string_view> b,
               std::vector<bool> c) -> uint32_t {
    uint32_t sum = 0;
    for (uint32_t n : a) sum += n;
    for (std::string_view s : b) sum += static_cast<uint32_t>(s.size());
    for (bool on : c) sum += on ? 1000 : 0;
    return sum;
  });
  h.put<uint32_t>(256, 5);
  h.put<uint32_t>(260, 6);
  h.put<uint32_t>(512, 16);
  h.put<uint32_t>(516, 100);
  h.put<uint8_t>(601, 7);
  const uint64_t args[] = {256, 2, 512, 1, 600, 3};
  std::copy(std::begin(args), std::end(args), h.call.gpr);
  CHECK(h.run() == 0);
  CHECK(h.call.gpr[0] == 1111);

  std::copy(std::begin(args), std::end(args), h.call.gpr);
  h.call.gpr[0] = 258;
  CHECK(h.run() == 1);
  CHECK(h.trap() == "unaligned pointer");
  std::copy(std::begin(args), std::end(args), h.call.gpr);
  h.call.gpr[1] = 0x40000001;  // times four wraps in 32 bits
  CHECK(h.run() == 1);
  CHECK(h.trap() == "list too long");
}

TEST_CASE("records, variants, options and flags in both directions") {
  Harness h([](Point p, Shape s, std::optional<Color> c,
               Open o) -> std::tuple<Shape, std::optional<Color>, Open> {
    if (auto* f = std::get_if<0>(&s)) p.max_y += static_cast<int64_t>(*f);
    p.name += "!";
    return {Shape(p), c, Open{o.truncate, o.create}};
  });
  // x, max-y, name; shape (5), option (2), flags
  const uint64_t ints[] = {5, 7, h.put_text("pt"), 2, 0, std::bit_cast<uint32_t>(3.0f)};
  std::copy(std::begin(ints), std::end(ints), h.call.gpr);
  const uint64_t rest[] = {0, 0, 0, 1, 2, 0xfffffffe, 2048};
  for (int i = 0; i < 7; i++) h.call.overflow[i][0] = rest[i];
  CHECK(h.run() == 0);
  CHECK(h.get<uint8_t>(2048) == 1);
  CHECK(h.get<int32_t>(2048 + 8) == 5);
  CHECK(h.get<int64_t>(2048 + 16) == 10);
  CHECK(h.get<uint32_t>(2048 + 28) == 3);
  CHECK(h.get<uint16_t>(2048 + 32) == 0x201);
  CHECK(h.get<uint8_t>(2048 + 34) == 1);
}

TEST_CASE("bad discriminants and chars trap") {
  Harness color([](Color) {});
  color.call.gpr[0] = 3;
  CHECK(color.run() == 1);
  CHECK(color.trap() == "invalid variant discriminant");
  Harness option([](std::optional<uint8_t>) {});
  option.call.gpr[0] = 2;
  CHECK(option.run() == 1);
  Harness shape([](Shape) {});
  shape.call.gpr[0] = 0xffffffff;
  CHECK(shape.run() == 1);
  Harness character([](char32_t) {});
  for (uint32_t bits : {0xd800u, 0xdfffu, 0x110000u, 0xffffffffu}) {
    character.call.gpr[0] = bits;
    CHECK(character.run() == 1);
    CHECK(character.trap() == "invalid `char` bit pattern");
  }
}

TEST_CASE("a result, a trap of the function, and void") {
  Harness h([](uint32_t n) -> CallResult<std::expected<uint32_t, Color>> {
    if (n == 0) return trap("no zero");
    if (n == 1) return err(Color::green);
    return n;
  });
  h.call.gpr[0] = 0;
  h.call.gpr[1] = 64;
  CHECK(h.run() == 1);
  CHECK(h.trap() == "no zero");
  h.call.gpr[0] = 1;
  h.call.gpr[1] = 64;
  CHECK(h.run() == 0);
  CHECK(h.get<uint8_t>(64) == 1);
  CHECK(h.get<uint8_t>(68) == 1);
  h.call.gpr[0] = 9;
  h.call.gpr[1] = 65536;
  CHECK(h.run() == 1);
  CHECK(h.trap() == "pointer to results out of bounds of memory");
  Harness exit([]() -> CallResult<void> { return std::unexpected(Trap::exit(3)); });
  CHECK(exit.run() == 1);
  CHECK(exit.guest.raised->exit_code == 3);
}

TEST_CASE("nothing may be called while an instance may not be left") {
  Harness h([] {});
  h.guest.instance.may_leave.value = 0;
  CHECK(h.run() == 1);
  CHECK(h.guest.raised->code == TrapCode::cannot_leave_component);
}

TEST_CASE("NaNs are canonical") {
  Harness h([](float f) -> float { return f; });
  h.call.xmm[0][0] = 0xffa00001;
  CHECK(h.run() == 0);
  CHECK(static_cast<uint32_t>(h.call.xmm[0][0]) == 0x7fc00000);
}

TEST_CASE("resources: a guest owns, lends, and gives back") {
  int destroyed = 0;
  Harness make([&]() -> Own<Counter> { return make_own<Counter>(&destroyed); });
  CHECK(make.run() == 0);
  uint32_t handle = static_cast<uint32_t>(make.call.gpr[0]);
  CHECK(handle == 1);

  auto share = [&](Harness& h) {
    h.import.options = make.guest.options;
    h.core.environment = &h.import;
  };
  auto run = [&](Harness& h) {
    make.guest.raised.reset();
    return h.run();
  };
  Harness bump([](Borrow<Counter> c) -> int32_t { return ++c->value; });
  share(bump);
  bump.call.gpr[0] = handle;
  CHECK(run(bump) == 0);
  CHECK(bump.call.gpr[0] == 1);
  // The lend ended with the call.
  CHECK(make.guest.instance.handles.get(handle)->num_lends == 0);

  Harness both([](Borrow<Counter>, Own<Counter>) {});
  share(both);
  both.call.gpr[0] = handle;
  both.call.gpr[1] = handle;
  CHECK(run(both) == 1);
  CHECK(make.trap() == "cannot remove owned resource while borrowed");
  CHECK(make.guest.instance.handles.get(handle)->num_lends == 0);

  Harness wrong([](Borrow<std::string>) {});
  share(wrong);
  wrong.call.gpr[0] = handle;
  CHECK(run(wrong) == 1);
  CHECK(make.trap() ==
        "handle index 1 used with the wrong type, expected host-defined resource but found a "
        "different host-defined "
        "resource");

  Harness take([](Own<Counter> c) { CHECK(c->value == 1); });
  share(take);
  take.call.gpr[0] = handle;
  CHECK(run(take) == 0);
  CHECK(destroyed == 1);
  take.call.gpr[0] = handle;
  CHECK(run(take) == 1);
  CHECK(make.trap() == "unknown handle index 1");
}

TEST_CASE("what a store still owns is destroyed with it") {
  int destroyed = 0;
  {
    Harness make([&]() -> Own<Counter> { return make_own<Counter>(&destroyed); });
    for (int i = 0; i < 3; i++) CHECK(make.run() == 0);
    make.guest.instance.handles.get(2);
  }
  CHECK(destroyed == 3);
}

TEST_CASE("a hostile realloc cannot do harm") {
  Harness h([]() -> std::tuple<std::string, std::vector<Point>> {
    return {"text", {Point{1, 2, "name"}, Point{}}};
  });
  auto run = [&](FakeGuest::Realloc hook) {
    h.guest.hook = std::move(hook);
    h.guest.instance.may_leave.value = 1;
    h.call.gpr[0] = 128;
    return h.run();
  };
  CHECK(run([](auto...) { return 0xfffffff8; }) == 1);
  CHECK(h.trap() == "realloc return: beyond end of memory");
  CHECK(run([&](uint32_t, uint32_t, uint32_t, uint32_t size) { return 65536 - size + 1; }) == 1);
  // In bounds, misaligned from the second call on.
  CHECK(run([&](auto...) { return h.guest.reallocs % 2 ? 4096 : 4097; }) == 1);
  CHECK(h.trap() == "realloc return: result not aligned");
  // Overlapping the result area and itself.
  CHECK(run([](auto...) { return 128; }) == 0);
  CHECK(run([](auto...) { return 0; }) == 0);
  CHECK(run([](auto...) -> CallResult<uint32_t> {
          return std::unexpected(Trap{TrapCode::unreachable, {}, 0, {}});
        }) == 1);
  CHECK(h.guest.raised->code == TrapCode::unreachable);
  // Growth moves nothing, but the length is read again.
  CHECK(run([&](uint32_t, uint32_t, uint32_t, uint32_t) {
          h.guest.memory.byte_length = 32768;
          return 32760;
        }) == 1);
}

TEST_CASE("64-bit memories: pointers and lengths have 64 bits, in registers and in memory") {
  Harness h([](std::string_view text, std::vector<std::string> list,
               std::optional<std::string_view> more) -> std::tuple<std::string, Shape> {
    std::string all(text);
    for (const std::string& item : list) all += item;
    return {all + std::string(*more), Shape(Point{-1, 7, "p"})};
  });
  h.import.options.pointer = CoreType::i64;
  h.call.gpr[0] = h.put_text("abc");
  h.call.gpr[1] = 3;
  for (uint32_t i = 0; i < 2; i++) {
    h.put<uint64_t>(1024 + 16 * i, h.put_text("de"));
    h.put<uint64_t>(1032 + 16 * i, 2);
  }
  h.call.gpr[2] = 1024;
  h.call.gpr[3] = 2;
  h.call.gpr[4] = 1;
  h.call.gpr[5] = h.put_text("f");
  h.call.overflow[0][0] = 1;
  h.call.overflow[1][0] = 2048;
  REQUIRE(h.run() == 0);
  CHECK(h.get<uint64_t>(2056) == 8);
  CHECK(std::memcmp(h.guest.bytes.data() + h.get<uint64_t>(2048), "abcdedef", 8) == 0);
  CHECK(h.get<uint8_t>(2064) == 1);
  CHECK(h.get<int32_t>(2072) == -1);
  CHECK(h.get<int64_t>(2080) == 7);
  CHECK(h.get<uint64_t>(2096) == 1);
  CHECK(h.guest.bytes[h.get<uint64_t>(2088)] == 'p');

  // One above what a 32-bit pointer could say, and what would wrap.
  for (uint64_t pointer : {uint64_t{1} << 32, UINT64_MAX, UINT64_MAX - 2, uint64_t{65536 - 2}}) {
    h.call.gpr[0] = pointer;
    h.call.gpr[1] = 3;
    CHECK(h.run() == 1);
    CHECK(h.trap() == "string pointer/length out of bounds of memory");
  }
  h.call.gpr[0] = 0;
  for (uint64_t length : {uint64_t{1} << 32, uint64_t{1} << 63, UINT64_MAX}) {
    h.call.gpr[1] = length;
    CHECK(h.run() == 1);
    CHECK(h.trap() == "string too long");
  }
  h.call.gpr[1] = 0;
  for (uint64_t length : {uint64_t{1} << 32, uint64_t{1} << 60, UINT64_MAX}) {
    h.call.gpr[3] = length;  // times 16 wraps
    CHECK(h.run() == 1);
    CHECK(h.trap() == "list too long");
  }
}

TEST_CASE("64-bit memories: parameters in memory, and the tag of a string") {
  using Four = std::tuple<std::string, std::string, std::string, std::string>;
  Harness h(
      [](Four a, Four b, uint8_t last) -> std::string {
        return std::get<0>(a) + std::get<3>(b) + std::to_string(last);
      },
      1 << 16, StringEncoding::latin1_utf16);
  h.import.options.pointer = CoreType::i64;
  uint64_t tag = uint64_t{1} << 63;
  uint32_t text = h.put_text(std::string_view("\xb1\x03", 2));  // U+03B1
  for (uint32_t i = 0; i < 8; i++) {
    h.put<uint64_t>(1024 + 16 * i, text);
    h.put<uint64_t>(1032 + 16 * i, i == 0 ? 1 | tag : 1);
  }
  h.put<uint8_t>(1152, 5);
  h.call.gpr[0] = 1024;
  h.call.gpr[1] = 2048;
  REQUIRE(h.run() == 0);
  CHECK(h.get<uint64_t>(2056) == (3 | tag));
  CHECK(h.get<uint16_t>(static_cast<uint32_t>(h.get<uint64_t>(2048))) == 0x3b1);
  // A tag of 32 bits is a length here.
  h.put<uint64_t>(1032, 1 | uint64_t{1} << 31);
  CHECK(h.run() == 1);
  CHECK(h.trap() == "string too long");
  for (uint64_t pointer : {uint64_t{1028}, uint64_t{1} << 32 | 1024, UINT64_MAX - 7}) {
    h.call.gpr[0] = pointer;
    CHECK(h.run() == 1);
  }
}

TEST_CASE("64-bit memories: a hostile realloc cannot do harm") {
  Harness h([]() -> std::string { return "text"; });
  h.import.options.pointer = CoreType::i64;
  h.call.gpr[0] = 128;
  for (uint64_t pointer : {UINT64_MAX, UINT64_MAX - 3, uint64_t{1} << 32 | 256, uint64_t{65533}}) {
    h.guest.hook = [&](auto...) { return pointer; };
    h.guest.instance.may_leave.value = 1;
    CHECK(h.run() == 1);
    CHECK(h.trap() == "realloc return: beyond end of memory");
  }
}

TEST_CASE("one call copies a bounded number of bytes") {
  Harness h([](std::string) {});
  h.guest.call_bytes = 100;
  h.call.gpr[0] = 0;
  h.call.gpr[1] = 100;
  CHECK(h.run() == 0);
  h.call.gpr[1] = 101;
  CHECK(h.run() == 1);
  CHECK(h.trap() == "a call copies more than 100 bytes out of the guest");
  // The elements of the host count, not those of the guest.
  Harness list([](std::vector<std::string>) {});
  list.guest.call_bytes = 100;
  list.call.gpr[1] = 4;
  CHECK(list.run() == 1);
}

TEST_CASE("strings of the host that are not UTF-8 trap") {
  Harness h([]() -> std::string { return "\xff"; });
  h.call.gpr[0] = 64;
  CHECK(h.run() == 1);
}

}  // namespace
}  // namespace tenon
