#include "canon/stream.h"

#include <optional>

#include "canon/async_handles.h"
#include "canon/fake_guest.h"

#include <doctest/doctest.h>

namespace tenon::canon {
namespace {

// Two guests, and a stream or future whose ends they have.
struct Pair {
  component::ComponentTypes types;
  ValueTypes values{types, {}};
  FakeGuest writer;
  FakeGuest reader;
  RunQueue queue;
  ObjectPool pool{16};
  std::shared_ptr<SharedCopy> shared = std::make_shared<SharedCopy>();
  CopyEnd* readable = nullptr;
  CopyEnd* writable = nullptr;

  explicit Pair(std::optional<component::ValType> type, bool is_future = false) {
    Payload payload = Payload::of(values, type);
    shared->is_future = is_future;
    readable =
        pool.make<CopyEnd>(is_future ? ObjectKind::readable_future : ObjectKind::readable_stream,
                           queue, shared, payload);
    writable =
        pool.make<CopyEnd>(is_future ? ObjectKind::writable_future : ObjectKind::writable_stream,
                           queue, shared, payload);
  }
  void write(uint32_t pointer, uint32_t length) {
    CHECK_FALSE(writable->start(writer.options, pointer, length));
  }
  void read(uint32_t pointer, uint32_t length) {
    CHECK_FALSE(readable->start(reader.options, pointer, length));
  }
};

uint32_t packed(CopyResult result, uint32_t count) {
  return static_cast<uint32_t>(result) | count << 4;
}

}  // namespace

TEST_CASE("a copy happens when the second end arrives, as far as both buffers go") {
  Pair it(component::Primitive::u32);
  for (uint8_t i = 0; i < 16; i++) it.writer.bytes[64 + i] = i;
  it.write(64, 4);
  CHECK_FALSE(it.writable->has_pending_event());
  it.read(128, 3);
  CHECK(it.readable->take_event().payload == packed(CopyResult::completed, 3));
  CHECK(it.reader.bytes[128 + 11] == 11);
  // The rest goes with what was copied before, until the writer looks.
  it.read(0, 3);
  CHECK(it.readable->take_event().payload == packed(CopyResult::completed, 1));
  CHECK(it.reader.bytes[3] == 15);
  CHECK(it.writable->take_event().payload == packed(CopyResult::completed, 4));
  CHECK(it.writable->state == CopyEnd::State::idle);
}

TEST_CASE("what was copied is told when a copy is cancelled or the other end goes") {
  Pair it(component::Primitive::u8);
  it.write(0, 8);
  it.read(0, 3);
  (void)it.readable->take_event();
  it.writable->cancel();
  CHECK(it.writable->take_event().payload == packed(CopyResult::cancelled, 3));
  it.write(0, 8);
  it.read(0, 2);
  (void)it.readable->take_event();
  it.readable->drop();
  CHECK(it.writable->take_event().payload == packed(CopyResult::dropped, 2));
  CHECK(it.writable->state == CopyEnd::State::done);
}

TEST_CASE("buffers without room meet") {
  Pair it(std::nullopt);
  it.read(0, 0);
  it.write(0, 0);
  CHECK(it.writable->take_event().payload == packed(CopyResult::completed, 0));
  CHECK_FALSE(it.readable->has_pending_event());
  it.write(0, 5);
  CHECK(it.readable->take_event().payload == packed(CopyResult::completed, 0));
  CHECK_FALSE(it.writable->has_pending_event());
}

TEST_CASE("strings are lowered into the reader's memory, in its encoding") {
  Pair it(component::Primitive::string, true);
  it.reader.options.string_encoding = abi::StringEncoding::utf16;
  const uint32_t pair[] = {64, 2};
  std::memcpy(it.writer.bytes.data(), pair, sizeof pair);
  std::memcpy(it.writer.bytes.data() + 64, "hi", 2);
  it.read(0, 1);
  it.write(0, 1);
  CHECK(it.readable->take_event().payload == 0);
  CHECK(it.readable->state == CopyEnd::State::done);
  uint32_t lowered[2];
  std::memcpy(lowered, it.reader.bytes.data(), sizeof lowered);
  CHECK(lowered[1] == 2);
  CHECK(it.reader.bytes[lowered[0]] == 'h');
  CHECK(it.reader.bytes[lowered[0] + 2] == 'i');
}

TEST_CASE("a list's pointer and length are stored when its elements are") {
  Pair it(std::nullopt, true);
  auto list = it.types.add(component::ListType{component::Primitive::u32});
  REQUIRE(list);
  it.readable->payload = it.writable->payload = Payload::of(it.values, component::ValType(*list));
  const uint32_t written[] = {64, 1};
  std::memcpy(it.writer.bytes.data(), written, sizeof written);
  it.writer.bytes[64] = 7;
  // The elements are to lie where the length does.
  it.reader.hook = [](uint64_t, uint64_t, uint32_t, uint64_t) -> CallResult<uint64_t> { return 4; };
  it.read(0, 1);
  it.write(0, 1);
  uint32_t stored[2];
  std::memcpy(stored, it.reader.bytes.data(), sizeof stored);
  CHECK(stored[0] == 4);
  CHECK(stored[1] == 1);
}

TEST_CASE("one instance's ends exchange numbers alone") {
  Pair it(component::Primitive::char_, true);
  it.reader.options.instance = it.writer.options.instance;
  it.read(0, 1);
  auto trap = it.writable->start(it.writer.options, 0, 1);
  REQUIRE(trap);
  CHECK(trap->message.starts_with("cannot read from and write to intra-component future"));
}

TEST_CASE("buffers are checked against the memory") {
  Pair it(component::Primitive::u64);
  CHECK(check_buffer(it.readable->payload, it.writer.options, 8, 1).empty());
  CHECK(check_buffer(it.readable->payload, it.writer.options, 4, 1) == "unaligned pointer");
  CHECK_FALSE(check_buffer(it.readable->payload, it.writer.options, 1 << 16, 1).empty());
  CHECK_FALSE(check_buffer(it.readable->payload, it.writer.options, 0, 1 << 28).empty());
  CHECK(check_buffer(it.readable->payload, it.writer.options, 3, 0).empty());
}

TEST_CASE("an end moves between tables when nothing happens at it") {
  Pair it(component::Primitive::u8);
  auto move = [&](uint32_t handle) {
    return move_copy_end(it.writer.instance, handle, it.reader.instance,
                         ObjectKind::readable_stream, it.values, component::Primitive::u8);
  };
  uint32_t handle = *add_object(it.writer.instance, *it.readable);
  WaitableSet* set = it.pool.make<WaitableSet>(it.queue);
  it.readable->join(set);
  CHECK(move(handle).error() == "cannot lift stream while it's in a waitable set");
  it.readable->join(nullptr);
  it.read(0, 1);
  CHECK(move(handle).error() == "cannot lift busy stream");
  it.readable->cancel();
  (void)it.readable->take_event();
  auto moved = move(handle);
  REQUIRE(moved);
  CHECK(it.readable->index == *moved);
  CHECK(move(handle).error() == unknown_handle(handle));
}

TEST_CASE("a set hands out events in the order in which they came") {
  Pair first(component::Primitive::u8);
  WaitableSet* set = first.pool.make<WaitableSet>(first.queue);
  first.readable->index = 1;
  first.writable->index = 2;
  first.readable->join(set);
  first.writable->join(set);
  first.write(0, 1);
  CHECK_FALSE(set->has_pending_event());
  first.read(0, 1);
  CHECK(set->take_event().index == 2);
  CHECK(set->take_event().index == 1);
  CHECK_FALSE(set->has_pending_event());
  CHECK_FALSE(set->is_empty());
}

TEST_CASE("objects are counted") {
  RunQueue queue;
  ObjectPool pool(2);
  auto* first = pool.make<WaitableSet>(queue);
  CHECK(pool.make<WaitableSet>(queue));
  CHECK(pool.make<WaitableSet>(queue) == nullptr);
  pool.destroy(first);
  CHECK(pool.make<WaitableSet>(queue));
}

}  // namespace tenon::canon
