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
  std::visit(Overloaded{
      [&](auto& t)
        requires requires { t.fields; }
                 {
                   for (auto& field : t.fields) f(field.type);
                 },
                 [&](auto& t)
                   requires requires { t.cases; }
                            {
                              for (auto& c : t.cases) {
                                if (c.type) f(*c.type);
                              }
                            },
                            [&](auto& t)
                              requires requires { t.types; }
                                       {
                                         for (auto& element : t.types) f(element);
                                       },
                                       [&](auto& t)
                                         requires requires { t.element; }
                                                  { f(t.element); },
                                                  [&](auto& t)
                                                    requires requires { t.some; }
                                                             { f(t.some); },
                                                             [&](auto& t)
                                                               requires requires { t.error; }
                                                                        {
                                                                          if (t.ok) f(*t.ok);
                                                                          if (t.error) f(*t.error);
                                                                        },
                                                                        [&](auto& t)
                                                                          requires requires {
                                                                            t.params;
                                                                          }
      {
        for (auto& param : t.params) f(param.type);
        if (t.result) f(*t.result);
      },
      [](auto&) {},
  },
             type);
}

}  // namespace tenon::component
