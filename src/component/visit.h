#pragma once

#include "component/types.h"

// Small helpers to walk types.
namespace tenon::component {

// A set of lambdas as one visitor.
template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

// Calls `f(ValType&)` for each value type that `type` is directly made of, in order.
template <typename AnyType, typename Function>
void for_each_val_type(AnyType& type, Function&& f) {
  auto visit = [&](auto& t) {
    if constexpr (requires { t.fields; }) {
      for (auto& field : t.fields) f(field.type);
    } else if constexpr (requires { t.cases; }) {
      for (auto& c : t.cases) {
        if (c.type) f(*c.type);
      }
    } else if constexpr (requires { t.types; }) {
      for (auto& element : t.types) f(element);
    } else if constexpr (requires { t.key; }) {
      f(t.key);
      f(t.value);
    } else if constexpr (requires { t.payload; }) {
      if (t.payload) f(*t.payload);
    } else if constexpr (requires { t.element; }) {
      f(t.element);
    } else if constexpr (requires { t.some; }) {
      f(t.some);
    } else if constexpr (requires { t.error; }) {
      if (t.ok) f(*t.ok);
      if (t.error) f(*t.error);
    } else if constexpr (requires { t.params; }) {
      for (auto& param : t.params) f(param.type);
      if (t.result) f(*t.result);
    }
  };
  std::visit(visit, type);
}

}  // namespace tenon::component
