#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "tenon/abi/host_func.h"
#include "tenon/abi/views.h"

// Calls of component functions that guests export, from C++ with C++ types.
namespace tenon::abi {

// The values of one call of an async function, which may begin and return whenever it likes.
class CallValues {
 public:
  virtual void lower_params(Context& cx, uint64_t* flat_values) = 0;
  // More than `max_flat` flat values are in memory, where the only one points to.
  virtual void lift_result(Context& cx, const uint64_t* flat_values, uint32_t max_flat) = 0;

 protected:
  ~CallValues() = default;
};

// An exported function, as the runtime offers it. One call at a time: enter, run, leave, or abandon
// at any point after `enter`. Traps are values here: null means that all went well.
class GuestFunc {
 public:
  const Options& options() const { return options_; }
  CoreCall& core_call() const { return core_call_; }
  bool is_async() const { return is_async_; }

  // A whole call of an async function, which may do other things, too, until it has returned.
  virtual std::unique_ptr<Trap> call_async(CallValues& values) = 0;
  // A whole call where all values are numbers, which are moved as they are. Takes arguments and
  // leaves results as `run` does; false: take_trap() says why it failed.
  virtual bool call() = 0;
  virtual Trap take_trap() = 0;

  // canon: trap_if(not inst.may_enter_from(None)), inst.enter_from(None)
  virtual std::unique_ptr<Trap> enter() = 0;
  // The core function: takes its arguments from core_call(), leaves its results there.
  virtual std::unique_ptr<Trap> run() = 0;
  // canon: canon_lift after the result is lifted: Task.return_, post-return, inst.leave_to(None).
  // `flat_result` is what the core function returned.
  virtual std::unique_ptr<Trap> leave(uint64_t flat_result) = 0;
  // After a failure, which this says the place of: the instance cannot be entered again.
  virtual void abandon(Trap& trap) = 0;

 protected:
  GuestFunc(const Options& options, CoreCall& core_call, bool is_async)
      : options_(options), core_call_(core_call), is_async_(is_async) {}
  ~GuestFunc() = default;

 private:
  const Options options_;
  CoreCall& core_call_;
  const bool is_async_;
};

namespace detail {

// Parameters of C++ for the same component type.
template <typename Sig, typename... Args, size_t... I>
void lower_params(Context& cx, uint64_t* values, std::index_sequence<I...>, Args&... args) {
  using Params = typename Sig::Params;
  if constexpr (Sig::lifted.params_in_memory) {
    Layout layout = Params::layout.of(cx.pointer_type());
    uint64_t pointer = cx.allocate(layout.alignment, layout.size);
    *values = pointer;
    if (cx.failed()) return;
    (Type<std::remove_cvref_t<Args>>::store(cx, args,
                                            pointer + Params::offset(I, cx.pointer_type())),
     ...);
  } else {
    (Type<std::remove_cvref_t<Args>>::lower(cx, args, values), ...);
  }
}

// canon: lift_flat_values
template <typename R>
R lift_result(Context& cx, const uint64_t* flat_values, bool is_in_memory) {
  if (!is_in_memory) return Type<R>::lift(cx, flat_values);
  uint64_t pointer = cx.lift_pointer(*flat_values);
  Layout layout = Type<R>::layout.of(cx.pointer_type());
  if (!cx.check_range(pointer, layout.size, layout.alignment,
                      "pointer to results out of bounds of memory")) {
    return R{};
  }
  return Type<R>::load(cx, pointer);
}

template <typename R, typename... Args>
class AsyncCall final : public CallValues {
 public:
  using Sig = Signature<R, std::remove_cvref_t<Args>...>;

  explicit AsyncCall(Args&... args) : args_(args...) {}

  void lower_params(Context& cx, uint64_t* flat_values) override {
    std::apply(
        [&](Args&... args) {
          detail::lower_params<Sig>(cx, flat_values, std::index_sequence_for<Args...>(), args...);
        },
        args_);
  }
  void lift_result(Context& cx, const uint64_t* flat_values, uint32_t max_flat) override {
    if constexpr (Sig::has_result)
      result_.emplace(detail::lift_result<R>(cx, flat_values, !Type<R>::flat.fits(max_flat)));
  }

  CallResult<R> run(GuestFunc& function) {
    if (auto trap = function.call_async(*this)) return std::unexpected(std::move(*trap));
    if constexpr (Sig::has_result) {
      return std::move(*result_);
    } else {
      return {};
    }
  }

 private:
  std::tuple<Args&...> args_;
  std::optional<std::conditional_t<std::is_void_v<R>, bool, R>> result_;
};

template <typename Sig, typename... Args, size_t... I>
void write_numbers(CoreCall& call, std::index_sequence<I...>, Args... args) {
  ((value_at(call, param_place(Sig::lifted.params, I)) = Type<Args>::to_bits(args)), ...);
}

// Not inlined: what moves a Trap is long, and seldom runs.
template <typename R>
[[gnu::noinline, gnu::cold]] CallResult<R> failed_call(GuestFunc& function) {
  return std::unexpected(function.take_trap());
}

// canon: canon_lift, where neither lifting nor lowering runs anything or fails.
template <typename R, typename... Args>
CallResult<R> call_with_numbers(GuestFunc& function, Args... args) {
  using Sig = Signature<R, Args...>;
  CoreCall& call = function.core_call();
  write_numbers<Sig>(call, std::index_sequence_for<Args...>(), args...);
  if (!function.call()) return failed_call<R>(function);
  if constexpr (Sig::has_result) {
    return Type<R>::from_bits(result_of(Sig::lifted.results, call));
  } else {
    return {};
  }
}

// canon: canon_lift
template <typename R, typename... Args>
CallResult<R> call_in_steps(GuestFunc& function, Args&... args) {
  using Sig = Signature<R, std::remove_cvref_t<Args>...>;
  if (auto trap = function.enter()) return std::unexpected(std::move(*trap));
  uint64_t flat_value = 0;
  CallResult<R> result = [&]() -> CallResult<R> {
    Context cx(function.options());
    uint64_t values[Sig::lifted.params.count + 1];
    lower_params<Sig>(cx, values, std::index_sequence_for<Args...>(), args...);
    if (cx.failed()) return std::unexpected(cx.take_trap());
    write_params<Sig::lifted.params>(function.core_call(), values);
    if (auto trap = function.run()) return std::unexpected(std::move(*trap));
    if constexpr (Sig::has_result) {
      flat_value = result_of(Sig::lifted.results, function.core_call());
      R value = lift_result<R>(cx, &flat_value, Sig::lifted.result_in_memory);
      if (cx.failed()) return std::unexpected(cx.take_trap());
      return value;
    } else {
      return {};
    }
  }();
  if (!result) {
    function.abandon(result.error());
    return result;
  }
  if (auto trap = function.leave(flat_value)) return std::unexpected(std::move(*trap));
  return result;
}

}  // namespace detail

// Calls by the host.
template <typename R, typename... Args>
CallResult<R> call_guest(GuestFunc& function, Args&... args) {
  using Sig = detail::Signature<R, std::remove_cvref_t<Args>...>;
  static_assert(!detail::holds_view<R>(),
                "the result outlives the call: use std::string and std::vector");
  if (function.is_async()) return detail::AsyncCall<R, Args...>(args...).run(function);
  if constexpr (Sig::is_all_numbers) {
    return detail::call_with_numbers<R, std::remove_cvref_t<Args>...>(function, args...);
  } else {
    return detail::call_in_steps<R>(function, args...);
  }
}

}  // namespace tenon::abi
