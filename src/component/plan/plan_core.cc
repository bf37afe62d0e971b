#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "component/flatten.h"
#include "component/plan/planner.h"
#include "component/visit.h"

// Core modules and instances, canonical definitions, adapters.
namespace tenon::component {
namespace {

// Whether the built-in may wait, or tells one thread from another, also in a call of a function
// that is not async.
bool needs_task(const CanonBuiltin& def) {
  switch (def.builtin) {
    case Builtin::context_get:
    case Builtin::context_set:
    case Builtin::waitable_set_wait: return true;
    case Builtin::subtask_cancel:
    case Builtin::stream_read:
    case Builtin::stream_write:
    case Builtin::stream_cancel_read:
    case Builtin::stream_cancel_write:
    case Builtin::future_read:
    case Builtin::future_write:
    case Builtin::future_cancel_read:
    case Builtin::future_cancel_write: return !def.options.is_async;
    default: return info_of(def.builtin).name.starts_with("thread.");
  }
}

std::vector<uint32_t> key_of(const CoreDef& def) {
  auto kind = static_cast<uint32_t>(def.index());
  if (auto* item = std::get_if<CoreExport>(&def)) return {kind, item->instance.index, item->index};
  return {kind, std::get<TrampolineId>(def).index};
}

}  // namespace

Planner::Item Planner::define(const CoreModuleDef& def) {
  return PlanItem(ModuleItem{def.module});
}
Planner::Item Planner::define(const CoreTypeDef&) {
  return PlanItem(TypeItem());
}

// Modules that nobody instantiates do not become part of the plan.
ModuleRef Planner::plan_module(ModuleItem item) {
  auto* decoded = std::get_if<ModuleId>(&item.module);
  if (!decoded) return item.module;
  auto [found, is_new] = plan_modules_.try_emplace(*decoded);
  if (is_new) {
    const wasm::Module& module = input_.modules[*decoded];
    found->second = plan_.modules.push_back({module.offset, module.size, {}});
  }
  return found->second;
}

Planner::Item Planner::define(const CoreInstanceDef& def) {
  if (auto* instantiate = std::get_if<CoreInstantiate>(&def.expr))
    return core_instantiate(*instantiate);
  auto exports = std::make_shared<std::map<std::string, CoreItem, std::less<>>>();
  const auto& items = std::get<std::vector<CoreInlineExport>>(def.expr);
  TRY_VOID(count_steps(items.size()));
  for (const CoreInlineExport& item : items) {
    TRY_VOID(count_name(item.name.size()));
    exports->emplace(std::string(item.name), TRY(core_item(item.item.sort, item.item.index)));
  }
  return PlanItem(CoreInstanceValue(InlineCoreInstance(std::move(exports))));
}

Result<CoreItem> Planner::core_item(Sort sort, uint32_t index) {
  const PlanItem* item = TRY(frame_->spaces.get(sort, index));
  return std::get<CoreItem>(*item);
}

CoreItem Planner::export_of(const CoreInstanceValue& instance, std::string_view name) {
  if (auto* items = std::get_if<InlineCoreInstance>(&instance)) {
    auto found = (*items)->find(name);
    CHECK(found != (*items)->end());
    return found->second;
  }
  const auto& real = std::get<RealCoreInstance>(instance);
  if (auto* imported = std::get_if<ImportedModuleId>(&real.module.module)) {
    const auto& exports = plan_.imported_modules[*imported].exports;
    auto found = std::ranges::lower_bound(exports, name, {}, &ImportedModule::Export::name);
    CHECK(found != exports.end() && found->name == name);
    return CoreExport{real.id, kind_of(found->type),
                      static_cast<uint32_t>(found - exports.begin())};
  }
  ModuleId decoded = std::get<ModuleId>(real.module.module);
  auto [exports, is_new] = module_exports_.try_emplace(decoded);
  if (is_new) {
    for (const wasm::Export& item : input_.modules[decoded].exports)
      exports->second.emplace(item.name, &item);
  }
  auto found = exports->second.find(name);
  CHECK(found != exports->second.end());
  return CoreExport{real.id, found->second->kind, found->second->index};
}

Result<CoreInstanceId> Planner::add_core_instance(InstantiateModule initializer) {
  if (plan_.core_instances >= limits::max_plan_instances) {
    return fail(ErrorCode::limit,
                fmt::format("more than {} core instances", limits::max_plan_instances));
  }
  plan_.initializers.emplace_back(std::move(initializer));
  return CoreInstanceId(plan_.core_instances++);
}

Planner::Item Planner::core_instantiate(const CoreInstantiate& def) {
  const PlanItem* target = TRY(frame_->spaces.get(Sort::core_module, def.module));
  ModuleItem module = std::get<ModuleItem>(*target);
  std::map<std::string_view, CoreInstanceValue> args;
  for (const CoreInstantiateArg& arg : def.args) {
    const PlanItem* instance = TRY(frame_->spaces.get(Sort::core_instance, arg.instance));
    args.emplace(arg.name, std::get<CoreInstanceValue>(*instance));
  }
  InstantiateModule initializer;
  initializer.instance = frame_->instance;
  auto add_args = [&](const auto& imports) -> Result<void> {
    TRY_VOID(count_steps(imports.size()));
    for (const auto& import : imports) {
      auto arg = args.find(import.module);
      CHECK(arg != args.end());
      initializer.args.push_back(TRY(resolve(export_of(arg->second, import.name))));
    }
    return {};
  };
  if (auto* imported = std::get_if<ImportedModuleId>(&module.module)) {
    TRY_VOID(add_args(plan_.imported_modules[*imported].imports));
  } else {
    TRY_VOID(add_args(input_.modules[std::get<ModuleId>(module.module)].imports));
  }
  initializer.module = plan_module(module);
  CoreInstanceId id = TRY(add_core_instance(std::move(initializer)));
  return PlanItem(CoreInstanceValue(RealCoreInstance{id, module}));
}

Result<CoreDef> Planner::resolve(const CoreItem& item) {
  if (auto* real = std::get_if<CoreExport>(&item)) return *real;
  if (auto* trampoline = std::get_if<TrampolineId>(&item)) return *trampoline;
  uint32_t index = std::get<PendingAdapter>(item).index;
  if (index >= adapters_.size()) TRY_VOID(flush_adapters());
  return adapters_[index];
}

// Puts all adapters asked for so far into one module. They import what earlier initializers have
// made.
Result<void> Planner::flush_adapters() {
  if (pending_.empty()) return {};
  std::vector<AdapterRequest> requests = std::exchange(pending_, {});
  AdapterModule module = TRY(build_adapters(plan_.types, requests, *this));
  TRY_VOID(count_steps(module.nodes));
  StaticModule static_module{0, 0, std::move(module.bytes)};
  for (size_t i = 0; i < requests.size(); i++) {
    const AdapterFunctions& made = module.functions[i];
    if (!requests[i].lift.lifted) continue;
    static_module.adapted.push_back({made.call.index, *requests[i].lift.lifted});
    if (made.finish)
      static_module.adapted.push_back({made.finish->index, *requests[i].lift.lifted});
  }
  std::ranges::sort(static_module.adapted, {}, &AdaptedFunction::index);
  InstantiateModule initializer;
  initializer.module = plan_.modules.push_back(std::move(static_module));
  initializer.args = std::move(module.args);
  initializer.instance = requests.front().lift.instance;
  CoreInstanceId instance = TRY(add_core_instance(std::move(initializer)));
  for (size_t i = 0; i < requests.size(); i++) {
    auto exported = [&](wasm::FuncIndex function) {
      return CoreExport{instance, wasm::ExternKind::func, function.index};
    };
    const AdapterFunctions& made = module.functions[i];
    if (plan_.types.func(requests[i].type).is_async && !requests[i].cannot_enter) {
      std::optional<FunctionId> finish;
      if (made.finish) finish = TRY(extract_function(exported(*made.finish)));
      adapters_.push_back(
          start_async(requests[i], TRY(extract_function(exported(made.call))), finish));
    } else {
      adapters_.push_back(exported(made.call));
    }
  }
  return {};
}

CoreDef Planner::start_async(const AdapterRequest& request, FunctionId start,
                             std::optional<FunctionId> finish) {
  Trampoline made;
  made.signature = flatten_functype(plan_.types, plan_.types.func(request.type),
                                    flatten_options(Direction::lower, request.lower));
  made.kind = StartAsync{request.type, request.lift, request.lower, start, finish};
  return plan_.trampolines.push_back(std::move(made));
}

bool Planner::is_async(const FunctionItem& function) const {
  auto* import = std::get_if<ImportId>(&function);
  TypeId type = import ? plan_.imports[*import].type : std::get<LiftedFunction>(function).type;
  return plan_.types.func(type).is_async;
}

Result<FunctionId> Planner::extract_function(uint32_t index) {
  CoreItem item = TRY(core_item(Sort::core_func, index));
  return extract_function(TRY(resolve(item)));
}

Result<FunctionId> Planner::extract_function(const CoreDef& from) {
  auto [found, is_new] =
      extracted_functions_.try_emplace(key_of(from), FunctionId(functions_.size()));
  if (!is_new) return found->second;
  functions_.push_back(from);
  plan_.initializers.emplace_back(ExtractFunction{from});
  plan_.functions++;
  return found->second;
}

MemoryId Planner::extract_memory(const CoreExport& from, const wasm::MemoryType& type) {
  auto [found, is_new] = extracted_memories_.try_emplace({from.instance.index, from.index},
                                                         MemoryId(memories_.size()));
  if (!is_new) return found->second;
  memories_.push_back(from);
  memory_types_.push_back(type);
  plan_.initializers.emplace_back(ExtractMemory{from, type.limits.is_64});
  plan_.memories++;
  return found->second;
}

Result<MemoryId> Planner::option_memory(uint32_t index) {
  const StaticItem* item = TRY(frame_->info->spaces.get(Sort::core_memory, index));
  const auto& type = std::get<wasm::MemoryType>(std::get<CoreExternType>(*item));
  CoreItem memory = TRY(core_item(Sort::core_memory, index));
  return extract_memory(std::get<CoreExport>(memory), type);
}

Result<Options> Planner::options(const CanonOptions& from) {
  Options result;
  result.instance = frame_->instance;
  result.string_encoding = static_cast<StringEncoding>(from.encoding);
  if (from.memory) {
    result.memory = TRY(option_memory(*from.memory));
    if (memory_type(*result.memory).limits.is_64) result.pointer = FlatType::i64;
  }
  if (from.realloc) result.realloc = TRY(extract_function(*from.realloc));
  if (from.post_return) result.post_return = TRY(extract_function(*from.post_return));
  if (from.callback) result.callback = TRY(extract_function(*from.callback));
  result.is_async = from.is_async;
  return result;
}

Planner::Item Planner::define(const CanonDef& def) {
  return std::visit(Overloaded{
                        [&](const CanonLift& canon) { return lift(canon); },
                        [&](const CanonLower& canon) { return lower(canon); },
                        [&](const CanonBuiltin& canon) { return builtin(canon); },
                    },
                    def.canon);
}

Planner::Item Planner::lift(const CanonLift& def) {
  const StaticItem* type = TRY(frame_->info->spaces.get(Sort::type, def.type));
  LiftedFunction lifted;
  lifted.type = TRY(convert(std::get<Entity>(*type).type));
  lifted.callee = TRY(core_item(Sort::core_func, def.core_func));
  lifted.options = TRY(options(def.options));
  lifted.options.lifted = plan_.lifts.push_back({frame_->instance, {}});
  return PlanItem(FunctionItem(std::move(lifted)));
}

Planner::Item Planner::lower(const CanonLower& def) {
  const PlanItem* target = TRY(frame_->spaces.get(Sort::func, def.func));
  Options lower_options = TRY(options(def.options));
  const auto& function = std::get<FunctionItem>(*target);
  if (is_async(function) && !def.options.is_async) track_tasks();
  if (auto* import = std::get_if<ImportId>(&function)) {
    TypeId type = plan_.imports[*import].type;
    Trampoline made;
    made.signature = flatten_functype(plan_.types, plan_.types.func(type),
                                      flatten_options(Direction::lower, lower_options));
    made.kind = LowerImport{*import, type, lower_options};
    return PlanItem(CoreItem(plan_.trampolines.push_back(std::move(made))));
  }
  const auto& lifted = std::get<LiftedFunction>(function);
  AdapterRequest request;
  request.type = lifted.type;
  request.lift = lifted.options;
  request.lower = lower_options;
  request.callee = TRY(resolve(lifted.callee));
  InstanceId callee = lifted.options.instance;
  bool are_relatives = is_self_or_ancestor(callee, frame_->instance) ||
                       is_self_or_ancestor(frame_->instance, callee);
  request.cannot_enter = are_relatives && !options_.calls_between_relatives;
  request.entered = entering_set(callee, frame_->instance);
  // Resolving the callee may have made a module of what was pending.
  uint32_t index = static_cast<uint32_t>(adapters_.size() + pending_.size());
  pending_.push_back(std::move(request));
  return PlanItem(CoreItem(PendingAdapter{index}));
}

// canon: ComponentInstance.entering_set, less those whose flag nobody can find cleared: an instance
// is only re-entered through a parent that calls its children, which takes a `canon lower` of that
// parent.
std::vector<InstanceId> Planner::entering_set(InstanceId callee, InstanceId caller) const {
  std::vector<InstanceId> entered;
  if (!options_.calls_between_relatives) return entered;
  for (InstanceId instance = callee; !is_self_or_ancestor(instance, caller);) {
    auto parent = plan_.instances[instance].parent;
    if (!parent) break;
    if (instance_infos_[parent->index]->has_lower) entered.push_back(instance);
    instance = *parent;
  }
  return entered;
}

bool Planner::is_self_or_ancestor(InstanceId instance, InstanceId of) const {
  for (std::optional<InstanceId> it = of; it; it = plan_.instances[*it].parent) {
    if (*it == instance) return true;
  }
  return false;
}

Planner::Item Planner::builtin(const CanonBuiltin& def) {
  auto resource = [&]() -> Result<ResourceId> {
    const StaticItem* type = TRY(frame_->info->spaces.get(Sort::type, def.type));
    return resource_of(std::get<Entity>(*type).type);
  };
  Trampoline made;
  made.signature.params = {FlatType::i32};
  switch (def.builtin) {
    case Builtin::resource_new:
      made.signature.results = {FlatType::i32};
      made.kind = ResourceNew{TRY(resource()), frame_->instance};
      break;
    case Builtin::resource_rep:
      made.signature.results = {FlatType::i32};
      made.kind = ResourceRep{TRY(resource()), frame_->instance};
      break;
    case Builtin::resource_drop: made.kind = ResourceDrop{TRY(resource()), frame_->instance}; break;
    case Builtin::thread_spawn_ref:
    case Builtin::thread_spawn_indirect:
    case Builtin::thread_available_parallelism:
      return fail(
          ErrorCode::unsupported,
          fmt::format("canonical built-in `{}` is not supported yet", info_of(def.builtin).name));
    default: return async_builtin(def);
  }
  return PlanItem(CoreItem(trampoline(std::move(made))));
}

void Planner::track_tasks() {
  plan_.instances[frame_->instance].tracks_tasks = true;
}

Planner::Item Planner::async_builtin(const CanonBuiltin& def) {
  if (needs_task(def)) track_tasks();
  auto index = static_cast<uint32_t>(frame_->spaces.size(Sort::core_func));
  const StaticItem* item = TRY(frame_->info->spaces.get(Sort::core_func, index));
  auto func = std::get<CoreFuncType>(std::get<CoreExternType>(*item));
  const wasm::FuncType& type = validated_.core_types[func.type].func;
  AsyncBuiltin made;
  made.builtin = def.builtin;
  made.options = TRY(options(def.options));
  made.is_cancellable = def.is_cancellable;
  made.slot = def.slot;
  if (def.result) made.payload = TRY(value_type(*def.result));
  std::string_view immediates = info_of(def.builtin).immediates;
  if (immediates.starts_with('t')) {
    const StaticItem* found = TRY(frame_->info->spaces.get(Sort::type, def.type));
    TypeId id = TRY(convert(std::get<Entity>(*found).type));
    for_each_val_type(plan_.types[id], [&](ValType part) { made.payload = part; });
  }
  if (def.builtin == Builtin::thread_new_indirect) {
    CoreItem table = TRY(core_item(Sort::core_table, def.table));
    made.table = std::get<CoreExport>(table);
  }
  Trampoline trampoline;
  trampoline.signature = *from_wasm(type);
  trampoline.kind = std::move(made);
  return PlanItem(CoreItem(plan_.trampolines.push_back(std::move(trampoline))));
}

// In a definition a value type has a type index in place of an id.
Result<ValType> Planner::value_type(ValType type) {
  if (type.is_primitive()) return type;
  const StaticItem* item = TRY(frame_->info->spaces.get(Sort::type, type.type().index));
  return convert(ValType(std::get<Entity>(*item).type));
}

// Equal trampolines are one, but for lowered imports.
TrampolineId Planner::trampoline(Trampoline made) {
  std::vector<uint32_t> key = {static_cast<uint32_t>(made.kind.index())};
  auto pair = [&](ResourceId resource, InstanceId from, InstanceId to) {
    key.insert(key.end(), {resource.index, from.index, to.index});
  };
  std::visit(Overloaded{
                 [&](const ResourceNew& t) { pair(t.resource, t.instance, t.instance); },
                 [&](const ResourceRep& t) { pair(t.resource, t.instance, t.instance); },
                 [&](const ResourceDrop& t) { pair(t.resource, t.instance, t.instance); },
                 [&](const TransferOwn& t) { pair(t.resource, t.from, t.to); },
                 [&](const TransferBorrow& t) {
                   pair(t.resource, t.from, t.to);
                   key.push_back(t.enters_call);
                 },
                 [&](const Transcode& t) {
                   key.insert(key.end(), {static_cast<uint32_t>(t.op), t.from.index, t.to.index});
                 },
                 [&](const DropBorrows& t) { key.push_back(t.instance.index); },
                 [&](const TransferAsync& t) {
                   key.insert(key.end(), {static_cast<uint32_t>(t.kind),
                                          t.payload ? t.payload->bits() : UINT32_MAX, t.from.index,
                                          t.to.index});
                 },
                 [&](const EnterTask& t) { key.push_back(t.instance.index); },
                 [](const ExitTask&) {},
                 [](const CheckBorrows&) {},
                 [](const StartAsync&) {},
                 [](const AsyncBuiltin&) {},
                 [](const LowerImport&) {},
                 [](const EnterCall&) {},
                 [](const ExitCall&) {},
                 [](const Trap&) {},
             },
             made.kind);
  auto [found, is_new] = shared_trampolines_.try_emplace(std::move(key));
  if (is_new) found->second = plan_.trampolines.push_back(std::move(made));
  return found->second;
}

}  // namespace tenon::component
