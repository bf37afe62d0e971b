#include "runtime/component/pending_calls.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "runtime/component/component_store.h"
#include "runtime/component/lowered_import.h"
#include "runtime/component/trap_place.h"

namespace tenon::runtime {

using abi::CompletionState;
using canon::Subtask;

PendingHostCall::~PendingHostCall() {
  owner.forget(*this);
}

TrapPointer PendingCalls::begin(abi::Context& cx, std::shared_ptr<CompletionState> state,
                                uint64_t out_param) {
  auto made = store_.scheduler().make<PendingHostCall>(*this);
  if (!made) {
    state->close();
    return std::move(made).error();
  }
  PendingHostCall& call = **made;
  call.out_param = out_param;
  for (uint32_t handle : cx.take_lenders()) call.scope.add_lender(*cx.options().instance, handle);
  state->attach(queue_, &call);
  call.state = std::move(state);
  calls_.add(call);
  begun_ = &call;
  return nullptr;
}

PendingHostCall& PendingCalls::begun(const CompletingImport& import) {
  begun_->import = &import;
  return *std::exchange(begun_, nullptr);
}

void PendingCalls::forget(PendingHostCall& call) {
  if (!call.state) return;
  calls_.remove(call);
  std::exchange(call.state, nullptr)->close();
}

TrapPointer PendingCalls::take_result(PendingHostCall& call, uint64_t& flat_result) {
  const CompletingImport& import = *call.import;
  std::shared_ptr<CompletionState> state = call.state;
  forget(call);
  switch (state->outcome()) {
    case CompletionState::Outcome::trapped: return std::make_unique<Trap>(state->take_trap());
    case CompletionState::Outcome::dropped:
      return make_trap(
          fmt::format("the host dropped its call of `{}` without completing it", import.name));
    default: break;
  }
  abi::Context cx(import.options);
  state->lower_result(cx, call.out_param, &flat_result);
  if (import.is_async) store_async_result(cx, import, flat_result, call.out_param);
  return cx.failed() ? std::make_unique<Trap>(cx.take_trap()) : nullptr;
}

TrapPointer PendingCalls::cancel(canon::PendingCall& pending) {
  auto& call = static_cast<PendingHostCall&>(pending);
  std::shared_ptr<CompletionState> state = call.state;
  state->request_cancel();
  bool is_done = call.state && state->outcome() != CompletionState::Outcome::none;
  return is_done ? finish(call) : nullptr;
}

// A synchronous caller takes the result on its own stack, where a trap belongs to it.
TrapPointer PendingCalls::finish(PendingHostCall& call) {
  Subtask& subtask = *call.subtask;
  if (call.state->outcome() == CompletionState::Outcome::cancelled) {
    forget(call);
    subtask.resolve(Subtask::State::cancelled_before_returned);
    return nullptr;
  }
  if (call.import->is_async) {
    uint64_t unused = 0;
    if (auto trap = take_result(call, unused)) return trap;
  }
  subtask.resolve(Subtask::State::returned);
  return nullptr;
}

// As after any trap, the instance cannot be entered again.
TrapPointer PendingCalls::finish_outside(PendingHostCall& call) {
  const CompletingImport& import = *call.import;
  canon::ComponentInstance& instance = *import.options.instance;
  instance.enter_from(nullptr);
  if (auto trap = finish(call)) {
    name_place(*trap, import.place, {});
    return trap;
  }
  instance.leave_to(nullptr);
  return nullptr;
}

void PendingCalls::collect() {
  abi::CompletionQueue::States come = queue_->take();
  arrived_.insert(arrived_.end(), std::make_move_iterator(come.begin()),
                  std::make_move_iterator(come.end()));
}

TrapPointer PendingCalls::deliver_to(const canon::ComponentInstance* instance) {
  collect();
  TrapPointer trap;
  for (auto& state : std::exchange(arrived_, {})) {
    auto* call = static_cast<PendingHostCall*>(state->call());
    if (!call) continue;
    const canon::ComponentInstance* caller = call->import->options.instance;
    if (trap || (instance && instance != caller)) {
      arrived_.push_back(std::move(state));
    } else if (instance) {
      trap = finish(*call);
    } else if (caller->may_enter_from(nullptr)) {
      trap = finish_outside(*call);
    } else {
      forget(*call);
    }
  }
  return trap;
}

bool PendingCalls::is_complete(const PendingHostCall& call) {
  collect();
  return call.state->outcome() != CompletionState::Outcome::none;
}

bool PendingCalls::is_awaited() const {
  for (const PendingHostCall* call = calls_.first(); call; call = calls_.next(*call)) {
    if (call->import->options.instance->may_enter_from(nullptr)) return true;
  }
  return false;
}

void PendingCalls::on_wait(std::function<bool()> wait) {
  wait_ = wait ? std::make_shared<const std::function<bool()>>(std::move(wait)) : nullptr;
}

bool PendingCalls::wait() {
  // It may set another one.
  if (auto wait = wait_) return (*wait)() || !queue_->is_empty();
  queue_->wait();
  return true;
}

}  // namespace tenon::runtime
