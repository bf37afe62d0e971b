#pragma once

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "runtime/core_values.h"
#include "runtime/extern.h"
#include "runtime/instance.h"
#include "runtime/store.h"

// Core host functions out of C++ ones. A host function is called as
//
//   R function(Context& context, Caller& caller, Args... arguments)
//
// or as a member function of Context, or is an object called with (Caller&, Args...). Args and R
// are core values (core_values.h); R may be void, a tuple of several results, or CallResult of one
// of these: a Trap in it ends the guest's call once the C++ frames are gone.
namespace tenon::runtime {

// Who calls a host function. Lives for the call.
class Caller {
 public:
  explicit Caller(compiler::HostFunc& self) : self_(self) {}

  Store& store() const { return Store::of(self_.store); }
  // The instance that imports the function; null when the function was called as a value.
  Instance* instance() const { return static_cast<Instance*>(self_.instance); }
  // The importing instance's memory named "memory".
  std::optional<GuestMemory> memory() const {
    Instance* importer = instance();
    return importer == nullptr ? std::nullopt : importer->exported_memory();
  }

 private:
  compiler::HostFunc& self_;
};

namespace detail {

template <typename R>
struct PlainResult {
  using type = R;
};
template <typename R>
struct PlainResult<CallResult<R>> {
  using type = R;
};

// Leaves the results for the guest, or the trap in the store.
template <typename R>
uint32_t finish(compiler::StoreContext& context, R& result) {
  using Plain = typename PlainResult<R>::type;
  constexpr auto places = CoreResults<Plain>::places(PlaceCounter::results());
  if constexpr (std::is_same_v<R, Plain>) {
    CoreResults<R>::write(context, places, CoreResults<R>::pack(result));
  } else {
    if (!result) return static_cast<uint32_t>(Store::of(&context).raise(std::move(result).error()));
    if constexpr (!std::is_void_v<Plain>)
      CoreResults<Plain>::write(context, places, CoreResults<Plain>::pack(*result));
  }
  return 0;
}

// Reads the arguments before anything else runs, calls, and finishes.
template <typename R, typename... Args, typename Call>
uint32_t run_host_function(compiler::HostFunc* self, compiler::StoreContext* context, Call call) {
  constexpr auto places = CoreTypes<Args...>::places(PlaceCounter::params());
  std::tuple<Args...> arguments = CoreTypes<Args...>::read(*context, places);
  Caller caller(*self);
  auto apply = [&](Args... values) -> R { return call(caller, values...); };
  if constexpr (std::is_void_v<R>) {
    std::apply(apply, arguments);
    return 0;
  } else {
    R result = std::apply(apply, arguments);
    return finish(*context, result);
  }
}

template <typename R, typename... Args>
wasm::FuncType host_type() {
  return {CoreTypes<Args...>::types(), CoreResults<typename PlainResult<R>::type>::types()};
}

template <auto function, typename Function>
struct HostThunk;

template <auto function, typename Context, typename R, typename... Args>
struct HostThunk<function, R (*)(Context&, Caller&, Args...)> {
  using ContextType = Context;
  static wasm::FuncType type() { return host_type<R, Args...>(); }
  static uint32_t call(compiler::HostFunc* self, compiler::StoreContext* context) {
    return run_host_function<R, Args...>(
        self, context, [self](Caller& caller, Args... arguments) -> R {
          return function(*static_cast<Context*>(self->environment), caller, arguments...);
        });
  }
};

template <auto function, typename Context, typename R, typename... Args>
struct HostThunk<function, R (Context::*)(Caller&, Args...)> {
  using ContextType = Context;
  static wasm::FuncType type() { return host_type<R, Args...>(); }
  static uint32_t call(compiler::HostFunc* self, compiler::StoreContext* context) {
    return run_host_function<R, Args...>(
        self, context, [self](Caller& caller, Args... arguments) -> R {
          return (static_cast<Context*>(self->environment)->*function)(caller, arguments...);
        });
  }
};

template <typename Object, typename Call = decltype(&Object::operator())>
struct HostObject;

template <typename Object, typename R, typename... Args>
struct HostObject<Object, R (Object::*)(Caller&, Args...) const> {
  static wasm::FuncType type() { return host_type<R, Args...>(); }
  static uint32_t call(compiler::HostFunc* self, compiler::StoreContext* context) {
    return run_host_function<R, Args...>(
        self, context, [self](Caller& caller, Args... arguments) -> R {
          return (*static_cast<Object*>(self->environment))(caller, arguments...);
        });
  }
};
template <typename Object, typename R, typename... Args>
struct HostObject<Object, R (Object::*)(Caller&, Args...)>
    : HostObject<Object, R (Object::*)(Caller&, Args...) const> {};

}  // namespace detail

// `context` must outlive every store that uses the function.
template <auto function>
HostFunction host_function(
    typename detail::HostThunk<function, decltype(function)>::ContextType& context) {
  using Thunk = detail::HostThunk<function, decltype(function)>;
  return {Thunk::type(), Thunk::call, &context, nullptr};
}

// From an object with a call operator of one signature, for instance a lambda. Stores share the
// object; when they run on several threads, so does its code.
template <typename Object>
HostFunction host_function(Object object) {
  using Thunk = detail::HostObject<Object>;
  auto owner = std::make_shared<Object>(std::move(object));
  void* environment = owner.get();
  return {Thunk::type(), Thunk::call, environment, std::move(owner)};
}

}  // namespace tenon::runtime
