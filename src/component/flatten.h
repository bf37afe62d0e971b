#pragma once

#include <vector>

#include "component/plan/plan.h"
#include "component/types.h"

// canon: Flattening. The core signatures of component functions, for 32-bit memories.
namespace tenon::component {

constexpr uint32_t max_flat_params = 16;  // canon: MAX_FLAT_PARAMS
constexpr uint32_t max_flat_results = 1;  // canon: MAX_FLAT_RESULTS

// canon: flatten_type. `type` has at most max_flat_params flat values (TypeInfo::flat_count).
std::vector<FlatType> flatten_type(const ComponentTypes& types, ValType type);

// canon: join
FlatType join(FlatType a, FlatType b);

// The number of flat values of all parameters, or of the result; above the limits it only says
// "more".
uint32_t flat_param_count(const ComponentTypes& types, const FuncType& func);
uint32_t flat_result_count(const ComponentTypes& types, const FuncType& func);

// canon: flatten_functype
enum class Direction : uint8_t { lift, lower };
CoreSignature flatten_functype(const ComponentTypes& types, const FuncType& func,
                               Direction direction);

}  // namespace tenon::component
