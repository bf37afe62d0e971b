#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#if defined(__cpp_exceptions)
#include <exception>
#endif

#include "tenon/abi/collections.h"
#include "tenon/abi/containers.h"
#include "tenon/abi/core_call.h"
#include "tenon/abi/record.h"
#include "tenon/abi/resource.h"
#include "tenon/completion.h"

// C++ callables as functions that a component imports. The parameter types say what is lifted;
// parameters are read from the registers and from linear memory at places that are known at compile
// time, and no value is boxed on the way. A callable may
//   - take Store& as its first parameter,
//   - take std::string_view and std::span<const T>, which point into the guest until the callable
//   returns,
//   - return nothing, a value, a Completion<...> of one, or CallResult<...> of any to be able to
//   trap.
namespace tenon {

// `return err(code)` from a host function whose result is a std::expected<T, E>, wrapped in a
// CallResult or not.
template <typename E>
class Err {
 public:
  explicit Err(E error) : error_(std::move(error)) {}
  template <typename T>
  operator std::expected<T, E>() && {  // NOLINT(google-explicit-constructor): made to be converted
    return std::unexpected<E>(std::move(error_));
  }

 private:
  E error_;
};
template <typename E>
Err<E> err(E error) {
  return Err<E>(std::move(error));
}
// `return trap("why")` from one that returns a CallResult.
inline std::unexpected<Trap> trap(std::string message) {
  return std::unexpected(Trap::host(std::move(message)));
}

namespace abi {

struct FuncDesc {
  std::span<const TypeDesc* const> params;
  const TypeDesc* result = nullptr;  // null: none
};

// What a linker keeps of a host function.
struct HostFunction {
  const FuncDesc* desc = nullptr;
  decltype(CoreHostFunc::entry) entry = nullptr;
  std::shared_ptr<void> callable;
  bool may_complete_later = false;
};

// CoreHostFunc::environment of a host function that an instance imports.
struct LoweredImport {
  Options options;
  void* callable = nullptr;
};

// What the entry of a host function returns after a trap. Not inlined: what moves a Trap is long,
// and seldom runs.
[[gnu::noinline, gnu::cold]] inline CoreResult trap_in(CoreHostFunc& self, Trap&& trap) {
  static_cast<LoweredImport*>(self.environment)->options.embedder->raise(std::move(trap));
  self.call->outcome = has_trapped;
  return {};
}

namespace detail {

// What a callable returns: `Value` is the component-level result or void.
template <typename R>
struct ReturnTraits {
  using Value = R;
  using Given = R;  // unless it traps
  static constexpr bool can_trap = false;
  static constexpr bool may_complete_later = false;
};
template <typename T>
struct ReturnTraits<Completion<T>> {
  using Value = T;
  using Given = Completion<T>;
  static constexpr bool can_trap = false;
  static constexpr bool may_complete_later = true;
};
template <typename T>
struct ReturnTraits<std::expected<T, Trap>> : ReturnTraits<T> {
  static constexpr bool can_trap = true;
};

// A component-level function type in C++.
template <typename R, typename... Args>
struct Signature {
  using Result = R;
  using Params = Fields<Args...>;
  using Values = std::tuple<Args...>;
  static constexpr bool has_result = !std::is_void_v<R>;
  static constexpr bool is_all_numbers = (std::is_void_v<R> || Number<R>) &&
                                         (Number<Args> && ...) &&
                                         Params::flat.fits(max_flat_params);

  static constexpr FlatTypes flat_result() {
    if constexpr (has_result)
      return Type<R>::flat;
    else
      return {};
  }
  static constexpr FlatSignature lowered =
      flatten_functype(Params::flat, flat_result(), {Direction::lower});
  static constexpr FlatSignature lifted =
      flatten_functype(Params::flat, flat_result(), {Direction::lift});

  // One too long, since an array has an element.
  static constexpr const TypeDesc* params[] = {&Type<Args>::desc..., nullptr};
  static constexpr FuncDesc desc{{params, sizeof...(Args)}, desc_or_null<R>()};

  // canon: lift_flat_values
  static Values lift_params(Context& cx, const uint64_t* values) {
    if constexpr (lowered.params_in_memory) {
      uint64_t pointer = cx.lift_pointer(*values);
      Layout layout = Params::layout.of(cx.pointer_type());
      if (cx.check_range(pointer, layout.size, layout.alignment,
                         "pointer to parameters out of bounds of memory")) {
        return load_params(cx, pointer, std::index_sequence_for<Args...>());
      }
      return Values{};
    } else {
      return Values{Type<Args>::lift(cx, values)...};
    }
  }

  // canon: lower_flat_values. `out_param` is where the result goes when it is not flat.
  template <typename V>
  static void lower_result(Context& cx, V& value, uint64_t out_param, uint64_t* flat_value) {
    if constexpr (lowered.result_in_memory) {
      uint64_t pointer = cx.lift_pointer(out_param);
      Layout layout = Type<R>::layout.of(cx.pointer_type());
      if (cx.check_range(pointer, layout.size, layout.alignment,
                         "pointer to results out of bounds of memory")) {
        Type<R>::store(cx, value, pointer);
      }
    } else {
      Type<R>::lower(cx, value, flat_value);
    }
  }

 private:
  template <size_t... I>
  static Values load_params(Context& cx, uint64_t pointer, std::index_sequence<I...>) {
    return Values{Type<Args>::load(cx, pointer + Params::offset(I, cx.pointer_type()))...};
  }
};

// Takes a callable's type apart.
template <typename R, typename... Params>
struct CallableTraits {
  using Return = ReturnTraits<R>;
  using Sig = Signature<typename Return::Value, std::remove_cvref_t<Params>...>;

  template <typename F>
  static R call(F& f, Embedder&, typename Sig::Values& args) {
    return std::apply([&](auto&... arg) -> R { return f(static_cast<Params&&>(arg)...); }, args);
  }
};
template <typename R, typename... Params>
struct CallableTraits<R, Store&, Params...> : CallableTraits<R, Params...> {
  template <typename F>
  static R call(F& f, Embedder& embedder, typename CallableTraits::Sig::Values& args) {
    return std::apply(
        [&](auto&... arg) -> R { return f(embedder.store(), static_cast<Params&&>(arg)...); },
        args);
  }
};

template <typename F>
struct Callable : Callable<decltype(&F::operator())> {};
template <typename R, typename... P>
struct Callable<R (*)(P...)> : CallableTraits<R, P...> {};
template <typename R, typename... P>
struct Callable<R (*)(P...) noexcept> : CallableTraits<R, P...> {};
template <typename C, typename R, typename... P>
struct Callable<R (C::*)(P...)> : CallableTraits<R, P...> {};
template <typename C, typename R, typename... P>
struct Callable<R (C::*)(P...) const> : CallableTraits<R, P...> {};
template <typename C, typename R, typename... P>
struct Callable<R (C::*)(P...) noexcept> : CallableTraits<R, P...> {};
template <typename C, typename R, typename... P>
struct Callable<R (C::*)(P...) const noexcept> : CallableTraits<R, P...> {};

// Calls `f`, whatever it does about failing. An exception becomes a trap where exceptions are on.
template <typename Traits, typename F>
CallResult<typename Traits::Return::Given> call_guarded(F& f, Embedder& embedder,
                                                        typename Traits::Sig::Values& args) {
  using Given = typename Traits::Return::Given;
  auto call = [&]() -> CallResult<Given> {
    if constexpr (Traits::Return::can_trap || !std::is_void_v<Given>) {
      return Traits::call(f, embedder, args);
    } else {
      Traits::call(f, embedder, args);
      return {};
    }
  };
#if defined(__cpp_exceptions)
  try {
    return call();
  } catch (const std::exception& exception) {
    return std::unexpected(Trap::host(exception.what()));
  } catch (...) {
    return std::unexpected(Trap::host("the host function threw an exception"));
  }
#else
  return call();
#endif
}

// canon: canon_lower, once the guest is known to be one that may leave. `values` are the flat
// parameters; a flat result goes to `result`. False: it completes later.
template <typename F>
bool run_host_function(Context& cx, F& f, const uint64_t* values, uint64_t* result) {
  using Traits = Callable<F>;
  using Sig = typename Traits::Sig;
  typename Sig::Values args = Sig::lift_params(cx, values);
  if (cx.failed()) return true;
  auto returned = call_guarded<Traits>(f, *cx.options().embedder, args);
  if (!returned) {
    cx.fail(std::move(returned).error());
    return true;
  }
  uint64_t out_param = values[Sig::lowered.params.count - (Sig::lowered.result_in_memory ? 1 : 0)];
  if constexpr (Traits::Return::may_complete_later) {
    auto* value = returned->value();
    if (!value) {
      auto failed = cx.options().embedder->defer(cx, returned->take_state(), out_param);
      if (failed) cx.fail(std::move(*failed));
      return failed != nullptr;
    }
    if constexpr (Sig::has_result) Sig::lower_result(cx, *value, out_param, result);
  } else if constexpr (Sig::has_result) {
    Sig::lower_result(cx, *returned, out_param, result);
  }
  return true;
}

// canon: trap_if(not inst.may_leave)
[[gnu::noinline, gnu::cold]] inline CoreResult fail_to_leave(CoreHostFunc& self) {
  Trap trap;
  trap.code = TrapCode::cannot_leave_component;
  return trap_in(self, std::move(trap));
}

// A flat value as what the function returns.
template <FlatTypes types>
CoreResult core_result(uint64_t value) {
  if constexpr (result_place(types, 0).kind == Place::float_register) {
    return {0, std::bit_cast<double>(value)};
  } else {
    return {value, 0};
  }
}

// The same, where neither lifting nor lowering runs anything or fails.
template <typename F, size_t... I>
CoreResult run_with_numbers(CoreHostFunc& self, LoweredImport& import, const uint64_t* values,
                            std::index_sequence<I...>) {
  using Traits = Callable<F>;
  using Sig = typename Traits::Sig;
  typename Sig::Values args{
      Type<std::tuple_element_t<I, typename Sig::Values>>::from_bits(values[I])...};
  auto returned =
      call_guarded<Traits>(*static_cast<F*>(import.callable), *import.options.embedder, args);
  if (!returned) return trap_in(self, std::move(returned).error());
  if constexpr (Sig::has_result) {
    return core_result<Sig::lowered.results>(Type<typename Sig::Result>::to_bits(*returned));
  } else {
    return {};
  }
}

template <typename F>
CoreResult run_in_steps(CoreHostFunc& self, LoweredImport& import, const uint64_t* values) {
  using Sig = typename Callable<F>::Sig;
  uint64_t result = 0;
  {
    Context cx(import.options);
    bool is_complete = run_host_function(cx, *static_cast<F*>(import.callable), values, &result);
    if (cx.failed()) return trap_in(self, cx.take_trap());
    if (Callable<F>::Return::may_complete_later && !is_complete) {
      self.call->outcome = completes_later;
      return {};
    }
  }
  if constexpr (Sig::lowered.results.count > 0) {
    return core_result<Sig::lowered.results>(result);
  } else {
    return {};
  }
}

template <typename F>
CoreResult host_entry(uint64_t g0, uint64_t g1, uint64_t g2, uint64_t g3, uint64_t g4, uint64_t g5,
                      double x0, double x1, double x2, double x3, double x4, double x5, double x6,
                      double x7, CoreHostFunc* self) {
  using Sig = typename Callable<F>::Sig;
  constexpr FlatTypes types = Sig::lowered.params;
  uint64_t values[types.count + 1];  // read before anything else runs
  values[types.count] = 0;
  read_params<types>({{g0, g1, g2, g3, g4, g5}, {x0, x1, x2, x3, x4, x5, x6, x7}}, *self->call,
                     values);
  auto& import = *static_cast<LoweredImport*>(self->environment);
  if (*import.options.may_leave == 0) return fail_to_leave(*self);
  if constexpr (Sig::is_all_numbers && !Callable<F>::Return::may_complete_later) {
    return run_with_numbers<F>(*self, import, values, std::make_index_sequence<types.count>());
  } else {
    return run_in_steps<F>(*self, import, values);
  }
}

}  // namespace detail

// A host function made of a lambda, another object with one operator(), or a function pointer.
template <typename F>
HostFunction make_host_function(F&& callable) {
  using Kept = std::decay_t<F>;
  return {&detail::Callable<Kept>::Sig::desc, &detail::host_entry<Kept>,
          std::make_shared<Kept>(std::forward<F>(callable)),
          detail::Callable<Kept>::Return::may_complete_later};
}

}  // namespace abi
}  // namespace tenon
