#pragma once

#include <string_view>

#include "tenon/func.h"
#include "tenon/store.h"

// A component that runs in a store. A view: valid as long as the store, to be used on its thread.
namespace tenon {

class Instance {
 public:
  class Impl;

  // An exported function by name; `interface#function` for one of an exported interface, whose version is
  // matched as the linker does. The error says what is exported, or the first place where the types differ.
  template <typename Signature>
  Result<TypedFunc<Signature>> get_func(std::string_view name) const {
    auto function = find_typed(name, TypedFunc<Signature>::Sig::desc);
    if (!function) return std::unexpected(std::move(function).error());
    return TypedFunc<Signature>(**function);
  }
  Result<Func> get_func(std::string_view name) const;

  explicit Instance(Impl& impl) : impl_(&impl) {}

 private:
  Result<abi::GuestFunc*> find_typed(std::string_view name, const abi::FuncDesc& type) const;

  Impl* impl_;
};

}  // namespace tenon
