#include "os/guest_call.h"

#include <doctest/doctest.h>
#include <immintrin.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <thread>
#include <utility>

#include "os/test_guest.h"

// Small generated functions, by hand.
asm(R"(
  .text
  .globl guest_sum, guest_call_host, guest_unreachable, guest_recurse, guest_builtin, guest_load, guest_probe, guest_throw, guest_catch, guest_pad
guest_sum:            # (i32 x 6, f64 x 8) -> (sum of integers, parameter 6, 5, 4; sum of floats)
  lea (%rdi,%rsi), %rax
  add %rdx, %rax
  add %rcx, %rax
  add %r8, %rax
  add %r9, %rax
  mov %r9, %rdx
  mov %r8, %rcx
  mov $4, %r8d
  addsd %xmm1, %xmm0
  addsd %xmm2, %xmm0
  addsd %xmm3, %xmm0
  addsd %xmm4, %xmm0
  addsd %xmm5, %xmm0
  addsd %xmm6, %xmm0
  addsd %xmm7, %xmm0
  ret
guest_call_host:      # vmctx: {code, vmctx} of a host function; adds 1 to its result
  sub $16, %rsp
  mov (%r13), %rax
  mov 8(%r13), %r13
  call *%rax
  add $1, %rax
  add $16, %rsp
  ret
guest_unreachable:
  push %rbx
  mov $0x1234, %rbx
  mov $0x1234, %rbp
  .byte 0x67, 0x0f, 0xb9, 0x40, 1
guest_recurse:        # calls vmctx[0] with vmctx[1] at depth rdi, else itself
  push %r12
  mov %r13, %r12
  sub $8, %rsp
  dec %rdi
  jz 1f
  call guest_recurse
  jmp 2f
1:
  mov (%r12), %rax
  mov 8(%r12), %r13
  call *%rax
2:
  add $8, %rsp
  pop %r12
  ret
guest_builtin:        # vmctx: {state, ...}; calls the built-in stub in rsi with (vmctx, rdi)
  sub $24, %rsp
  mov %rsi, %rax
  mov %rdi, %rsi
  mov %r13, %rdi
  call *%rax
  add $1, %rax
  add $24, %rsp
  ret
guest_load:
  mov (%rdi), %rax
  ret
guest_probe:          # the stack pointer at entry
  mov %rsp, %rax
  ret
guest_throw:          # vmctx: {state, ...}; throws edi by the stub in rsi, in a frame of 16 bytes
  sub $8, %rsp
  mov %rsi, %rax
  mov %edi, %esi
  mov %r13, %rdi
  mov $1, %ebp
  mov $2, %ebx
  mov $3, %r12d
  mov $4, %r15d
  mov $5, %r14d
  call *%rax
guest_catch:          # returns what lands in rax and rdx, then rbx, and all five as digits
  push %rbp
  push %rbx
  push %r12
  push %r14
  push %r15
  sub $16, %rsp
  call guest_throw
guest_pad:
  mov %rbx, %rcx
  imul $1000, %rbp, %r8
  imul $100, %rbx, %rbx
  imul $10, %r12, %r12
  imul $10000, %r14, %r14
  add %rbx, %r8
  add %r12, %r8
  add %r14, %r8
  add %r15, %r8
  add $16, %rsp
  pop %r15
  pop %r14
  pop %r12
  pop %rbx
  pop %rbp
  ret
)");
namespace tenon::os {

namespace {

uint32_t twice(Host* self, CallState* state) {
  CHECK(self->state == state);
  CHECK(state->exit_pc != nullptr);
  // Addresses of locals would be of the address sanitizer's own stack.
  CHECK(state->activation != nullptr);
  state->gpr[0] *= 2;
  return 0;
}

uint32_t refuse(Host*, CallState*) {
  return 1;
}

// What a walk would find: the pad is in the caller of the frame at hand.
bool land_in_caller(CallState* state, Landing* landing, uint32_t exception) {
  if (exception == 99) return false;
  constexpr uint64_t frame = 16;
  landing->pc = guest_pad;
  landing->sp = static_cast<char*>(state->exit_sp) + (exception == 0 ? 0 : frame);
  landing->exception = exception + 1;
  landing->tag = guest_pad;
  std::swap(landing->rbp, landing->r15);
  return true;
}

uint32_t throw_in_caller(Host*, CallState*) {
  return static_cast<uint32_t>(HostResult::threw);
}

}  // namespace

TEST_CASE("arguments and results travel through the state") {
  Fixture f;
  double floats = 0;
  for (uint64_t i = 0; i < 6; ++i) f.state->gpr[i] = i + 1;
  for (int i = 0; i < 8; ++i) {
    double value = i + 0.5;
    std::memcpy(f.state->xmm[i], &value, 8);
    floats += value;
  }
  REQUIRE(f.call(guest_sum) == 0);
  CHECK(f.state->gpr[0] == 21);
  CHECK(f.state->gpr[1] == 6);
  CHECK(f.state->gpr[2] == 5);
  CHECK(f.state->gpr[3] == 4);
  double sum;
  std::memcpy(&sum, f.state->xmm[0], 8);
  CHECK(sum == floats);
  CHECK(f.state->activation == nullptr);
  CHECK(current_call() == nullptr);
}

TEST_CASE("guests run on their own stack, aligned") {
  Fixture f;
  REQUIRE(f.call(guest_probe) == 0);
  CHECK(f.state->gpr[0] % 16 == 8);
  CHECK(f.stack.contains(reinterpret_cast<void*>(f.state->gpr[0])));
}

TEST_CASE("a guest calls a host function, with and without floats") {
  Fixture f;
  Host host{f.state.get(), twice};
  for (const void* entry : {host_call_entry(), host_call_entry_integer()}) {
    Vmctx vmctx{entry, &host};
    f.state->gpr[0] = 20;
    REQUIRE(f.call(guest_call_host, &vmctx) == 0);
    CHECK(f.state->gpr[0] == 41);
    CHECK(f.state->exit_pc == nullptr);
    f.state->gpr[0] = 5;
    REQUIRE(enter_guest_integer(f.state.get(), guest_call_host, &vmctx, f.stack.bounds()) == 0);
    CHECK(f.state->gpr[0] == 11);
  }
}

struct LightHost {
  Host host;
  void* unused[2];  // as in HostFunc
  LightFunction light;
  uint64_t calls = 0;
};
static_assert(offsetof(LightHost, light) == 32);

TENON_LIGHT uint64_t thrice_if_odd(uint64_t argument, void* self) {
  auto& host = *static_cast<LightHost*>(self);
  CHECK(host.host.state->exit_pc == nullptr);
  host.calls++;
  if (argument % 2 == 0) TENON_DECLINE_LIGHT_CALL(argument, self);
  return 3 * argument;
}

TEST_CASE("a short way answers, or leaves the call to the host function") {
  Fixture f;
  LightHost host{{f.state.get(), twice}, {}, thrice_if_odd};
  Vmctx vmctx{light_call_entry(), &host};
  f.state->gpr[0] = 5;
  REQUIRE(f.call(guest_call_host, &vmctx) == 0);
  CHECK(f.state->gpr[0] == 16);
  f.state->gpr[0] = 6;
  REQUIRE(f.call(guest_call_host, &vmctx) == 0);
  CHECK(f.state->gpr[0] == 13);
  CHECK(host.calls == 2);
  host.host.function = refuse;
  f.state->gpr[0] = 6;
  CHECK(f.call(guest_call_host, &vmctx) == 1);
  // Too little stack is found before it is used.
  f.state->stack_limit = f.state->stack_top;
  f.state->gpr[0] = 5;
  CHECK(f.call(guest_call_host, &vmctx) == 1);
  CHECK(last_kind == FaultKind::stack_exhausted);
  CHECK(host.calls == 3);
  f.state->stack_limit = f.stack.limit();
  f.state->gpr[0] = 5;
  REQUIRE(f.call(guest_call_host, &vmctx) == 0);
  CHECK(f.state->gpr[0] == 16);
}

struct DirectHost {
  CallState* state;
  DirectFunction function;
};
static_assert(offsetof(DirectHost, function) == offsetof(Host, function));

DirectResult sum_in_registers(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                              uint64_t f, double p, double q, double r, double s, double t,
                              double u, double v, double w, void* self) {
  const CallState& state = *static_cast<DirectHost*>(self)->state;
  CHECK(state.exit_pc != nullptr);
  alignas(16) volatile char aligned[16] = {};
  CHECK(reinterpret_cast<uint64_t>(&aligned) % 16 == 0);
  return {a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f,
          p + 2 * q + 3 * r + 4 * s + 5 * t + 6 * u + 7 * v + 8 * w};
}

TEST_CASE("a direct call passes all registers and the result of either class") {
  Fixture f;
  DirectHost host{f.state.get(), sum_in_registers};
  Vmctx vmctx{direct_call_entry(), &host};
  for (uint64_t i = 0; i < 6; ++i) f.state->gpr[i] = 10 + i;
  for (int i = 0; i < 8; ++i) {
    double value = i + 0.5;
    std::memcpy(f.state->xmm[i], &value, 8);
  }
  REQUIRE(f.call(guest_call_host, &vmctx) == 0);
  CHECK(f.state->gpr[0] == 10 + 22 + 36 + 52 + 70 + 90 + 1);
  double sum;
  std::memcpy(&sum, f.state->xmm[0], 8);
  CHECK(sum == 168 + 18);
  CHECK(f.state->exit_pc == nullptr);
  CHECK(f.state->activation == nullptr);
}

TEST_CASE("a direct call's refusal leaves the entry, and so does too little stack") {
  Fixture f;
  DirectHost host{f.state.get(),
                  [](uint64_t n, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, double, double,
                     double, double, double, double, double, double, void* self) -> DirectResult {
                    CallState& state = *static_cast<DirectHost*>(self)->state;
                    if (n == 0) state.pending_trap = 1;
                    return {n, 0};
                  }};
  Vmctx vmctx{direct_call_entry(), &host};
  f.state->gpr[0] = 0;
  CHECK(f.call(guest_call_host, &vmctx) == 1);
  CHECK(f.state->activation == nullptr);
  CHECK(f.state->exit_pc == nullptr);
  CHECK(f.state->pending_trap == 0);
  f.state->gpr[0] = 3;
  REQUIRE(f.call(guest_call_host, &vmctx) == 0);
  CHECK(f.state->gpr[0] == 4);
  f.state->stack_limit = f.state->stack_top;
  CHECK(f.call(guest_call_host, &vmctx) == 1);
  CHECK(last_kind == FaultKind::stack_exhausted);
}

TEST_CASE("guests compute as the standard says, whatever mode the host computes in") {
  Fixture f;
  unsigned before = _mm_getcsr();
  unsigned flushing = before | _MM_FLUSH_ZERO_ON | _MM_ROUND_UP;
  _mm_setcsr(flushing);
  double denormal = 5e-324;
  std::memcpy(f.state->xmm[0], &denormal, 8);
  for (int i = 1; i < 8; ++i) std::memset(f.state->xmm[i], 0, 16);
  uint32_t result = f.call(guest_sum);
  unsigned after = _mm_getcsr();
  bool trapped = f.call(guest_unreachable) == 1;
  unsigned after_trap = _mm_getcsr();
  _mm_setcsr(before);
  CHECK(result == 0);
  CHECK(trapped);
  double sum;
  std::memcpy(&sum, f.state->xmm[0], 8);
  CHECK(sum == denormal);
  CHECK((after | 0x3f) == (flushing | 0x3f));
  CHECK((after_trap | 0x3f) == (flushing | 0x3f));
}

TEST_CASE("a host function's refusal leaves the entry") {
  Fixture f;
  Host host{f.state.get(), refuse};
  Vmctx vmctx{host_call_entry(), &host};
  CHECK(f.call(guest_call_host, &vmctx) == 1);
  CHECK(f.state->activation == nullptr);
  CHECK(f.state->exit_pc == nullptr);
  CHECK(current_call() == nullptr);
}

TEST_CASE("a trap inside a host function's call comes back to it") {
  Fixture f;
  static Fixture* fixture;
  fixture = &f;
  Host host{f.state.get(), [](Host*, CallState* state) {
              const void* exit_pc = state->exit_pc;
              void* activation = state->activation;
              uint32_t result = fixture->call(guest_unreachable);
              CHECK(state->exit_pc == exit_pc);
              CHECK(state->activation == activation);
              state->gpr[0] = result + 10;
              return 0u;
            }};
  Vmctx vmctx{host_call_entry(), &host};
  REQUIRE(f.call(guest_call_host, &vmctx) == 0);
  CHECK(f.state->gpr[0] == 12);
}

TEST_CASE("faults of a guest leave its entry") {
  Fixture f;
  CHECK(f.call(guest_unreachable) == 1);
  CHECK(last_kind == FaultKind::illegal_instruction);
  auto map = MemoryMap::reserve(4096);
  REQUIRE(map);
  f.state->gpr[0] = reinterpret_cast<uint64_t>(map->data() + 8);
  CHECK(f.call(guest_load) == 1);
  CHECK(last_kind == FaultKind::memory);
  CHECK(last_address == reinterpret_cast<uint64_t>(map->data() + 8));
}

TEST_CASE("endless recursion ends at the guard, or before a host function starts") {
  Fixture f;
  Host host{f.state.get(), twice};
  Vmctx vmctx{host_call_entry(), &host};
  f.state->gpr[0] = uint64_t{1} << 40;
  CHECK(f.call(guest_recurse, &vmctx) == 1);
  CHECK(last_kind == FaultKind::memory);
  CHECK(f.stack.in_guard(reinterpret_cast<void*>(last_address)));
  // 32 bytes a frame: deep enough to be below the limit, above the guard.
  f.state->gpr[0] = ((256 << 10) + host_stack_headroom / 2) / 32;
  CHECK(f.call(guest_recurse, &vmctx) == 1);
  CHECK(last_kind == FaultKind::stack_exhausted);
  CHECK(f.state->exit_pc == nullptr);
}

TEST_CASE("built-ins are called through their stubs") {
  Fixture f;
  const void* table[max_builtins] = {};
  table[3] = reinterpret_cast<const void*>(+[](void* vmctx, uint64_t a) -> uint64_t {
    CallState* state = *static_cast<CallState**>(vmctx);
    CHECK(state->exit_pc != nullptr);
    return a * 3;
  });
  table[31] = reinterpret_cast<const void*>(+[](void* vmctx, uint64_t) -> uint64_t {
    (*static_cast<CallState**>(vmctx))->pending_trap = 1;
    return 0;
  });
  f.state->builtins = table;
  CallState* vmctx = f.state.get();
  f.state->gpr[0] = 5;
  f.state->gpr[1] = reinterpret_cast<uint64_t>(builtin_stub(3));
  REQUIRE(f.call(guest_builtin, &vmctx) == 0);
  CHECK(f.state->gpr[0] == 16);
  f.state->gpr[1] = reinterpret_cast<uint64_t>(builtin_stub(31));
  CHECK(f.call(guest_builtin, &vmctx) == 1);
  CHECK(f.state->pending_trap == 0);
}

TEST_CASE("an exception lands with the registers that it is given") {
  Fixture f;
  const void* table[max_builtins] = {reinterpret_cast<const void*>(&land_in_caller)};
  f.state->builtins = table;
  CallState* vmctx = f.state.get();
  f.state->gpr[0] = 7;
  f.state->gpr[1] = reinterpret_cast<uint64_t>(throw_stub());
  REQUIRE(f.call(guest_catch, &vmctx) == 0);
  CHECK(f.state->gpr[0] == 8);
  CHECK(f.state->gpr[1] == reinterpret_cast<uint64_t>(guest_pad));
  CHECK(f.state->gpr[2] == 2);
  CHECK(f.state->gpr[3] == 54231);  // rbp and r15 have changed places
  CHECK(f.state->exit_pc == nullptr);
  CHECK(f.state->activation == nullptr);
}

TEST_CASE("an exception that nothing catches leaves the entry") {
  Fixture f;
  const void* table[max_builtins] = {reinterpret_cast<const void*>(&land_in_caller)};
  f.state->builtins = table;
  CallState* vmctx = f.state.get();
  f.state->gpr[0] = 99;
  f.state->gpr[1] = reinterpret_cast<uint64_t>(throw_stub());
  CHECK(f.call(guest_catch, &vmctx) == 1);
  CHECK(f.state->exit_pc == nullptr);
  CHECK(f.state->activation == nullptr);
  CHECK(current_call() == nullptr);
}

TEST_CASE("a host function throws in the guest that called it") {
  Fixture f;
  static const void* sp_at_pad;
  static int landings;
  landings = 0;
  const void* table[max_builtins] = {
      reinterpret_cast<const void*>(+[](CallState* state, Landing*, uint32_t exception) -> bool {
        CHECK(exception == 0);
        CHECK(state->exit_pc != nullptr);
        ++landings;
        sp_at_pad = state->exit_sp;
        return false;
      })};
  f.state->builtins = table;
  Host host{f.state.get(), throw_in_caller};
  for (const void* entry : {host_call_entry(), host_call_entry_integer()}) {
    Vmctx vmctx{entry, &host};
    CHECK(f.call(guest_call_host, &vmctx) == 1);
    CHECK(f.stack.contains(sp_at_pad));
    CHECK(f.state->exit_pc == nullptr);
  }
  CHECK(landings == 2);
}

TEST_CASE("each thread gets its own alternate stack") {
  std::thread other([] {
    CHECK_FALSE(is_thread_prepared());
    Fixture f;
    CHECK(f.call(guest_unreachable) == 1);
  });
  other.join();
}

TEST_CASE("a fault outside of guests goes to the handler before") {
  Fixture f;
  pid_t child = fork();
  if (child == 0) {
    close(STDERR_FILENO);  // the address sanitizer's handler reports
    __builtin_trap();
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status != 0);
  if (WIFSIGNALED(status)) CHECK(WTERMSIG(status) == SIGILL);
}

TEST_CASE("a stack given back is clean") {
  GuestStackPool pool(64 << 10);
  auto first = pool.take();
  REQUIRE(first);
  auto* place = static_cast<uint64_t*>(first->top()) - 1;
  *place = 0x5ec3e7;
  pool.give(std::move(*first));
  auto second = pool.take();
  REQUIRE(second);
  CHECK(static_cast<uint64_t*>(second->top()) - 1 == place);
  CHECK(*place == 0);
}

}  // namespace tenon::os
