#pragma once

#include "base/result.h"
#include "canon/type_desc.h"
#include "component/plan/plan.h"
#include "component/types.h"
#include "runtime/module.h"
#include "tenon/abi/host_func.h"

// Compares the type of a C++ function with the component's type of the function that it stands for.
// Names and structure must be the same; names of parameters and of types do not count.
namespace tenon::runtime {

using ResourceTypeOf = canon::ResourceOf;

// The error says where the first difference is, and both types there: "parameter 2 (`at`): field
// `x`: the component has u32, the host has s32".
Result<void> check_function_type(const component::ComponentTypes& types,
                                 const component::FuncType& wanted, const abi::FuncDesc& given,
                                 const ResourceTypeOf& resources);

// Whether `module` imports no more than the component gives it, and exports all that it wants, each
// of a type that fits.
Result<void> check_module_type(const Module& module, const component::ImportedModule& wanted,
                               const component::CoreTypes& core_types);

}  // namespace tenon::runtime
