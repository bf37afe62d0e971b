#include <fmt/format.h>

#include <tuple>

#include "component/flatten.h"
#include "component/validate/validator.h"

// Canonical built-ins. Their signatures are in builtins.def; what is here says what the letters
// stand for, and which immediates are valid.
namespace tenon::component {
namespace {

constexpr uint32_t context_slots = 2;

bool is_stream(Builtin builtin) {
  return builtin >= Builtin::stream_new && builtin <= Builtin::stream_drop_writable;
}
bool is_read(Builtin builtin) {
  return builtin == Builtin::stream_read || builtin == Builtin::future_read;
}

// What the letters of a signature that differ from use to use stand for.
struct SignatureTypes {
  wasm::ValType pointer = wasm::ValType::i32;
  wasm::ValType table = wasm::ValType::i32;
  wasm::ValType closure = wasm::ValType::i32;
  wasm::ValType context = wasm::ValType::i32;
  wasm::ValType representation = wasm::ValType::i32;
  std::vector<wasm::ValType> result;
};

wasm::FuncType signature_of(std::string_view letters, const SignatureTypes& types) {
  wasm::FuncType signature;
  std::vector<wasm::ValType>* list = &signature.params;
  for (char letter : letters) {
    switch (letter) {
      case '>': list = &signature.results; break;
      case 'i': list->push_back(wasm::ValType::i32); break;
      case 'I': list->push_back(wasm::ValType::i64); break;
      case 'p': list->push_back(types.pointer); break;
      case 'T': list->push_back(types.table); break;
      case 'c': list->push_back(types.closure); break;
      case 'v': list->push_back(types.context); break;
      case 'R': list->push_back(types.representation); break;
      case 'r': list->insert(list->end(), types.result.begin(), types.result.end()); break;
      default: CHECK(false);
    }
  }
  return signature;
}

// `used`: the type that the component's others have.
Result<void> check_context(const CanonBuiltin& def, std::optional<wasm::ValType>& used) {
  std::string_view name = info_of(def.builtin).name;
  if (def.context != wasm::ValType::i32 && def.context != wasm::ValType::i64)
    return invalid(fmt::format("`{}` only supports `i32` or `i64`", name));
  if (def.slot >= context_slots) {
    return invalid(fmt::format("`{}` immediate must be zero or one: {}", name, def.slot));
  }
  if (used && *used != def.context)
    return invalid(
        fmt::format("`{}` has another type than the component's other uses of context", name));
  used = def.context;
  return {};
}

}  // namespace

// The representation of the resource.
Result<wasm::ValType> Validator::check_resource_builtin(const CanonBuiltin& def) const {
  TypeId type = TRY(resource_at(def.type));
  if (def.builtin == Builtin::resource_drop) return wasm::ValType(wasm::ValType::i32);
  auto defined = scope_->defined.find(std::get<ResourceType>(output_.types[type]).resource);
  if (defined != scope_->defined.end()) return defined->second;
  return invalid(fmt::format("type index {} is not a local resource", def.type));
}

// canon: canon-stream.new and what works on the ends of streams and futures
Result<std::optional<ValType>> Validator::payload_of(const CanonBuiltin& def) const {
  TypeId id = TRY(type_at(def.type));
  const Type& type = output_.types[id];
  if (is_stream(def.builtin)) {
    if (auto* stream = std::get_if<StreamType>(&type)) return stream->payload;
  } else {
    if (auto* future = std::get_if<FutureType>(&type)) return future->payload;
  }
  return invalid(fmt::format("`{}` requires a {} type", info_of(def.builtin).name,
                             is_stream(def.builtin) ? "stream" : "future"));
}

// canon: canon-stream.read and its kin
Result<abi::CoreType> Validator::check_copy(const CanonBuiltin& def) const {
  std::optional<ValType> payload = TRY(payload_of(def));
  std::string owner = fmt::format("`{}`", info_of(def.builtin).name);
  abi::CoreType pointer = TRY(check_options(def.options, {.owner = owner}));
  if (!payload) return pointer;
  Needs needs{.memory = true};
  needs.realloc = is_read(def.builtin) && output_.types.info(*payload).has_pointer;
  TRY_VOID(check_needs(needs, def.options));
  return pointer;
}

// canon: canon-task.return
Result<std::vector<wasm::ValType>> Validator::check_task_return(const CanonBuiltin& def) const {
  // What is returned are the parameters of a function that is lowered.
  FuncType func;
  if (def.result) {
    func.params.push_back({"result", TRY(value_type(*def.result))});
    if (output_.types.info(func.params[0].type).has_borrow)
      return invalid("`task.return` result cannot contain a `borrow` type");
  }
  FlattenOptions flatten{Direction::lower};
  flatten.pointer = TRY(check_options(
      def.options, {.owner = "`task.return`", .allows_async = false, .allows_realloc = false}));
  TRY_VOID(check_needs(needs_of_lower(output_.types, func, flatten), def.options));
  return to_wasm(flatten_functype(output_.types, func, flatten)).params;
}

// canon: canon-error-context.new, canon-error-context.debug-message
Result<abi::CoreType> Validator::check_error_context(const CanonBuiltin& def) const {
  std::string owner = fmt::format("`{}`", info_of(def.builtin).name);
  abi::CoreType pointer = TRY(check_options(def.options, {.owner = owner, .allows_async = false}));
  bool lowers = def.builtin == Builtin::error_context_debug_message;
  TRY_VOID(check_needs({.memory = true, .realloc = lowers}, def.options));
  return pointer;
}

// canon: canon-thread.new-indirect. The type of the closure, and of indices of the table.
Result<std::pair<wasm::ValType, wasm::ValType>> Validator::check_thread(
    const CanonBuiltin& def) const {
  CoreTypeId id = TRY(core_type_at(def.type));
  const wasm::SubType& type = output_.core_types[id];
  if (type.kind != wasm::SubType::Kind::func)
    return invalid(fmt::format("core type index {} is not a function type", def.type));
  const wasm::FuncType& func = type.func;
  bool is_closure = func.results.empty() && func.params.size() == 1 &&
                    (func.params[0] == wasm::ValType::i32 || func.params[0] == wasm::ValType::i64);
  if (!is_closure) return invalid("start function must take a single `i32` or `i64` argument");
  const StaticItem* found = TRY(scope_->spaces.get(Sort::core_table, def.table));
  const auto& table = std::get<wasm::TableType>(std::get<CoreExternType>(*found));
  if (!table.element.is_ref() || table.element.heap() != wasm::HeapType::func) {
    return invalid("indirect thread functions must be from a table of `funcref`");
  }
  return std::pair(func.params[0], table.limits.is_64 ? wasm::ValType::i64 : wasm::ValType::i32);
}

Validator::Item Validator::builtin(const CanonBuiltin& def) {
  const BuiltinInfo& info = info_of(def.builtin);
  if (def.is_cancellable && !features_.has(wasm::Feature::component_legacy)) {
    return invalid(fmt::format("`cancellable` of `{}` needs the {} feature, which is switched off",
                               info.name, feature_name(wasm::Feature::component_legacy)));
  }
  SignatureTypes types;
  switch (def.builtin) {
    case Builtin::resource_new:
    case Builtin::resource_drop:
    case Builtin::resource_rep: types.representation = TRY(check_resource_builtin(def)); break;
    case Builtin::context_get:
    case Builtin::context_set:
      TRY_VOID(check_context(def, scope_->context));
      types.context = def.context;
      break;
    case Builtin::task_return: types.result = TRY(check_task_return(def)); break;
    case Builtin::stream_read:
    case Builtin::stream_write:
    case Builtin::future_read:
    case Builtin::future_write: types.pointer = to_wasm(TRY(check_copy(def))); break;
    case Builtin::error_context_new:
    case Builtin::error_context_debug_message:
      types.pointer = to_wasm(TRY(check_error_context(def)));
      break;
    case Builtin::waitable_set_wait:
    case Builtin::waitable_set_poll:
      types.pointer = to_wasm(TRY(pointer_type(*def.options.memory)));
      break;
    case Builtin::thread_new_indirect:
      std::tie(types.closure, types.table) = TRY(check_thread(def));
      break;
    case Builtin::thread_spawn_ref:
    case Builtin::thread_spawn_indirect:
    case Builtin::thread_available_parallelism:
      return fail(ErrorCode::unsupported,
                  fmt::format("canonical built-in `{}` is not supported yet", info.name));
    default:
      if (info.immediates.starts_with('t')) TRY_VOID(payload_of(def));
      break;
  }
  return core_func_item(signature_of(info.signature, types));
}

}  // namespace tenon::component
