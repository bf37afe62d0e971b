#pragma once

#include "component/plan/plan.h"
#include "component/types.h"
#include "tenon/abi/flatten.h"

// canon: Flattening. The core signatures of component functions; the rules themselves are in
// tenon/abi/flatten.h.
namespace tenon::component {

using abi::Direction;
using abi::FlattenOptions;

// What `options` make of a signature in that direction.
FlattenOptions flatten_options(Direction direction, const Options& options);

// Whether parameters or result of a synchronous call travel as one pointer, because they are too
// many core values.
bool has_params_in_memory(const ComponentTypes& types, const FuncType& func);
bool has_result_in_memory(const ComponentTypes& types, const FuncType& func);

// canon: flatten_functype
CoreSignature flatten_functype(const ComponentTypes& types, const FuncType& func,
                               const FlattenOptions& options);
// The same with what travels through memory.
abi::FlatSignature flat_signature(const ComponentTypes& types, const FuncType& func,
                                  const FlattenOptions& options);

}  // namespace tenon::component
