#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "tenon/func.h"
#include "tenon/store.h"

// A component that runs in a store. A view: valid as long as the store, to be used on its thread.
namespace tenon {

class Instance {
 public:
  class Impl;

  // An exported function by name; `interface#function` for one of an exported interface, whose
  // version is matched as the linker does. The error says what is exported, or the first place
  // where the types differ.
  template <typename Signature>
  Result<TypedFunc<Signature>> get_func(std::string_view name) const {
    auto function = find_typed(name, TypedFunc<Signature>::Sig::desc);
    if (!function) return std::unexpected(std::move(function).error());
    return TypedFunc<Signature>(**function);
  }
  Result<Func> get_func(std::string_view name) const;

  // An exported value by name, as `get_func` finds functions.
  Result<Value> get_value(std::string_view name) const;

  // A call written in WAVE, and its result in WAVE: `greet("world")`, `ns:pkg/iface.func@1.2.0({a:
  // 1})`; `()` when there is no result. A function named without its interface must be the only one
  // of that name.
  Result<CallResult<std::string>> call_wave(std::string_view call) const;

  explicit Instance(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

 private:
  Result<abi::GuestFunc*> find_typed(std::string_view name, const abi::FuncDesc& type) const;

  std::shared_ptr<Impl> impl_;
};

}  // namespace tenon
