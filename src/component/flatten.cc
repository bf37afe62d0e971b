#include "component/flatten.h"

namespace tenon::component {
namespace {

abi::FlatTypes flat_params(const ComponentTypes& types, const FuncType& func,
                           abi::CoreType pointer = abi::CoreType::i32) {
  abi::FlatTypes flat;
  for (const Field& param : func.params) flat.append(types.info(param.type).flat_for(pointer));
  return flat;
}

abi::FlatTypes flat_result(const ComponentTypes& types, const FuncType& func,
                           abi::CoreType pointer = abi::CoreType::i32) {
  return func.result ? types.info(*func.result).flat_for(pointer) : abi::FlatTypes();
}

std::vector<FlatType> list_of(const abi::FlatTypes& flat) {
  return {flat.types, flat.types + flat.count};
}

}  // namespace

FlattenOptions flatten_options(Direction direction, const Options& options) {
  return {direction, options.is_async, options.callback.has_value(), options.pointer};
}

bool has_params_in_memory(const ComponentTypes& types, const FuncType& func) {
  return !flat_params(types, func).fits(abi::max_flat_params);
}

bool has_result_in_memory(const ComponentTypes& types, const FuncType& func) {
  return !flat_result(types, func).fits(abi::max_flat_results);
}

abi::FlatSignature flat_signature(const ComponentTypes& types, const FuncType& func,
                                  const FlattenOptions& options) {
  return abi::flatten_functype(flat_params(types, func, options.pointer),
                               flat_result(types, func, options.pointer), options);
}

CoreSignature flatten_functype(const ComponentTypes& types, const FuncType& func,
                               const FlattenOptions& options) {
  abi::FlatSignature flat = flat_signature(types, func, options);
  return {list_of(flat.params), list_of(flat.results)};
}

}  // namespace tenon::component
