#pragma once

#include <span>
#include <tuple>

#include "base/result.h"
#include "runtime/core_values.h"
#include "runtime/store.h"
#include "tenon/trap.h"

// Calls of guest functions by C++, where the types are known at compile time and where they are
// not. A call may run any guest code: slices of guest memory do not outlive it.
namespace tenon::runtime {

template <typename Signature>
class TypedFunction;

// A function whose type was checked once. Copyable; lives as long as its store.
template <typename R, typename... Args>
class TypedFunction<R(Args...)> {
 public:
  TypedFunction() = default;

  static wasm::FuncType type() { return {CoreTypes<Args...>::types(), CoreResults<R>::types()}; }

  // An Error of kind link, naming both types, when the function has another type.
  static Result<TypedFunction> of(Store& store, compiler::FuncRef* function);

  CallResult<R> operator()(Args... arguments) const {
    constexpr auto params = CoreTypes<Args...>::places(PlaceCounter::params());
    constexpr auto results = CoreResults<R>::places(PlaceCounter::results());
    compiler::StoreContext& context = store_->context();
    CoreTypes<Args...>::write(context, params, {arguments...});
    constexpr bool floats = CoreTypes<Args...>::has_floats || CoreResults<R>::has_floats;
    bool returned = floats ? store_->enter(*function_) : store_->enter_integer(*function_);
    if (!returned) return std::unexpected(store_->take_trap());
    if constexpr (std::is_void_v<R>) {
      return {};
    } else {
      return CoreResults<R>::unpack(CoreResults<R>::read(context, results));
    }
  }

  compiler::FuncRef* function() const { return function_; }
  explicit operator bool() const { return function_ != nullptr; }

 private:
  TypedFunction(Store& store, compiler::FuncRef* function) : store_(&store), function_(function) {}

  Store* store_ = nullptr;
  compiler::FuncRef* function_ = nullptr;
};

// An Error when the function's type is not `type`.
Result<void> check_function_type(Store& store, const compiler::FuncRef* function,
                                 const wasm::FuncType& type);

template <typename R, typename... Args>
Result<TypedFunction<R(Args...)>> TypedFunction<R(Args...)>::of(Store& store,
                                                                compiler::FuncRef* function) {
  TRY_VOID(check_function_type(store, function, type()));
  return TypedFunction(store, function);
}

// The type of a function of this store; canonical.
const wasm::FuncType& function_type(Store& store, const compiler::FuncRef& function);

// Calls with values whose types are known at run time: as many arguments and results as the
// function's type has.
CallResult<void> call_with_slots(Store& store, const compiler::FuncRef& function,
                                 std::span<const compiler::Slot> arguments,
                                 std::span<compiler::Slot> results);

}  // namespace tenon::runtime
