#pragma once

#include <cstdint>

#include "canon/values.h"

// Between the two ways in which a call passes its values: through memory, and as core values.
namespace tenon::canon {

// canon: lift_flat_values of parameters in memory, followed by lower_flat_values of the same, which
// leaves lists and handles as they are. `flat` has room for all of them.
void load_flat_params(abi::Context& cx, const component::ComponentTypes& types,
                      const component::FuncType& function, uint64_t pointer, uint64_t* flat);

// canon: lower_flat_values of a result that is one core value, to memory.
void store_flat_result(abi::Context& cx, const component::ComponentTypes& types,
                       component::ValType result, uint64_t flat, uint64_t pointer);

}  // namespace tenon::canon
