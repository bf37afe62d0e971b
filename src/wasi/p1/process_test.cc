#include <doctest/doctest.h>

#include "wasi/p1/test_guest.h"

namespace tenon::wasi::p1 {
namespace {

TEST_CASE("arguments and environment are C strings behind each other") {
  TestGuest guest({.args = {"program", "", "two words"}, .env = {{"A", "1"}, {"EMPTY", ""}}});
  uint32_t count = guest.allocate(4);
  uint32_t bytes = guest.allocate(4);
  REQUIRE(guest.call(args_sizes_get, count, bytes) == Error::success);
  CHECK(guest.get<uint32_t>(count) == 3);
  CHECK(guest.get<uint32_t>(bytes) == 19);
  uint32_t pointers = guest.allocate(12);
  uint32_t buffer = guest.allocate(19);
  REQUIRE(guest.call(args_get, pointers, buffer) == Error::success);
  CHECK(guest.text(guest.get<uint32_t>(pointers), 8) == std::string("program\0", 8));
  CHECK(guest.text(guest.get<uint32_t>(pointers + 4), 1) == std::string("\0", 1));
  CHECK(guest.text(guest.get<uint32_t>(pointers + 8), 10) == std::string("two words\0", 10));

  REQUIRE(guest.call(environ_sizes_get, count, bytes) == Error::success);
  CHECK(guest.get<uint32_t>(count) == 2);
  REQUIRE(guest.call(environ_get, pointers, buffer) == Error::success);
  CHECK(guest.text(guest.get<uint32_t>(pointers), 4) == std::string("A=1\0", 4));
  CHECK(guest.text(guest.get<uint32_t>(pointers + 4), 7) == std::string("EMPTY=\0", 7));
}

TEST_CASE("a guest that is granted nothing has nothing") {
  WasiConfig config;
  Result<std::unique_ptr<Context>> context = Context::create(config);
  REQUIRE(context.has_value());
  Process process(**context);
  CHECK(process.fds.open_count() == 3);
  CHECK((*context)->world().input == nullptr);
  CHECK((*context)->world().output == nullptr);
  CHECK((*context)->config().env.empty());
}

TEST_CASE("what cannot be passed is refused before anything runs") {
  CHECK_FALSE(Context::create({.args = {std::string("a\0b", 3)}}).has_value());
  CHECK_FALSE(Context::create({.args = {"\xff"}}).has_value());
  CHECK_FALSE(Context::create({.env = {{"A=B", ""}}}).has_value());
  CHECK_FALSE(Context::create({.env = {{"", "x"}}}).has_value());
  auto missing = Context::create({.directories = {{"/nonexistent/tenon", "/"}}});
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().to_string().find("/nonexistent/tenon") != std::string::npos);
  CHECK(missing.error().to_string().find("no such file or directory") != std::string::npos);
}

TEST_CASE("clocks") {
  TestGuest guest;
  uint32_t time = guest.allocate(8);
  REQUIRE(guest.call(clock_time_get, 0, 0, time) == Error::success);
  CHECK(guest.get<uint64_t>(time) == 1'600'000'000'000'000'000);
  REQUIRE(guest.call(clock_time_get, 1, 0, time) == Error::success);
  CHECK(guest.get<uint64_t>(time) == 0);
  REQUIRE(guest.call(clock_res_get, 0, time) == Error::success);
  CHECK(guest.get<uint64_t>(time) == 1);
  for (uint32_t id : {2u, 3u, 4u, UINT32_MAX}) {
    CHECK(guest.call(clock_time_get, id, 0, time) == Error::inval);
    CHECK(guest.call(clock_res_get, id, time) == Error::inval);
  }
}

TEST_CASE("exit is a trap that carries the status") {
  TestGuest guest;
  for (uint32_t code : {0u, 1u, 125u}) {
    guest.call(proc_exit, code);
    REQUIRE(guest.trap.has_value());
    CHECK(guest.trap->code == TrapCode::exit);
    CHECK(guest.trap->exit_code == static_cast<int32_t>(code));
  }
  for (uint32_t code : {126u, 255u, UINT32_MAX}) {
    guest.call(proc_exit, code);
    REQUIRE(guest.trap.has_value());
    CHECK(guest.trap->code == TrapCode::host);
    CHECK(guest.trap->message == "exit with invalid exit status outside of [0..126)");
  }
  CHECK(guest.call(proc_raise, 6) == Error::notsup);
  CHECK(guest.call(sched_yield) == Error::success);
}

TEST_CASE("random bytes are bounded") {
  TestGuest guest({.max_random_bytes = 100});
  uint32_t buffer = guest.allocate(101);
  REQUIRE(guest.call(random_get, buffer, 100) == Error::success);
  CHECK(guest.text(buffer, 100) != std::string(100, '\0'));
  CHECK(guest.text(buffer + 100, 1) == std::string(1, '\0'));
  CHECK(guest.call(random_get, buffer, 101) == Error::inval);
  CHECK(guest.call(random_get, 0, 0) == Error::success);
}

TEST_CASE("no descriptor is a socket") {
  TestGuest guest;
  CHECK(guest.call(sock_accept, 0, 0, 0) == Error::notsock);
  CHECK(guest.call(sock_recv, 0, 0, 0, 0, 0, 0) == Error::notsock);
  CHECK(guest.call(sock_send, 1, 0, 0, 0, 0) == Error::notsock);
  CHECK(guest.call(sock_shutdown, 3, 0) == Error::notsock);
  CHECK(guest.call(sock_shutdown, 99, 0) == Error::badf);
}

}  // namespace
}  // namespace tenon::wasi::p1
