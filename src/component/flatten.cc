#include "component/flatten.h"

namespace tenon::component {
namespace {

abi::FlatTypes flat_params(const ComponentTypes& types, const FuncType& func) {
  abi::FlatTypes flat;
  for (const Field& param : func.params) flat.append(types.info(param.type).flat);
  return flat;
}

abi::FlatTypes flat_result(const ComponentTypes& types, const FuncType& func) {
  return func.result ? types.info(*func.result).flat : abi::FlatTypes();
}

std::vector<FlatType> list_of(const abi::FlatTypes& flat) {
  return {flat.types, flat.types + flat.count};
}

}  // namespace

bool has_params_in_memory(const ComponentTypes& types, const FuncType& func) {
  return !flat_params(types, func).fits(abi::max_flat_params);
}

bool has_result_in_memory(const ComponentTypes& types, const FuncType& func) {
  return !flat_result(types, func).fits(abi::max_flat_results);
}

CoreSignature flatten_functype(const ComponentTypes& types, const FuncType& func,
                               Direction direction) {
  abi::FlatSignature flat =
      abi::flatten_functype(flat_params(types, func), flat_result(types, func), direction);
  return {list_of(flat.params), list_of(flat.results)};
}

}  // namespace tenon::component
