#include "os/signal.h"

#include <signal.h>
#include <ucontext.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <system_error>

#include "base/check.h"
#include "os/memory_map.h"

extern "C" {
extern const uint8_t tenon_stack_exhausted[];
extern const uint8_t tenon_leave_guest[];
}

namespace tenon::os {

namespace {

constexpr int handled_signals[] = {SIGSEGV, SIGBUS, SIGILL};
constexpr uint64_t alternate_stack_size = 64 << 10;
constexpr uint64_t alternate_stack_guard = 4 << 10;

// Written before the handlers are installed and constant afterwards.
std::atomic<FaultFunction> fault_function;
struct sigaction previous_actions[NSIG];

// What stood here before decides. Its own failure, or none: the default action, which ends the
// process.
void pass_on(int signal, siginfo_t* info, void* context) {
  const struct sigaction& previous = previous_actions[signal];
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal, info, context);
    return;
  }
  if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
    return;
  }
  if (previous.sa_handler == SIG_IGN && info->si_code <= 0) return;
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, nullptr);
  // A fault happens again on return. A signal that somebody sent does not.
  if (info->si_code <= 0) raise(signal);
}

FaultKind kind_of(int signal, const uint8_t* pc) {
  if (pc == tenon_stack_exhausted) return FaultKind::stack_exhausted;
  if (signal == SIGILL) return FaultKind::illegal_instruction;
  return signal == SIGBUS ? FaultKind::image : FaultKind::memory;
}

// The kernel's own faults have positive codes; what another process sends is never a trap.
bool handle(int signal, const siginfo_t* info, ucontext_t* context) {
  CallState* state = current_call();
  if (state == nullptr || info->si_code <= 0) return false;
  auto& registers = context->uc_mcontext.gregs;
  auto pc = reinterpret_cast<const uint8_t*>(registers[REG_RIP]);
  Fault fault{kind_of(signal, pc),
              state,
              pc,
              reinterpret_cast<void*>(registers[REG_RSP]),
              reinterpret_cast<void*>(registers[REG_RBP]),
              info->si_addr};
  if (!fault_function.load(std::memory_order_acquire)(fault)) return false;
  registers[REG_RIP] = reinterpret_cast<greg_t>(tenon_leave_guest);
  registers[REG_RDI] = reinterpret_cast<greg_t>(state);
  return true;
}

void on_signal(int signal, siginfo_t* info, void* context) {
  int saved_errno = errno;
  if (!handle(signal, info, static_cast<ucontext_t*>(context))) pass_on(signal, info, context);
  errno = saved_errno;
}

std::unexpected<Error> failure(const char* call) {
  return fail(ErrorCode::io, std::string(call) + ": " + std::generic_category().message(errno));
}

// The alternate stack of one thread. Another one that was there before comes back when the thread
// ends.
class AlternateStack {
 public:
  ~AlternateStack() {
    if (!map_) return;
    detail::thread_prepared = false;
    stack_t now = {};
    if (sigaltstack(nullptr, &now) == 0 && now.ss_sp == map_.data() + alternate_stack_guard)
      sigaltstack(&before_, nullptr);
  }

  Result<void> install() {
    MemoryMap map = TRY(MemoryMap::zeroed(alternate_stack_guard + alternate_stack_size));
    TRY_VOID(map.protect(0, alternate_stack_guard, Access::none));
    stack_t stack = {};
    stack.ss_sp = map.data() + alternate_stack_guard;
    stack.ss_size = alternate_stack_size;
    if (sigaltstack(&stack, &before_) != 0) return failure("sigaltstack");
    map_ = std::move(map);
    return {};
  }

 private:
  MemoryMap map_;
  stack_t before_ = {};
};

}  // namespace

__thread bool detail::thread_prepared = false;

Result<void> detail::prepare_thread() {
  static thread_local AlternateStack stack;
  TRY_VOID(stack.install());
  thread_prepared = true;
  return {};
}

Result<void> install_fault_function(FaultFunction function) {
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  FaultFunction installed = fault_function.load();
  if (installed != nullptr) {
    CHECK(installed == function);
    return {};
  }
  fault_function.store(function, std::memory_order_release);
  for (int signal : handled_signals) {
    struct sigaction action = {};
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    // The previous action must be in place before ours can run.
    if (sigaction(signal, nullptr, &previous_actions[signal]) != 0) return failure("sigaction");
    if (sigaction(signal, &action, nullptr) != 0) return failure("sigaction");
  }
  return {};
}

}  // namespace tenon::os
