#include "os/fiber.h"

#include <immintrin.h>

#include <functional>
#include <vector>

#include "os/test_guest.h"

namespace tenon::os {

namespace {

GuestStack make_stack() {
  auto made = GuestStack::create(256 << 10);
  REQUIRE(made);
  return std::move(*made);
}

// A fiber that runs `body`, and a host function that runs `host_body`.
struct TwoStacks : Fixture {
  struct Called : Host {
    TwoStacks* owner;
  };
  Fiber fiber{make_stack()};
  std::vector<int> order;
  std::function<void()> body;
  std::function<uint32_t()> host_body;
  Called called{
      {state.get(),
       [](Host* self, CallState*) { return static_cast<Called*>(self)->owner->host_body(); }},
      this};
  Vmctx call_host{host_call_entry(), &called};

  void start(std::function<void()> main) {
    body = std::move(main);
    fiber.start([](void* self) { static_cast<TwoStacks*>(self)->body(); }, this);
  }
  void resume() { fiber.resume(*state); }
};

}  // namespace

TEST_CASE("a fiber runs, suspends and goes on") {
  TwoStacks f;
  f.start([&] {
    f.order.push_back(1);
    f.fiber.suspend();
    f.order.push_back(3);
  });
  f.resume();
  CHECK(f.fiber.is_parked());
  f.order.push_back(2);
  f.resume();
  CHECK(f.fiber.is_idle());
  CHECK(f.order == std::vector{1, 2, 3});
  CHECK(f.state->activation == nullptr);
  CHECK(current_call() == nullptr);
  // And once more from the start.
  f.start([&] { f.order.push_back(4); });
  f.resume();
  CHECK(f.order.back() == 4);
}

TEST_CASE("a guest on a fiber is suspended in a host function, and others run meanwhile") {
  TwoStacks f;
  uint64_t result = 0;
  f.host_body = [&] {
    CHECK(f.fiber.is_running());
    f.fiber.suspend();
    CHECK(f.state->exit_pc != nullptr);
    f.state->gpr[0] = 41;
    return 0u;
  };
  f.start([&] {
    CHECK(f.call(guest_call_host, &f.call_host) == 0);
    result = f.state->gpr[0];
  });
  f.resume();
  CHECK(f.fiber.other_state().exit_pc != nullptr);
  CHECK(f.fiber.other_state().activation != nullptr);
  CHECK(f.state->exit_pc == nullptr);
  CHECK(f.call(guest_probe) == 0);
  CHECK(f.stack.contains(reinterpret_cast<void*>(f.state->gpr[0])));
  f.resume();
  CHECK(f.fiber.is_idle());
  CHECK(result == 42);
}

TEST_CASE("a host function of one stack resumes another") {
  TwoStacks f;
  uint64_t seen = 0;
  f.start([&] {
    CHECK(f.call(guest_probe) == 0);
    seen = f.state->gpr[0];
    f.fiber.suspend();
    CHECK(f.call(guest_unreachable) == 1);
  });
  f.host_body = [&] {
    const void* exit_pc = f.state->exit_pc;
    f.resume();
    f.resume();
    CHECK(f.state->exit_pc == exit_pc);
    f.state->gpr[0] = 6;
    return 0u;
  };
  CHECK(f.call(guest_call_host, &f.call_host) == 0);
  CHECK(f.state->gpr[0] == 7);
  CHECK(f.fiber.stack().contains(reinterpret_cast<void*>(seen)));
  CHECK(f.fiber.is_idle());
}

TEST_CASE("each stack has its own mode of computing") {
  TwoStacks f;
  uint32_t before = _mm_getcsr();
  constexpr uint32_t towards_zero = 0x7f80;
  _mm_setcsr(towards_zero);
  uint32_t on_fiber = 0;
  f.start([&] {
    f.fiber.suspend();
    on_fiber = _mm_getcsr();
  });
  f.resume();
  f.resume();
  CHECK((_mm_getcsr() & 0xffc0) == towards_zero);
  _mm_setcsr(before);
  CHECK((on_fiber & 0xffc0) == 0x1f80);
}

TEST_CASE("a fiber that is parked may be forgotten") {
  TwoStacks f;
  f.start([&] { f.fiber.suspend(); });
  f.resume();
  CHECK(f.fiber.take_stack());
}

}  // namespace tenon::os
