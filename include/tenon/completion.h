#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "tenon/abi/completion_state.h"
#include "tenon/abi/views.h"

// Host functions that complete later. One that returns a Completion<T> is, for a guest, a function
// whose result is T; it may give the value at once, or hand a Completer<T> to whoever will have it:
//
//   linker.func("read", [&](uint64_t offset) {
//     return complete_later<std::string>([&](Completer<std::string> completer) {
//       loop.read(offset, [completer = std::move(completer)](std::string bytes) mutable {
//         completer.complete(std::move(bytes));
//       });
//     });
//   });
//
// A guest that calls an async function with the option `async` goes on, and is told; any number of
// such calls may be under way. Another one waits, and meanwhile others of its store run. A function
// that is not async lets nobody run until it is complete.
//
// Parameters that are views are valid until the function returns, a Borrow until the call is
// complete. What a store does while all of its guests wait for the host says Store::on_wait.
namespace tenon {

template <typename T>
class Completer;

// What a call gives, now or later. Dropped by its function, it makes its completer useless.
template <typename T>
class [[nodiscard]] Completion {
  static_assert(!abi::detail::holds_view<T>(),
                "the result outlives the call: use std::string and std::vector");

 public:
  using Kept = typename abi::CompletionValue<T>::Kept;

  Completion()
    requires std::is_void_v<T>
      : value_(std::in_place) {}
  template <typename U = Kept>
    requires(!std::is_void_v<T> && std::is_convertible_v<U, Kept>)
  Completion(U&& value)  // NOLINT(google-explicit-constructor): a value is complete
      : value_(std::in_place, std::forward<U>(value)) {}
  Completion(Completion&&) noexcept = default;
  Completion& operator=(Completion&& other) noexcept {
    value_.swap(other.value_);
    state_.swap(other.state_);
    return *this;
  }
  ~Completion() {
    if (state_) state_->close();
  }

  // For the thunk: the value, or the state of what comes later.
  Kept* value() { return value_ ? &*value_ : nullptr; }
  std::shared_ptr<abi::CompletionState> take_state() { return std::move(state_); }

 private:
  template <typename U, typename Start>
  friend Completion<U> complete_later(Start&& start);
  explicit Completion(std::shared_ptr<abi::CompletionValue<T>> state) : state_(std::move(state)) {}

  std::optional<Kept> value_;
  std::shared_ptr<abi::CompletionValue<T>> state_;
};

// Completes one call, from any thread. Whoever drops it without that ends the guest's call with a
// trap.
template <typename T>
class Completer {
 public:
  Completer(Completer&&) noexcept = default;
  Completer& operator=(Completer&& other) noexcept {
    state_.swap(other.state_);
    return *this;
  }
  ~Completer() {
    if (state_) state_->drop();
  }

  // False: nobody waits, since the call has been completed or cancelled, or its store is gone.
  template <typename U = T>
    requires(!std::is_void_v<T> && std::is_convertible_v<U, T>)
  bool complete(U&& value) {
    return state_ && state_->complete(T(std::forward<U>(value)));
  }
  bool complete()
    requires std::is_void_v<T>
  {
    return state_ && state_->complete({});
  }
  // The guest that waits traps.
  bool trap(Trap trap) { return state_ && state_->trap(std::move(trap)); }
  // Without a result. False also where the guest has not asked for that.
  bool cancel() { return state_ && state_->cancel(); }

  // Whether somebody waits.
  bool is_wanted() const { return state_ && state_->is_wanted(); }
  // The guest has asked to cancel the call.
  bool is_cancel_requested() const { return state_ && state_->is_cancel_requested(); }
  // Who hears, on the store's thread, that the guest asks to cancel the call, which may be
  // completed as ever or cancelled then, at once or later; this thread, when the guest has asked
  // already. Where nobody hears, a call that the guest asks to cancel is cancelled.
  void on_cancel(std::function<void()> ask) {
    if (state_) state_->on_cancel(std::move(ask));
  }

 private:
  template <typename U, typename Start>
  friend Completion<U> complete_later(Start&& start);
  explicit Completer(std::shared_ptr<abi::CompletionValue<T>> state) : state_(std::move(state)) {}

  std::shared_ptr<abi::CompletionValue<T>> state_;
};

// Calls `start` with the completer of the call that the completion is of.
template <typename T, typename Start>
Completion<T> complete_later(Start&& start) {
  auto state = std::make_shared<abi::CompletionValue<T>>();
  std::forward<Start>(start)(Completer<T>(state));
  return Completion<T>(std::move(state));
}

}  // namespace tenon
