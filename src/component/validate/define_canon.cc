#include <fmt/format.h>

#include "component/flatten.h"
#include "component/validate/validator.h"
#include "component/visit.h"
#include "wasm/validate/subtyping.h"

// Canonical definitions.
namespace tenon::component {
namespace {

// What the values that pass through an adapter need of its options.
struct Needs {
  bool memory = false;
  bool realloc = false;
};

// canon: canon-lift validation
Needs needs_of_lift(const ComponentTypes& types, const FuncType& func) {
  Needs needs;
  needs.realloc = has_params_in_memory(types, func);
  for (const Field& param : func.params) needs.realloc |= types.info(param.type).has_pointer;
  needs.memory = needs.realloc || has_result_in_memory(types, func) ||
                 (func.result && types.info(*func.result).has_pointer);
  return needs;
}

// canon: canon-lower validation
Needs needs_of_lower(const ComponentTypes& types, const FuncType& func) {
  Needs needs;
  needs.realloc = func.result && types.info(*func.result).has_pointer;
  needs.memory =
      needs.realloc || has_params_in_memory(types, func) || has_result_in_memory(types, func);
  for (const Field& param : func.params) needs.memory |= types.info(param.type).has_pointer;
  return needs;
}

Result<void> check_needs(Needs needs, const CanonOptions& options) {
  if (needs.memory && !options.memory) return invalid("canonical option `memory` is required");
  if (needs.realloc && !options.realloc) return invalid("canonical option `realloc` is required");
  return {};
}

std::string text_of(const std::vector<wasm::ValType>& types) {
  std::string text = "[";
  for (wasm::ValType type : types) {
    if (text.size() > 1) text += ", ";
    std::string name = wasm::to_string(type);
    for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    text += name;
  }
  return text + ']';
}

Result<void> check_signature(const wasm::FuncType& core, const wasm::FuncType& lowered) {
  if (core.params != lowered.params) {
    return invalid(fmt::format(
        "lowered parameter types `{}` do not match parameter types `{}` of the core function",
        text_of(lowered.params), text_of(core.params)));
  }
  if (core.results != lowered.results) {
    return invalid(
        fmt::format("lowered result types `{}` do not match result types `{}` of the core function",
                    text_of(lowered.results), text_of(core.results)));
  }
  return {};
}

wasm::FuncType i32_func(size_t params, size_t results) {
  return {std::vector<wasm::ValType>(params, wasm::ValType::i32),
          std::vector<wasm::ValType>(results, wasm::ValType::i32)};
}

}  // namespace

// canon: canonopt-validation
Result<void> Validator::check_options(const CanonOptions& options) {
  if (options.is_async || options.callback) {
    return fail(ErrorCode::unsupported, "the canonical option `async` is not supported yet");
  }
  if (options.memory) {
    const StaticItem* item = TRY(scope_->spaces.get(Sort::core_memory, *options.memory));
    const auto& memory = std::get<wasm::MemoryType>(std::get<CoreExternType>(*item));
    if (memory.limits.is_64)
      return fail(ErrorCode::unsupported,
                  "a 64-bit memory as canonical option is not supported yet");
    if (memory.is_shared) return invalid("canonical option `memory` is a shared memory");
    if (memory.page_size_log2 != 16) {
      return fail(ErrorCode::unsupported,
                  "a memory with custom page sizes as canonical option is not supported yet");
    }
  }
  if (options.realloc) {
    const wasm::FuncType* realloc = TRY(core_func(*options.realloc));
    if (*realloc != i32_func(4, 1)) {
      return invalid("canonical option `realloc` uses a core function with an incorrect signature");
    }
    if (!options.memory)
      return invalid("canonical option `realloc` requires `memory` to also be specified");
  }
  return {};
}

Validator::Item Validator::define(const CanonDef& def) {
  return std::visit(Overloaded{
                        [&](const CanonLift& canon) { return lift(canon); },
                        [&](const CanonLower& canon) { return lower(canon); },
                        [&](const CanonBuiltin& canon) { return builtin(canon); },
                    },
                    def.canon);
}

Validator::Item Validator::lift(const CanonLift& def) {
  TypeId type = TRY(type_at(def.type));
  if (!std::holds_alternative<FuncType>(output_.types[type])) {
    return invalid(fmt::format("type index {} is not a function type", def.type));
  }
  const FuncType& func = output_.types.func(type);
  wasm::FuncType core = *TRY(core_func(def.core_func));
  TRY_VOID(check_options(def.options));
  TRY_VOID(check_needs(needs_of_lift(output_.types, func), def.options));
  wasm::FuncType lowered = to_wasm(flatten_functype(output_.types, func, Direction::lift));
  if (def.options.post_return) {
    const wasm::FuncType* post_return = TRY(core_func(*def.options.post_return));
    if (*post_return != wasm::FuncType{lowered.results, {}}) {
      return invalid(
          "canonical option `post-return` uses a core function with an incorrect signature");
    }
  }
  TRY_VOID(check_signature(core, lowered));
  return StaticItem(Entity{EntityKind::func, type});
}

Validator::Item Validator::lower(const CanonLower& def) {
  Entity function = TRY(entity(Sort::func, def.func));
  const FuncType& func = output_.types.func(function.type);
  if (def.options.post_return)
    return invalid("canonical option `post-return` cannot be specified for lowerings");
  TRY_VOID(check_options(def.options));
  TRY_VOID(check_needs(needs_of_lower(output_.types, func), def.options));
  scope_->has_lower = true;
  return StaticItem(
      CoreExternType(to_wasm(flatten_functype(output_.types, func, Direction::lower))));
}

Validator::Item Validator::builtin(const CanonBuiltin& def) {
  switch (def.builtin) {
    case Builtin::resource_new:
    case Builtin::resource_drop:
    case Builtin::resource_rep: return resource_builtin(def);
    default:
      return fail(
          ErrorCode::unsupported,
          fmt::format("canonical built-in `{}` is not supported yet", info_of(def.builtin).name));
  }
}

Validator::Item Validator::resource_builtin(const CanonBuiltin& def) {
  TypeId type = TRY(resource_at(def.type));
  ResourceId resource = std::get<ResourceType>(output_.types[type]).resource;
  if (def.builtin == Builtin::resource_drop) return StaticItem(CoreExternType(i32_func(1, 0)));
  if (!scope_->defined.contains(resource)) {
    return invalid(fmt::format("type index {} is not a local resource", def.type));
  }
  return StaticItem(CoreExternType(i32_func(1, 1)));
}

}  // namespace tenon::component
