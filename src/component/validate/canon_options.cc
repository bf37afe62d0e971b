#include "component/validate/canon_options.h"

#include <fmt/format.h>

#include "component/flatten.h"

namespace tenon::component {
namespace {

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::invalid, std::move(message));
}

std::unexpected<Error> misplaced(const char* option, std::string_view owner) {
  return invalid(fmt::format("canonical option `{}` cannot be specified for {}", option, owner));
}

bool has_pointer(const ComponentTypes& types, const std::optional<ValType>& type) {
  return type && types.info(*type).has_pointer;
}

bool has_pointer_param(const ComponentTypes& types, const FuncType& func) {
  for (const Field& param : func.params) {
    if (types.info(param.type).has_pointer) return true;
  }
  return false;
}

}  // namespace

Result<void> check_combination(const CanonOptions& options, const OptionRules& rules) {
  if (options.post_return && !rules.is_lift) return misplaced("post-return", rules.owner);
  if (options.callback && !rules.is_lift) return misplaced("callback", rules.owner);
  if (options.is_async && !rules.allows_async) return misplaced("async", rules.owner);
  if (options.realloc && !rules.allows_realloc) return misplaced("realloc", rules.owner);
  if (options.callback && !options.is_async)
    return invalid("cannot specify callback without async");
  if (options.post_return && options.is_async)
    return invalid("cannot specify post-return function in async");
  if (options.realloc && !options.memory)
    return invalid("canonical option `realloc` requires `memory` to also be specified");
  return {};
}

Needs needs_of_lift(const ComponentTypes& types, const FuncType& func,
                    const abi::FlattenOptions& options) {
  abi::FlatSignature flat = flat_signature(types, func, options);
  // The result of an asynchronous call is flattened as the parameters of `task.return`.
  bool result_in_memory =
      flat.result_in_memory ||
      (options.is_async && func.result &&
       !types.info(*func.result).flat_for(options.pointer).fits(abi::max_flat_params));
  Needs needs;
  needs.realloc = flat.params_in_memory || has_pointer_param(types, func);
  needs.memory = needs.realloc || result_in_memory || has_pointer(types, func.result);
  return needs;
}

Needs needs_of_lower(const ComponentTypes& types, const FuncType& func,
                     const abi::FlattenOptions& options) {
  abi::FlatSignature flat = flat_signature(types, func, options);
  Needs needs;
  needs.realloc = has_pointer(types, func.result);
  needs.memory = needs.realloc || flat.params_in_memory || flat.result_in_memory ||
                 has_pointer_param(types, func);
  return needs;
}

Result<void> check_needs(Needs needs, const CanonOptions& options) {
  if (needs.memory && !options.memory) return invalid("canonical option `memory` is required");
  if (needs.realloc && !options.realloc) return invalid("canonical option `realloc` is required");
  return {};
}

}  // namespace tenon::component
