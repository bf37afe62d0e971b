#include <fmt/format.h>

#include "component/flatten.h"
#include "component/validate/validator.h"
#include "component/visit.h"
#include "wasm/validate/subtyping.h"

// Functions that are lifted and lowered, and canonical options.
namespace tenon::component {
namespace {

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

Result<void> check_async(const FuncType& func, const CanonOptions& options) {
  if (!options.is_async || func.is_async) return {};
  return invalid("the `async` canonical option requires an async function type");
}

}  // namespace

// wasm: match-deftype. Of the plain type `expected`.
Result<bool> Validator::has_type(uint32_t core_func, const wasm::FuncType& expected) const {
  CoreTypeId type = TRY(core_func_type(core_func));
  return output_.core_types.is_plain(type) && output_.core_types[type].func == expected;
}

Result<void> Validator::check_option_signature(const char* option, std::optional<uint32_t> function,
                                               const wasm::FuncType& expected) const {
  if (!function) return {};
  if (TRY(has_type(*function, expected))) return {};
  return invalid(fmt::format(
      "canonical option `{}` uses a core function with an incorrect signature", option));
}

Result<abi::CoreType> Validator::pointer_type(uint32_t memory_index) const {
  const StaticItem* item = TRY(scope_->spaces.get(Sort::core_memory, memory_index));
  const auto& memory = std::get<wasm::MemoryType>(std::get<CoreExternType>(*item));
  if (memory.is_shared) return invalid("canonical option `memory` is a shared memory");
  return memory.limits.is_64 ? abi::CoreType::i64 : abi::CoreType::i32;
}

// canon: canonopt-validation
Result<abi::CoreType> Validator::check_options(const CanonOptions& options,
                                               const OptionRules& rules) const {
  TRY_VOID(check_combination(options, rules));
  abi::CoreType pointer = abi::CoreType::i32;
  if (options.memory) pointer = TRY(pointer_type(*options.memory));
  auto address = to_wasm(pointer);
  TRY_VOID(
      check_option_signature("realloc", options.realloc, {std::vector(4, address), {address}}));
  constexpr auto i32 = wasm::ValType::i32;
  TRY_VOID(check_option_signature("callback", options.callback, {{i32, i32, i32}, {i32}}));
  return pointer;
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
  TRY_VOID(check_async(func, def.options));
  FlattenOptions flatten{Direction::lift, def.options.is_async, def.options.callback.has_value()};
  flatten.pointer = TRY(check_options(def.options, {.owner = "lifts", .is_lift = true}));
  TRY_VOID(check_needs(needs_of_lift(output_.types, func, flatten), def.options));
  wasm::FuncType lowered = to_wasm(flatten_functype(output_.types, func, flatten));
  TRY_VOID(check_option_signature("post-return", def.options.post_return, {lowered.results, {}}));
  TRY_VOID(check_signature(core, lowered));
  CoreTypeId declared = TRY(core_func_type(def.core_func));
  if (!output_.core_types.is_plain(declared))
    return invalid("lowered function type does not match the declared type of the core function");
  return StaticItem(Entity{EntityKind::func, type});
}

Validator::Item Validator::lower(const CanonLower& def) {
  Entity function = TRY(entity(Sort::func, def.func));
  const FuncType& func = output_.types.func(function.type);
  TRY_VOID(check_async(func, def.options));
  FlattenOptions flatten{Direction::lower, def.options.is_async};
  flatten.pointer = TRY(check_options(def.options, {.owner = "lowerings"}));
  TRY_VOID(check_needs(needs_of_lower(output_.types, func, flatten), def.options));
  scope_->has_lower = true;
  return core_func_item(to_wasm(flatten_functype(output_.types, func, flatten)));
}

Validator::Item Validator::core_func_item(wasm::FuncType type) {
  CoreTypeId id = TRY(output_.core_types.add(std::move(type)));
  return StaticItem(CoreExternType(CoreFuncType{id}));
}

}  // namespace tenon::component
