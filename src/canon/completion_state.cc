#include "tenon/abi/completion_state.h"

#include "canon/completion_queue.h"

namespace tenon::abi {

bool CompletionState::is_wanted() const {
  std::lock_guard lock(mutex_);
  return !has_begun_ && !is_closed_;
}

bool CompletionState::is_cancel_requested() const {
  std::lock_guard lock(mutex_);
  return is_cancel_requested_;
}

void CompletionState::on_cancel(std::function<void()> ask) {
  {
    std::lock_guard lock(mutex_);
    if (has_begun_ || is_closed_) return;
    if (!is_cancel_requested_) {
      on_cancel_.swap(ask);
      return;
    }
  }
  ask();
}

bool CompletionState::begin() {
  std::lock_guard lock(mutex_);
  if (has_begun_ || is_closed_) return false;
  has_begun_ = true;
  return true;
}

// What the callback holds may be the last that holds something else: it goes outside of the lock.
void CompletionState::end(Outcome outcome) {
  std::function<void()> unused;
  std::shared_ptr<CompletionQueue> queue;
  {
    std::lock_guard lock(mutex_);
    outcome_ = outcome;
    on_cancel_.swap(unused);
    queue_.swap(queue);
  }
  if (queue) queue->add(shared_from_this());
}

bool CompletionState::trap(Trap trap) {
  if (!begin()) return false;
  trap_ = std::move(trap);
  end(Outcome::trapped);
  return true;
}

bool CompletionState::cancel() {
  if (!is_cancel_requested() || !begin()) return false;
  end(Outcome::cancelled);
  return true;
}

bool CompletionState::drop() {
  if (!begin()) return false;
  end(Outcome::dropped);
  return true;
}

void CompletionState::attach(std::shared_ptr<CompletionQueue> queue, void* call) {
  std::lock_guard lock(mutex_);
  call_ = call;
  if (outcome_ == Outcome::none) queue_ = std::move(queue);
}

CompletionState::Outcome CompletionState::outcome() const {
  std::lock_guard lock(mutex_);
  return outcome_;
}

void CompletionState::request_cancel() {
  std::function<void()> ask;
  {
    std::lock_guard lock(mutex_);
    is_cancel_requested_ = true;
    on_cancel_.swap(ask);
  }
  if (ask) {
    ask();
  } else {
    cancel();
  }
}

void CompletionState::close() {
  std::function<void()> unused;
  std::shared_ptr<CompletionQueue> queue;
  std::lock_guard lock(mutex_);
  is_closed_ = true;
  call_ = nullptr;
  on_cancel_.swap(unused);
  queue_.swap(queue);
}

void CompletionQueue::add(std::shared_ptr<CompletionState> state) {
  {
    std::lock_guard lock(mutex_);
    states_.push_back(std::move(state));
  }
  has_come_.notify_one();
}

CompletionQueue::States CompletionQueue::take() {
  std::lock_guard lock(mutex_);
  return std::exchange(states_, {});
}

bool CompletionQueue::is_empty() const {
  std::lock_guard lock(mutex_);
  return states_.empty();
}

void CompletionQueue::wait() {
  std::unique_lock lock(mutex_);
  has_come_.wait(lock, [&] { return !states_.empty(); });
}

}  // namespace tenon::abi
