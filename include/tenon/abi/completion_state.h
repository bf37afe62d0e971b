#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "tenon/abi/context.h"

// canon: OnResolve, OnCancel. What a Completion and its Completer share with the store: one call of
// a host function until it is completed. Any thread may complete it; what says so is for the
// store's thread alone.
namespace tenon::abi {

class CompletionQueue;  // of a store: what has been completed

class CompletionState : public std::enable_shared_from_this<CompletionState> {
 public:
  enum class Outcome : uint8_t { none, returned, cancelled, trapped, dropped };

  CompletionState() = default;
  CompletionState(const CompletionState&) = delete;
  CompletionState& operator=(const CompletionState&) = delete;
  virtual ~CompletionState() = default;

  // Of the completer, on its thread. What completes is true once, and only while someone waits.
  bool is_wanted() const;
  bool is_cancel_requested() const;
  void on_cancel(std::function<void()> ask);
  bool trap(Trap trap);
  bool cancel();
  bool drop();

  // Of the store, on its thread. The result goes to `queue`; `call` is the store's.
  void attach(std::shared_ptr<CompletionQueue> queue, void* call);
  // Null once the store has done with it.
  void* call() const { return call_; }
  Outcome outcome() const;
  // The guest wants no result any more. Without anyone to ask, that is the outcome.
  void request_cancel();
  // Nobody waits any more.
  void close();
  Trap take_trap() { return std::move(*trap_); }
  // canon: on_resolve. After `returned`, once. A flat result goes to `flat_value`.
  virtual void lower_result(Context& cx, uint64_t out_param, uint64_t* flat_value) = 0;

 protected:
  // Whoever begins is alone in what he puts in, until he has ended.
  bool begin();
  void end(Outcome outcome);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<CompletionQueue> queue_;
  std::function<void()> on_cancel_;
  std::optional<Trap> trap_;
  void* call_ = nullptr;
  Outcome outcome_ = Outcome::none;
  bool has_begun_ = false;
  bool is_closed_ = false;
  bool is_cancel_requested_ = false;
};

namespace detail {
template <typename R, typename... Args>
struct Signature;
}

// With the value.
template <typename T>
class CompletionValue final : public CompletionState {
 public:
  using Kept = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  bool complete(Kept&& value) {
    if (!begin()) return false;
    value_.emplace(std::move(value));
    end(Outcome::returned);
    return true;
  }
  void lower_result(Context& cx, uint64_t out_param, uint64_t* flat_value) override {
    if constexpr (!std::is_void_v<T>)
      detail::Signature<T>::lower_result(cx, *value_, out_param, flat_value);
  }

 private:
  std::optional<Kept> value_;
};

}  // namespace tenon::abi
