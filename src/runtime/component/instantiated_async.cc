#include "component/flatten.h"
#include "runtime/component/instantiated.h"

// What a plan asks for that calls of async functions need.
namespace tenon::runtime {
namespace {

abi::FlatTypes flat_types(const std::vector<component::FlatType>& types) {
  abi::FlatTypes result;
  for (component::FlatType type : types) result.push(type);
  return result;
}

}  // namespace

AsyncLift InstantiatedComponent::async_lift(component::TypeId type,
                                            const component::Options& from) {
  AsyncLift lift;
  lift.options = options(from);
  lift.is_async = from.is_async;
  if (from.callback) lift.callback = functions_[from.callback->index];
  lift.result = plan().types.func(type).result;
  lift.plan = &plan();
  lift.lifted = from.lifted;
  return lift;
}

// canon: canon_lower, of a function of the host
Result<compiler::FuncRef*> InstantiatedComponent::make_completing(
    const component::Trampoline& trampoline, const component::LowerImport& kind) {
  const abi::HostFunction& function = imports_.functions[kind.function.index];
  CompletingImport& import = completing_imports_.emplace_back();
  import.options = options(kind.options);
  import.callable = function.callable.get();
  import.store = &store_;
  import.callee = {&store_.core_call(), function.entry, static_cast<abi::LoweredImport*>(&import)};
  import.is_async = kind.options.is_async;
  import.types = &plan().types;
  import.type = &plan().types.func(kind.type);
  abi::FlattenOptions as_lowered = flatten_options(abi::Direction::lower, kind.options);
  import.lowered = flat_signature(plan().types, *import.type, as_lowered);
  as_lowered.is_async = false;
  import.entered = flat_signature(plan().types, *import.type, as_lowered);
  import.place = plan().path_of(kind.options.instance);
  import.name = path_text(plan().imports[kind.function].path);
  return add_trampoline(trampoline, runtime::function_of(import),
                        static_cast<abi::LoweredImport*>(&import));
}

Result<compiler::FuncRef*> InstantiatedComponent::make(const component::Trampoline& trampoline,
                                                       const component::StartAsync& kind) {
  AsyncImport& import = async_imports_.emplace_back();
  import.store = &store_;
  import.lift = async_lift(kind.type, kind.lift);
  import.caller = &instance(kind.lower.instance);
  import.is_async = kind.lower.is_async;
  import.start = functions_[kind.start.index];
  import.params = flat_types(trampoline.signature.params);
  if (!import.is_async) import.results = flat_types(trampoline.signature.results);
  const component::FuncType& type = plan().types.func(kind.type);
  import.result_in_memory =
      flat_signature(plan().types, type, flatten_options(abi::Direction::lower, kind.lower))
          .result_in_memory;
  if (kind.finish) {
    import.finish = functions_[kind.finish->index];
    import.finish_params = flat_types(
        component::from_wasm(store_.core().engine().types().type(import.finish->type_id).func)
            ->params);
  }
  return add_trampoline(trampoline, runtime::function_of(kind), &import);
}

Result<compiler::FuncRef*> InstantiatedComponent::make(const component::Trampoline& trampoline,
                                                       const component::AsyncBuiltin& kind) {
  AsyncEnvironment& env = async_builtins_.emplace_back();
  env.store = &store_;
  env.kind = &kind;
  env.options = options(kind.options);
  env.payload = canon::Payload::of(types_, kind.payload);
  env.params = flat_types(trampoline.signature.params);
  if (kind.table) {
    env.table = &core_instances_[kind.table->instance.index]->table(actual(*kind.table).index);
    wasm::ValType argument = component::to_wasm(trampoline.signature.params[1]);
    env.function_type = TRY(store_.core().engine().types().add(wasm::FuncType{{argument}, {}}));
  }
  return add_trampoline(trampoline, runtime::function_of(kind), &env);
}

Result<compiler::FuncRef*> InstantiatedComponent::make(const component::Trampoline& trampoline,
                                                       const component::TransferAsync& kind) {
  TransferEnvironment& env = transfers_.emplace_back();
  env = {&store_, kind.kind, kind.payload, &types_, &instance(kind.from), &instance(kind.to)};
  return add_trampoline(trampoline, runtime::function_of(kind), &env);
}

template <typename Kind>
Result<compiler::FuncRef*> InstantiatedComponent::make_task(const component::Trampoline& trampoline,
                                                            const Kind& kind) {
  TaskEnvironment& env = task_builtins_.emplace_back();
  env.store = &store_;
  if constexpr (requires { kind.instance; }) env.instance = &instance(kind.instance);
  return add_trampoline(trampoline, runtime::function_of(kind), &env);
}

template Result<compiler::FuncRef*> InstantiatedComponent::make_task(const component::Trampoline&,
                                                                     const component::EnterTask&);
template Result<compiler::FuncRef*> InstantiatedComponent::make_task(const component::Trampoline&,
                                                                     const component::ExitTask&);
template Result<compiler::FuncRef*> InstantiatedComponent::make_task(
    const component::Trampoline&, const component::CheckBorrows&);

}  // namespace tenon::runtime
