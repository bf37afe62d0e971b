#pragma once

#include <functional>
#include <memory>

#include "canon/completion_queue.h"
#include "canon/task.h"
#include "runtime/component/scheduler.h"

// The calls of host functions that complete later, of one store. Whoever completes one leaves that
// in a queue, on any thread; the store's own looks there when its guests wait.
namespace tenon::runtime {

class PendingCalls;
struct CompletingImport;

// Owned by the scheduler's pool.
struct PendingHostCall final : canon::PendingCall {
  explicit PendingHostCall(PendingCalls& calls) : owner(calls) {}
  ~PendingHostCall() override;

  PendingCalls& owner;
  std::shared_ptr<abi::CompletionState> state;  // null: the caller has the result, or has gone
  const CompletingImport* import = nullptr;
  uint64_t out_param = 0;
  canon::Subtask* subtask = nullptr;  // null: the caller has none yet, or waits in place
  canon::Link<PendingHostCall> in_calls;
};

class PendingCalls {
 public:
  explicit PendingCalls(ComponentStore& store) : store_(store) {}
  PendingCalls(const PendingCalls&) = delete;
  PendingCalls& operator=(const PendingCalls&) = delete;

  // What a host function tells, and who called it, right after.
  TrapPointer begin(abi::Context& cx, std::shared_ptr<abi::CompletionState> state,
                    uint64_t out_param);
  PendingHostCall& begun(const CompletingImport& import);

  // Moves the result to the caller, once. A flat one of a synchronous caller goes to `flat_result`.
  TrapPointer take_result(PendingHostCall& call, uint64_t& flat_result);
  // canon: OnCancel, for an instance that runs.
  TrapPointer cancel(canon::PendingCall& call);
  // The caller has gone; whoever would complete the call learns that nobody wants it.
  void forget(PendingHostCall& call);

  // Gives callers what has been completed: those of `instance`, which runs, or all, when it is null
  // and no guest runs.
  TrapPointer deliver(const canon::ComponentInstance* instance) {
    return calls_.is_empty() ? nullptr : deliver_to(instance);
  }
  // For a caller that waits in place.
  bool is_complete(const PendingHostCall& call);
  // While no guest runs: whether a guest is left that waits for one of these.
  bool is_awaited() const;
  // After what has been completed is known: until there is more. False: nothing will be.
  bool wait();
  // What does that instead of sleeping; null: nothing.
  void on_wait(std::function<bool()> wait);
  bool has_on_wait() const { return wait_ != nullptr; }

 private:
  friend PendingHostCall;

  void collect();
  TrapPointer deliver_to(const canon::ComponentInstance* instance);
  TrapPointer finish(PendingHostCall& call);
  TrapPointer finish_outside(PendingHostCall& call);

  ComponentStore& store_;
  canon::List<PendingHostCall, &PendingHostCall::in_calls> calls_;
  PendingHostCall* begun_ = nullptr;
  const std::shared_ptr<abi::CompletionQueue> queue_ = std::make_shared<abi::CompletionQueue>();
  abi::CompletionQueue::States arrived_;
  std::shared_ptr<const std::function<bool()>> wait_;
};

}  // namespace tenon::runtime
