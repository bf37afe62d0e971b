#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "component/despecialize.h"
#include "component/types.h"
#include "tenon/abi/context.h"
#include "tenon/abi/resource.h"
#include "tenon/value.h"

// Lifting and lowering of values whose types are known only at run time: loading, storing, flat
// lifting and flat lowering of the Canonical ABI over Value. They share with the typed path
// (tenon/abi/type.h) its layout, its checks and its strings.
namespace tenon {

// A resource outside of any guest. `owned` until it is given back.
struct ResourceValue::State {
  abi::Embedder* store = nullptr;  // dangles when `store_life` has expired
  std::weak_ptr<const void> store_life;
  const abi::ResourceType* type = nullptr;
  uint32_t rep = 0;
  bool owned = false;
};

namespace canon {

// The types that ids of a component stand for.
struct ValueTypes {
  const component::ComponentTypes& types;
  std::function<const abi::ResourceType*(component::ResourceId)> resource;
};

// Why a resource cannot go where one of `type` in `store` is asked for; null: it can.
const char* problem_of(const ResourceValue& resource, const abi::ResourceType* type,
                       const abi::Embedder* store);

// What is wrong with a resource, a stream or a future that is of the kind that a type asks for;
// null: nothing.
struct CheckHandles {
  std::function<const char*(component::ResourceId, const ResourceValue&)> resource;
  std::function<const char*(const abi::HostEnd* end, bool is_future,
                            std::optional<component::ValType> payload)>
      end;
};
// An error that names the place and both types when `value` is not of `type`. Lowering relies on
// it, but for what `check_handles` looks at.
Result<void> check_value(const component::ComponentTypes& types, component::ValType type,
                         const Value& value, const CheckHandles& check_handles = {});

// canon: load, lift_flat. `pointer` is aligned and in bounds; `values` moves behind what was read.
// After a failure of `cx` the value means nothing.
Value load(abi::Context& cx, const ValueTypes& types, component::ValType type, uint64_t pointer);
Value lift_flat(abi::Context& cx, const ValueTypes& types, component::ValType type,
                const uint64_t*& values);

// canon: store, lower_flat.
void store(abi::Context& cx, const ValueTypes& types, component::ValType type, const Value& value,
           uint64_t pointer);
void lower_flat(abi::Context& cx, const ValueTypes& types, component::ValType type,
                const Value& value, uint64_t*& values);

// canon: lift_flat_values of the one result of an export, lower_flat_values of its parameters.
// `flat` has room for abi::max_flat_params values; a result of more than `max_flat` is in memory.
Value lift_result(abi::Context& cx, const ValueTypes& types, component::ValType type,
                  const uint64_t* flat, uint32_t max_flat);
void lower_params(abi::Context& cx, const ValueTypes& types, const component::FuncType& function,
                  std::span<const Value> params, uint64_t* flat);

}  // namespace canon
}  // namespace tenon
