#include "host/real/machine.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>

#include "os/file.h"

namespace tenon::host::real {
namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    read_end = os::FileDescriptor(ends[0]);
    write_end = os::FileDescriptor(ends[1]);
  }
  os::FileDescriptor read_end;
  os::FileDescriptor write_end;
};

TEST_CASE("the monotonic clock starts near 0 and goes on") {
  Time time = system_time();
  uint64_t first = time.clock->monotonic_now();
  CHECK(first < 1'000'000'000);
  CHECK(time.clock->monotonic_now() >= first);
  CHECK(time.clock->monotonic_resolution() > 0);
  CHECK(time.clock->wall_now().seconds > 1'600'000'000);
}

TEST_CASE("a deadline ends a wait, and one in the past at once") {
  Time time = system_time();
  uint64_t start = time.clock->monotonic_now();
  Wait soon = Wait::until(start + 2'000'000);
  CHECK((*time.poller->wait({&soon, 1}))[0].ready);
  CHECK(time.clock->monotonic_now() >= start + 2'000'000);
  Wait past = Wait::until(0);
  CHECK((*time.poller->wait({&past, 1}))[0].ready);
  Wait never = Wait::until(UINT64_MAX);
  CHECK_FALSE((*time.poller->look({&never, 1}))[0].ready);
}

TEST_CASE("files are waited for, each as often as it is named") {
  Time time = system_time();
  Pipe pipe;
  int fd = pipe.read_end.get();
  std::array<Wait, 3> waits = {Wait::readable(fd), Wait::until(time.clock->monotonic_now()),
                               Wait::readable(fd)};
  std::vector<WaitResult> results = *time.poller->wait(waits);
  CHECK_FALSE(results[0].ready);
  CHECK(results[1].ready);
  uint8_t byte = 1;
  os::WriteBuffer buffer(&byte, 1);
  REQUIRE(os::write(pipe.write_end.get(), {&buffer, 1}).has_value());
  waits[1] = Wait::until(UINT64_MAX);
  results = *time.poller->wait(waits);
  CHECK(results[0].ready);
  CHECK_FALSE(results[1].ready);
  CHECK(results[2].ready);
  pipe.write_end = os::FileDescriptor();
  uint8_t got = 0;
  os::ReadBuffer to(&got, 1);
  REQUIRE(os::read(fd, {&to, 1}).has_value());
  results = *time.poller->wait({waits.data(), 1});
  CHECK(results[0].ready);
  CHECK(results[0].hangup);
}

TEST_CASE("more waits than there may be open files") {
  Time time = system_time();
  Pipe pipe;
  std::vector<Wait> waits(200'000, Wait::writable(pipe.write_end.get()));
  std::vector<WaitResult> results = *time.poller->wait(waits);
  CHECK(results.back().ready);
}

TEST_CASE("random bytes differ") {
  auto random = system_random();
  std::array<uint8_t, 32> a = {};
  std::array<uint8_t, 32> b = {};
  REQUIRE(random->fill(a).has_value());
  REQUIRE(random->fill(b).has_value());
  CHECK(a != b);
}

}  // namespace
}  // namespace tenon::host::real
