#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "canon/values.h"
#include "component/types.h"
#include "tenon/abi/type.h"

// Component types beside their descriptions by C++ types, and types of different components beside
// each other. Names and structure must be the same, and resources identical.
namespace tenon::canon {

// The identity of each resource that the types of a component speak of; null: not known, which fits
// nothing.
using ResourceOf = std::function<const abi::ResourceType*(component::ResourceId)>;

// The error names the first difference, and both types there: "field `x`: the component has u32,
// the host has s32".
Result<void> check_type(const component::ComponentTypes& types, component::ValType wanted,
                        const abi::TypeDesc& given, const ResourceOf& resources);

bool is_same_type(const ValueTypes& a_types, component::ValType a, const ValueTypes& b_types,
                  component::ValType b);
bool is_same_type(const abi::TypeDesc& a, const abi::TypeDesc& b);

// As in WIT, as far as a description knows it; "_" where there is none.
std::string text_of(const abi::TypeDesc* type);

}  // namespace tenon::canon
