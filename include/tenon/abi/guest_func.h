#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "tenon/abi/host_func.h"

// Calls of component functions that guests export, from C++ with C++ types.
namespace tenon::abi {

// An exported function, as the runtime offers it. One call at a time: enter, run, leave, or abandon
// at any point after `enter`. Traps are values here: null means that all went well.
class GuestFunc {
 public:
  const Options& options() const { return options_; }
  CoreCall& core_call() const { return core_call_; }

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
  GuestFunc(const Options& options, CoreCall& core_call)
      : options_(options), core_call_(core_call) {}
  ~GuestFunc() = default;

 private:
  const Options options_;
  CoreCall& core_call_;
};

namespace detail {

// Parameters of C++ for the same component type.
template <typename Sig, typename... Args, size_t... I>
void lower_params(Context& cx, uint64_t* values, std::index_sequence<I...>, Args&... args) {
  using Params = typename Sig::Params;
  if constexpr (Sig::lifted.params_in_memory) {
    uint32_t pointer = cx.allocate(Params::layout.alignment, Params::layout.size);
    *values = pointer;
    if (cx.failed()) return;
    (Type<std::remove_cvref_t<Args>>::store(cx, args, pointer + Params::offset(I)), ...);
  } else {
    (Type<std::remove_cvref_t<Args>>::lower(cx, args, values), ...);
  }
}

// canon: lift_flat_values
template <typename Sig>
auto lift_result(Context& cx, uint64_t flat_value) -> typename Sig::Result {
  using R = typename Sig::Result;
  if constexpr (Sig::lifted.result_in_memory) {
    uint32_t pointer = static_cast<uint32_t>(flat_value);
    if (!cx.check_range(pointer, Type<R>::layout.size, Type<R>::layout.alignment,
                        "pointer to results out of bounds of memory")) {
      return R{};
    }
    return Type<R>::load(cx, pointer);
  } else {
    const uint64_t* values = &flat_value;
    return Type<R>::lift(cx, values);
  }
}

// Whether a type has a view inside, which would outlive what it points to.
template <typename T>
constexpr bool holds_view();

template <typename T>
struct ViewIn {
  static constexpr bool value = false;
};
template <>
struct ViewIn<std::string_view> {
  static constexpr bool value = true;
};
template <typename T>
struct ViewIn<std::span<T>> {
  static constexpr bool value = true;
};
template <template <typename...> typename Container, typename... Ts>
struct ViewIn<Container<Ts...>> {
  static constexpr bool value = (holds_view<Ts>() || ...);
};
template <typename T>
  requires requires { RecordTraits<T>::fields; }
struct ViewIn<T> {
  static constexpr bool value = std::apply(
      [](auto... field) { return (holds_view<typename decltype(field)::Value>() || ...); },
      RecordTraits<T>::fields);
};
template <typename T>
  requires requires { VariantTraits<T>::names; }
struct ViewIn<T> : ViewIn<decltype(variant_base(std::declval<const T&>()))> {};

template <typename T>
constexpr bool holds_view() {
  return ViewIn<T>::value;
}

}  // namespace detail

// canon: canon_lift, called by the host.
template <typename R, typename... Args>
CallResult<R> call_guest(GuestFunc& function, Args&... args) {
  using Sig = detail::Signature<R, std::remove_cvref_t<Args>...>;
  static_assert(!detail::holds_view<R>(),
                "the result outlives the call: use std::string and std::vector");
  if (auto trap = function.enter()) return std::unexpected(std::move(*trap));
  uint64_t flat_value = 0;
  CallResult<R> result = [&]() -> CallResult<R> {
    Context cx(function.options());
    uint64_t values[Sig::lifted.params.count + 1];
    detail::lower_params<Sig>(cx, values, std::index_sequence_for<Args...>(), args...);
    if (cx.failed()) return std::unexpected(cx.take_trap());
    write_params<Sig::lifted.params>(function.core_call(), values);
    if (auto trap = function.run()) return std::unexpected(std::move(*trap));
    if constexpr (Sig::has_result) {
      flat_value = result_of(Sig::lifted.results, function.core_call());
      R value = detail::lift_result<Sig>(cx, flat_value);
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

}  // namespace tenon::abi
