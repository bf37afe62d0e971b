#include "runtime/component/instantiated.h"

#include <fmt/format.h>

#include <algorithm>

#include "component/binary/values.h"
#include "component/semver.h"
#include "component/visit.h"
#include "runtime/component/exported_func.h"
#include "runtime/component/trap_place.h"

namespace tenon::runtime {

using component::Overloaded;
using component::Plan;

InstantiatedComponent::InstantiatedComponent(ComponentStore& store,
                                             std::shared_ptr<const LoadedComponent> component,
                                             ResolvedImports imports)
    : store_(store),
      component_(std::move(component)),
      imports_(std::move(imports)),
      instances_(plan().instances.size()),
      memories_(plan().memories),
      functions_(plan().functions),
      trampolines_(plan().trampolines.size()),
      values_(plan().values),
      types_{plan().types, [this](component::ResourceId id) { return resource(id); }} {
  core_instances_.reserve(plan().core_instances);
  core_types_.reserve(plan().core_instances);
  for (size_t i = 0; i < plan().imported_values.size(); i++)
    values_[plan().imported_values[i].value.index] = imports_.values[i];
}

InstantiatedComponent::~InstantiatedComponent() = default;

std::expected<InstantiatedComponent*, InstantiationError> InstantiatedComponent::create(
    ComponentStore& store, std::shared_ptr<const LoadedComponent> component,
    ResolvedImports imports) {
  std::shared_ptr<InstantiatedComponent> made(
      new InstantiatedComponent(store, std::move(component), std::move(imports)));
  store.core().keep(made);
  made->make_instances();
  made->make_resources();
  store.add(*made);
  // A start function that traps leaves its calls' scopes behind.
  size_t scopes_before = store.scope_depth();
  for (const component::Initializer& initializer : made->plan().initializers) {
    auto done = std::visit(
        [&](const auto& it) -> std::expected<void, InstantiationError> { return made->run(it); },
        initializer);
    if (done) continue;
    store.drop_scopes(scopes_before);
    return std::unexpected(std::move(done).error());
  }
  return made.get();
}

void InstantiatedComponent::make_instances() {
  // Parents come before their children.
  for (const component::Instance& instance : plan().instances) {
    canon::ComponentInstance* parent =
        instance.parent ? &instances_[instance.parent->index] : nullptr;
    canon::ComponentInstance& made = instances_.emplace_back(parent, &store_.table_bytes_left());
    made.tracks_tasks = instance.tracks_tasks;
  }
}

void InstantiatedComponent::make_resources() {
  for (uint32_t i = 0; i < plan().resources.size(); i++) {
    const component::Resource& resource = plan().resources[component::ResourceId(i)];
    if (!resource.instance) {
      resources_.push_back(imports_.resources[i]);
      continue;
    }
    GuestResource& type = guest_resources_.emplace_back();
    type.impl = &instances_[resource.instance->index];
    if (resource.destructor) type.destructor = &functions_[resource.destructor->index];
    resources_.push_back(&type);
  }
}

const Module& InstantiatedComponent::module_of(const component::ModuleRef& module) const {
  if (const auto* id = std::get_if<component::ModuleId>(&module)) return component_->module(*id);
  return *imports_.modules[std::get<component::ImportedModuleId>(module).index];
}

std::vector<std::pair<const component::Path*, std::shared_ptr<const Module>>>
InstantiatedComponent::exported_modules() const {
  std::vector<std::pair<const component::Path*, std::shared_ptr<const Module>>> modules;
  for (const component::Export& item : plan().exports) {
    const auto* exported = std::get_if<component::ExportedModule>(&item.item);
    if (!exported) continue;
    const auto* imported = std::get_if<component::ImportedModuleId>(&exported->module);
    modules.emplace_back(
        &item.path,
        imported ? imports_.modules[imported->index]
                 : std::shared_ptr<const Module>(component_->code(), &module_of(exported->module)));
  }
  return modules;
}

// One for each import of the module. An imported module may want them in another order than its
// type in the component has them, and not all of them.
Result<std::vector<Import>> InstantiatedComponent::imports_of(
    const component::InstantiateModule& initializer) {
  std::vector<Import> given;
  given.reserve(initializer.args.size());
  for (const component::CoreDef& arg : initializer.args) given.push_back(TRY(import_of(arg)));
  const auto* id = std::get_if<component::ImportedModuleId>(&initializer.module);
  if (!id) return given;
  std::vector<Import> wanted;
  const auto& names = plan().imported_modules[*id].imports;
  for (const compiler::ImportInfo& import : module_of(initializer.module).info().imports) {
    auto found = std::ranges::find_if(names, [&](const auto& name) {
      return name.module == import.module && name.name == import.name;
    });
    wanted.push_back(given[static_cast<size_t>(found - names.begin())]);
  }
  return wanted;
}

std::expected<void, InstantiationError> InstantiatedComponent::run(
    const component::InstantiateModule& initializer) {
  std::vector<Import> imports = TRY(imports_of(initializer));
  const auto* imported = std::get_if<component::ImportedModuleId>(&initializer.module);
  Instance* instance = TRY(Instance::create(store_.core(), module_of(initializer.module), imports));
  core_instances_.push_back(instance);
  core_types_.push_back(imported ? &plan().imported_modules[*imported] : nullptr);
  TaskScope task(store_.scheduler(), this->instance(initializer.instance));
  if (auto trap = task.enter()) return std::unexpected(std::move(*trap));
  if (auto done = instance->initialize(); !done) {
    name_place(done.error(), plan().path_of(initializer.instance), {});
    return std::unexpected(std::move(done).error());
  }
  return {};
}

compiler::ExportInfo InstantiatedComponent::actual(const component::CoreExport& item) const {
  if (const component::ImportedModule* type = core_types_[item.instance.index]) {
    const Module& module = core_instances_[item.instance.index]->module();
    return *module.find_export(type->exports[item.index].name);
  }
  compiler::ExportInfo info;
  info.kind = item.kind;
  info.index = item.index;
  return info;
}

Result<void> InstantiatedComponent::run(const component::ExtractMemory& initializer) {
  Instance* instance = core_instances_[initializer.from.instance.index];
  memories_[next_memory_++] = reinterpret_cast<const abi::Memory*>(
      instance->memory(actual(initializer.from).index).record());
  return {};
}

Result<void> InstantiatedComponent::run(const component::ExtractFunction& initializer) {
  functions_[next_function_++] = TRY(function_of(initializer.from));
  return {};
}

Result<void> InstantiatedComponent::run(const component::DefineValue& initializer) {
  component::TypeOf type_of = [&](component::TypeId id) -> const component::Type& {
    return plan().types[id];
  };
  component::ValueRoom room;
  values_[initializer.value.index] =
      TRY(component::decode_value(initializer.bytes, 0, initializer.type, type_of, room));
  return {};
}

// A resource in a value may be gone by now: nothing but rules for values of all types keeps a
// component from passing on the same one twice.
std::expected<void, InstantiationError> InstantiatedComponent::run(
    const component::CallStart& initializer) {
  auto function = TRY(make_exported(initializer.function, {}));
  std::vector<Value> args;
  for (component::ValueId arg : initializer.args) args.push_back(values_[arg.index]);
  if (Result<void> checked = function->check(args); !checked)
    return std::unexpected(std::move(checked).error().in("start function"));
  auto results = function->call(args);
  if (!results) return std::unexpected(std::move(results).error());
  if (initializer.result) values_[initializer.result->index] = std::move(results->front());
  return {};
}

Result<Import> InstantiatedComponent::import_of(const component::CoreDef& definition) {
  if (const auto* item = std::get_if<component::CoreExport>(&definition)) {
    Extern found = core_instances_[item->instance.index]->export_of(actual(*item));
    return std::visit([](auto it) -> Import { return it; }, found);
  }
  if (const auto* flag = std::get_if<component::InstanceFlag>(&definition)) {
    canon::ComponentInstance& owner = instance(flag->instance);
    bool is_leave = flag->which == component::InstanceFlag::Which::may_leave;
    Global global;
    global.slot = reinterpret_cast<compiler::Slot*>(is_leave ? &owner.may_leave : &owner.may_enter);
    global.type.type = wasm::ValType::i32;
    global.type.is_mutable = true;
    global.store = &store_.core();
    return global;
  }
  return TRY(trampoline(std::get<component::TrampolineId>(definition)));
}

Result<compiler::FuncRef*> InstantiatedComponent::function_of(
    const component::CoreDef& definition) {
  if (const auto* item = std::get_if<component::CoreExport>(&definition)) {
    return core_instances_[item->instance.index]->function(actual(*item).index);
  }
  return trampoline(std::get<component::TrampolineId>(definition));
}

Result<compiler::FuncRef*> InstantiatedComponent::trampoline(component::TrampolineId id) {
  compiler::FuncRef*& made = trampolines_[id.index];
  if (!made) {
    const component::Trampoline& trampoline = plan().trampolines[id];
    made =
        TRY(std::visit([&](const auto& kind) { return make(trampoline, kind); }, trampoline.kind));
  }
  return made;
}

Result<compiler::FuncRef*> InstantiatedComponent::add_trampoline(
    const component::Trampoline& trampoline, TrampolineFunction function, void* environment,
    os::LightFunction light) {
  // What the environment points to lives as long as this, which the store keeps.
  return store_.core().add_function(
      HostFunction{to_wasm(trampoline.signature), function, environment, nullptr, light, nullptr});
}

// canon: canon_lower, of a function of the host. The thunk was made for the C++ function's own
// type, which resolving the import has compared.
Result<compiler::FuncRef*> InstantiatedComponent::make(const component::Trampoline& trampoline,
                                                       const component::LowerImport& kind) {
  const abi::HostFunction& function = imports_.functions[kind.function.index];
  if (function.may_complete_later || kind.options.is_async)
    return make_completing(trampoline, kind);
  abi::LoweredImport& import = lowered_imports_.emplace_back();
  import.options = options(kind.options);
  import.callable = function.callable.get();
  // The same function by the names that public headers have for its parameters.
  auto* entry = reinterpret_cast<void*>(function.entry);
  auto direct = reinterpret_cast<os::DirectFunction>(entry);
  return store_.core().add_function(
      HostFunction{to_wasm(trampoline.signature), nullptr, &import, nullptr, nullptr, direct});
}

template <typename Kind>
Result<compiler::FuncRef*> InstantiatedComponent::make(const component::Trampoline& trampoline,
                                                       const Kind& kind) {
  if constexpr (requires { kind.op; }) {
    TranscodeBuiltin& builtin = transcode_builtins_.emplace_back();
    auto side = [&](component::MemoryId memory, int argument) -> TranscodeBuiltin::Side {
      bool is_64 = trampoline.signature.params[argument] == abi::CoreType::i64;
      return {memories_[memory.index], is_64 ? UINT64_MAX : UINT32_MAX};
    };
    builtin = {&store_, side(kind.from, 0), side(kind.to, 2)};
    return add_trampoline(trampoline, runtime::function_of(kind), &builtin);
  } else {
    HandleBuiltin& builtin = handle_builtins_.emplace_back();
    builtin.store = &store_;
    if constexpr (requires { kind.resource; }) {
      builtin.type = resources_[kind.resource.index];
      if (plan().resources[kind.resource].instance) {
        builtin.guest_type = static_cast<const GuestResource*>(builtin.type);
      }
    }
    if constexpr (requires { kind.instance; }) builtin.from = &instance(kind.instance);
    if constexpr (requires { kind.from; }) {
      builtin.from = &instance(kind.from);
      builtin.to = &instance(kind.to);
      builtin.to_definer = builtin.guest_type && builtin.guest_type->impl == builtin.to;
    }
    os::LightFunction short_way = nullptr;
    if constexpr (requires { light(kind); }) short_way = light(kind);
    return add_trampoline(trampoline, runtime::function_of(kind), &builtin, short_way);
  }
}

abi::Options InstantiatedComponent::options(const component::Options& from) {
  abi::Options to;
  to.embedder = &store_;
  to.instance = &instance(from.instance);
  to.may_leave = &to.instance->may_leave.value;
  to.string_encoding = static_cast<abi::StringEncoding>(from.string_encoding);
  if (from.memory) to.memory = memories_[from.memory->index];
  to.pointer = from.pointer;
  if (from.realloc) to.realloc = functions_[from.realloc->index];
  return to;
}
static_assert(static_cast<int>(abi::StringEncoding::latin1_utf16) ==
              static_cast<int>(component::StringEncoding::latin1_utf16));

Result<ExportedFunc*> InstantiatedComponent::export_of(uint32_t index) {
  std::unique_ptr<ExportedFunc>& made = exports_[index];
  if (!made) {
    const component::Export& item = plan().exports[index];
    made = TRY(make_exported(std::get<component::ExportedFunction>(item.item), item.path));
  }
  return made.get();
}

Result<std::unique_ptr<ExportedFunc>> InstantiatedComponent::make_exported(
    const component::ExportedFunction& function, const component::Path& path) {
  compiler::FuncRef* callee = TRY(function_of(function.callee));
  const auto& post_return = function.options.post_return;
  const auto& lifted = function.options.lifted;
  std::string name = lifted ? plan().lifts[*lifted].name : std::string();
  if (name.empty()) name = path_text(path);
  return std::make_unique<ExportedFunc>(*this, function, std::move(name), *callee,
                                        post_return ? functions_[post_return->index] : nullptr,
                                        async_lift(function.type, function.options));
}

// The place in Plan::exports of an item of one kind, which `what` names.
template <typename Kind>
Result<uint32_t> InstantiatedComponent::find_export(std::string_view name,
                                                    std::string_view what) const {
  size_t hash = name.find('#');
  std::string_view interface = hash == name.npos ? std::string_view() : name.substr(0, hash);
  std::string_view wanted = hash == name.npos ? name : name.substr(hash + 1);
  std::optional<uint32_t> best;
  std::string offered;
  for (uint32_t i = 0; i < plan().exports.size(); i++) {
    const component::Export& item = plan().exports[i];
    if (!std::holds_alternative<Kind>(item.item)) continue;
    std::string_view of =
        item.path.size() == 1 ? std::string_view() : std::string_view(item.path.front());
    offered += fmt::format("{}`{}`", offered.empty() ? "" : ", ", path_text(item.path));
    if (item.path.back() != wanted) continue;
    if (of == interface) return i;
    bool fits = !of.empty() && component::is_compatible(interface, of);
    if (!fits) continue;
    bool is_higher = !best || component::version_of(plan().exports[*best].path.front()) <
                                  component::version_of(of);
    if (is_higher) best = i;
  }
  if (best) return *best;
  return fail(ErrorCode::not_found, fmt::format("the component exports no {} `{}`; it has {}", what,
                                                name, offered.empty() ? "none" : offered));
}

Result<ExportedFunc*> InstantiatedComponent::find_function(std::string_view name) {
  uint32_t index = TRY(find_export<component::ExportedFunction>(name, "function"));
  return export_of(index);
}

Result<Value> InstantiatedComponent::find_value(std::string_view name) const {
  uint32_t index = TRY(find_export<component::ExportedValue>(name, "value"));
  return values_[std::get<component::ExportedValue>(plan().exports[index].item).value.index];
}

Result<ExportedFunc*> InstantiatedComponent::find_unique_function(std::string_view name) {
  std::optional<uint32_t> found;
  std::string candidates;
  size_t count = 0;
  for (uint32_t i = 0; i < plan().exports.size(); i++) {
    const component::Export& item = plan().exports[i];
    if (!std::holds_alternative<component::ExportedFunction>(item.item) || item.path.back() != name)
      continue;
    if (item.path.size() == 1) return export_of(i);
    candidates += fmt::format("{}`{}`", count == 0 ? "" : ", ", path_text(item.path));
    found = i;
    count++;
  }
  if (count == 1) return export_of(*found);
  if (count == 0) return find_function(name);
  return fail(ErrorCode::usage,
              fmt::format("several interfaces export a function `{}`: {}", name, candidates));
}

}  // namespace tenon::runtime
