#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/abi/guest_func.h"
#include "tenon/error.h"
#include "tenon/trap.h"
#include "tenon/value.h"

// Functions that a component instance exports. Both kinds are views: valid as long as their store,
// to be used on its thread. A call that traps leaves its instance unusable: later calls fail with
// cannot_enter_component.
namespace tenon {

// With C++ types, checked once when it was looked up.
template <typename Signature>
class TypedFunc;

template <typename R, typename... Args>
class TypedFunc<R(Args...)> {
 public:
  using Sig = abi::detail::Signature<R, std::remove_cvref_t<Args>...>;

  explicit TypedFunc(abi::GuestFunc& function) : function_(&function) {}

  CallResult<R> operator()(Args... args) const { return abi::call_guest<R>(*function_, args...); }

 private:
  abi::GuestFunc* function_;
};

// With values whose types are known at run time.
class Func {
 public:
  class Impl;

  struct Param {
    std::string name;
    std::string type;  // as in WIT
  };
  std::vector<Param> params() const;
  // As in WIT; empty when there is no result.
  std::string result() const;

  // Arguments that do not fit the function's type are an Error before anything runs. At most one
  // result.
  Result<CallResult<std::vector<Value>>> call(std::span<const Value> args) const;
  // The same with a list of arguments in WAVE, as `"hi", 3`, and the result in WAVE; `()` when
  // there is none.
  Result<CallResult<std::string>> call_wave(std::string_view args) const;

  explicit Func(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace tenon
