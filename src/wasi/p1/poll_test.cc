#include <doctest/doctest.h>
#include <unistd.h>

#include "host/real/machine.h"
#include "host/real/test_tree.h"
#include "wasi/p1/test_guest.h"

namespace tenon::wasi::p1 {
namespace {

struct Subscribe {
  uint64_t userdata;
  EventType type;
  uint32_t target;  // a clock or a descriptor
  uint64_t timeout = 0;
  uint16_t flags = 0;
};

struct Event {
  uint64_t userdata;
  Error error;
  EventType type;
  uint64_t bytes;
};

// What poll_oneoff answers.
std::vector<Event> poll(TestGuest& guest, const std::vector<Subscribe>& subscriptions) {
  uint32_t count = static_cast<uint32_t>(subscriptions.size());
  uint32_t in = guest.allocate(count * subscription_size);
  uint32_t out = guest.allocate(count * event_size);
  uint32_t at = in;
  for (const Subscribe& subscription : subscriptions) {
    guest.set(at, subscription.userdata);
    guest.set(at + 8, subscription.type);
    guest.set(at + 16, subscription.target);
    guest.set(at + 24, subscription.timeout);
    guest.set(at + 40, subscription.flags);
    at += subscription_size;
  }
  uint32_t count_at = guest.allocate(4);
  REQUIRE(guest.call(poll_oneoff, in, out, count, count_at) == Error::success);
  std::vector<Event> events;
  for (uint32_t i = 0; i < guest.get<uint32_t>(count_at); ++i) {
    uint32_t event = out + i * event_size;
    events.push_back(
        {guest.get<uint64_t>(event), static_cast<Error>(guest.get<uint16_t>(event + 8)),
         static_cast<EventType>(guest.get<uint8_t>(event + 10)), guest.get<uint64_t>(event + 16)});
  }
  return events;
}

TEST_CASE("clocks end a wait, the earliest first") {
  TestGuest guest;
  auto events = poll(guest, {{1, EventType::clock, 1, 500}, {2, EventType::clock, 1, 300}});
  REQUIRE(events.size() == 1);
  CHECK(events[0].userdata == 2);
  CHECK(events[0].error == Error::success);
  CHECK(guest.time->monotonic_now() == 300);
  events = poll(guest, {{3, EventType::clock, 1, 400, subclockflags_abstime}});
  CHECK(guest.time->monotonic_now() == 400);
  uint64_t wall = 1'600'000'000'000'000'000 + 900;
  events = poll(guest, {{4, EventType::clock, 0, wall, subclockflags_abstime}});
  CHECK(guest.time->monotonic_now() == 900);
  // In the past, and beyond the end of time.
  events = poll(guest, {{5, EventType::clock, 0, 1, subclockflags_abstime},
                        {6, EventType::clock, 1, UINT64_MAX}});
  REQUIRE(events.size() == 1);
  CHECK(events[0].userdata == 5);
}

TEST_CASE("files and streams are ready, with what there is to read") {
  TestGuest guest({}, "input");
  REQUIRE(guest.open("f", rights::fd_read | rights::fd_write, oflags::creat) == Error::success);
  REQUIRE(guest.write(guest.fd, "12345") == Error::success);
  uint32_t position = guest.allocate(8);
  REQUIRE(guest.call(fd_seek, guest.fd, 2, 0, position) == Error::success);
  auto events = poll(guest, {{1, EventType::fd_read, guest.fd},
                             {2, EventType::fd_write, guest.fd},
                             {3, EventType::fd_read, 0},
                             {4, EventType::fd_write, 1},
                             {5, EventType::clock, 1, 1'000}});
  REQUIRE(events.size() == 4);
  CHECK(events[0].bytes == 3);
  CHECK(events[3].userdata == 4);
  CHECK(guest.time->monotonic_now() == 0);
}

TEST_CASE("what cannot be waited for is an event of its own") {
  TestGuest guest;
  auto events = poll(guest, {{1, EventType::fd_read, 99},
                             {2, EventType::fd_write, 0},
                             {3, EventType::fd_read, 3},
                             {4, EventType::clock, 2, 5}});
  REQUIRE(events.size() == 4);
  CHECK(events[0].error == Error::badf);
  CHECK(events[1].error == Error::badf);
  CHECK(events[2].error == Error::badf);
  CHECK(events[3].error == Error::inval);
}

TEST_CASE("a poll of nothing, of too much, and of what is none") {
  TestGuest guest({.max_host_call_bytes = 96});
  uint32_t place = guest.allocate(1'024);
  CHECK(guest.call(poll_oneoff, place, place, 0, place) == Error::inval);
  CHECK(guest.call(poll_oneoff, place, place, 3, place) == Error::nomem);
  CHECK(guest.call(poll_oneoff, place, place, 0x10000000, place) == Error::fault);
  CHECK(guest.trap.has_value());
  guest.set(place + 8, uint8_t{3});
  CHECK(guest.call(poll_oneoff, place, place + 64, 1, place + 128) == Error::inval);
}

TEST_CASE("E30: a fifo is opened at once, and read when there is something") {
  host::real::TestTree tree;
  REQUIRE(::mkfifo(tree.path("pre/fifo").c_str(), 0600) == 0);
  World world;
  host::real::Time time = host::real::system_time();
  world.clock = std::move(time.clock);
  world.poller = std::move(time.poller);
  world.random = host::real::system_random();
  world.directories.push_back({tree.open(host::real::Resolver::kernel), "/", false});
  TestGuest guest({}, std::move(world));
  REQUIRE(guest.open("fifo", rights::fd_read, 0, 3, fdflags::nonblock) == Error::success);
  uint32_t reader = guest.fd;
  CHECK(guest.open("fifo", rights::fd_write) == Error::success);
  uint32_t writer = guest.fd;
  CHECK(guest.read(reader) == "error 6");
  auto events = poll(guest, {{1, EventType::fd_read, reader}, {2, EventType::clock, 1, 1'000'000}});
  REQUIRE(events.size() == 1);
  CHECK(events[0].userdata == 2);
  REQUIRE(guest.write(writer, "now") == Error::success);
  events = poll(guest, {{1, EventType::fd_read, reader}, {2, EventType::clock, 1, 60'000'000'000}});
  REQUIRE(events.size() == 1);
  CHECK(events[0].userdata == 1);
  CHECK(guest.read(reader) == "now");
  uint32_t position = guest.allocate(8);
  CHECK(guest.call(fd_seek, reader, 0, 0, position) == Error::spipe);
}

}  // namespace
}  // namespace tenon::wasi::p1
