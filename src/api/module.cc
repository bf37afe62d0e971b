#include "tenon/module.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "api/engine_impl.h"
#include "api/module_impl.h"
#include "api/preview1.h"
#include "api/store_impl.h"
#include "base/result.h"
#include "runtime/call.h"
#include "runtime/type_text.h"
#include "tenon/wasi.h"

namespace tenon {
namespace {

std::string type_of(const compiler::ModuleInfo& info, wasm::ExternKind kind, uint32_t index) {
  switch (kind) {
    case wasm::ExternKind::func: return runtime::text_of(info.types[info.functions[index]].func);
    case wasm::ExternKind::table: return runtime::text_of(info.tables[index].type);
    case wasm::ExternKind::memory: return runtime::text_of(info.memories[index]);
    case wasm::ExternKind::global: return runtime::text_of(info.globals[index].type);
    case wasm::ExternKind::tag: return runtime::text_of_tag(info.types[info.tags[index]].func);
  }
  return "";
}

compiler::Slot to_slot(const CoreValue& value) {
  compiler::Slot slot{};
  if (const auto* vector = std::get_if<V128>(&value)) return {vector->low, vector->high};
  if (const auto* reference = std::get_if<Reference>(&value)) return {reference->bits, 0};
  std::visit(
      [&slot](const auto& number) {
        std::memcpy(&slot.low, &number, std::min(sizeof number, sizeof slot.low));
      },
      value);
  return slot;
}

template <typename T>
T number_in(const compiler::Slot& slot) {
  T number;
  std::memcpy(&number, &slot.low, sizeof number);
  return number;
}

CoreValue from_slot(const compiler::Slot& slot, wasm::ValType type) {
  switch (type.kind()) {
    case wasm::ValType::i32: return number_in<int32_t>(slot);
    case wasm::ValType::i64: return number_in<int64_t>(slot);
    case wasm::ValType::f32: return number_in<float>(slot);
    case wasm::ValType::f64: return number_in<double>(slot);
    case wasm::ValType::v128: return V128{slot.low, slot.high};
    default: return Reference{slot.low, runtime::text_of(type)};
  }
}

std::string type_name(const CoreValue& value) {
  constexpr const char* names[] = {"i32", "i64", "f32", "f64", "v128"};
  if (const auto* reference = std::get_if<Reference>(&value)) return reference->type_name;
  return names[value.index()];
}

std::vector<std::string> names_of(const std::vector<wasm::ValType>& types) {
  std::vector<std::string> names;
  for (wasm::ValType type : types) names.push_back(runtime::text_of(type));
  return names;
}

// Stands for an import that nothing defines; `environment` is the text of the trap.
uint32_t call_unknown(compiler::HostFunc* self, compiler::StoreContext* context) {
  return static_cast<uint32_t>(runtime::Store::of(context).raise(
      Trap::host(*static_cast<const std::string*>(self->environment))));
}

runtime::HostFunction unknown_function(const runtime::Module& module,
                                       const compiler::ImportInfo& wanted) {
  auto text = std::make_shared<std::string>(
      fmt::format("the guest called `{}::{}`, which nothing defines", wanted.module, wanted.name));
  void* environment = text.get();
  const compiler::ModuleInfo& info = module.info();
  return {info.types[info.functions[wanted.index]].func, call_unknown, environment,
          std::move(text)};
}

}  // namespace

Result<Module> module_of(std::shared_ptr<const runtime::LoadedCode> code) {
  if (code->artifact().plan() != nullptr) {
    return std::unexpected(Error(ErrorCode::usage, "it is a component, not a core module")
                               .hint("load it as Component"));
  }
  return Module(std::make_shared<Module::Impl>(std::move(code)));
}

Result<Module> Module::from_file(const Engine& engine, const std::string& path) {
  auto module = module_of(TRY(engine.impl().load_file(path)));
  if (!module) return std::unexpected(std::move(module).error().in("`" + path + "`"));
  return module;
}

Result<Module> Module::from_bytes(const Engine& engine, std::span<const uint8_t> bytes) {
  return module_of(TRY(engine.impl().load(bytes)));
}

std::vector<Module::Import> Module::imports() const {
  const compiler::ModuleInfo& info = impl_->module().info();
  std::vector<Import> items;
  for (const compiler::ImportInfo& it : info.imports) {
    items.push_back({it.module, it.name, type_of(info, it.kind, it.index)});
  }
  return items;
}

std::vector<Module::Export> Module::exports() const {
  const compiler::ModuleInfo& info = impl_->module().info();
  std::vector<Export> items;
  for (const compiler::ExportInfo& it : info.exports)
    items.push_back({it.name, type_of(info, it.kind, it.index)});
  return items;
}

const wasm::FuncType& CoreFunc::Impl::type() const {
  return runtime::function_type(store, function);
}

std::vector<std::string> CoreFunc::params() const {
  return names_of(impl_->type().params);
}
std::vector<std::string> CoreFunc::results() const {
  return names_of(impl_->type().results);
}

Result<CallResult<std::vector<CoreValue>>> CoreFunc::call(std::span<const CoreValue> args) const {
  const wasm::FuncType& type = impl_->type();
  if (args.size() != type.params.size()) {
    return fail(ErrorCode::usage, fmt::format("the function takes {} arguments, {} given",
                                              type.params.size(), args.size()));
  }
  std::vector<compiler::Slot> slots;
  for (size_t i = 0; i < args.size(); ++i) {
    std::string wanted = runtime::text_of(type.params[i]);
    if (type_name(args[i]) != wanted) {
      return fail(ErrorCode::usage,
                  fmt::format("argument {} is a {}, not a {}", i + 1, type_name(args[i]), wanted));
    }
    slots.push_back(to_slot(args[i]));
  }
  std::vector<compiler::Slot> results(type.results.size());
  auto called = runtime::call_with_slots(impl_->store, impl_->function, slots, results);
  if (!called)
    return CallResult<std::vector<CoreValue>>(std::unexpected(std::move(called).error()));
  std::vector<CoreValue> values;
  for (size_t i = 0; i < results.size(); ++i)
    values.push_back(from_slot(results[i], type.results[i]));
  return values;
}

Result<CoreFunc> ModuleInstance::get_func(std::string_view name) const {
  runtime::Instance& instance = impl_->instance;
  auto found = instance.find_export(name);
  if (found && std::holds_alternative<compiler::FuncRef*>(*found)) {
    return CoreFunc(
        std::make_shared<CoreFunc::Impl>(instance.store(), *std::get<compiler::FuncRef*>(*found)));
  }
  constexpr size_t max_named = 20;
  std::string offered;
  size_t named = 0;
  for (const compiler::ExportInfo& item : instance.module().info().exports) {
    if (item.kind != wasm::ExternKind::func) continue;
    if (++named > max_named) break;
    offered += fmt::format("{}`{}`", offered.empty() ? "" : ", ", item.name);
  }
  return std::unexpected(
      Error(ErrorCode::not_found, fmt::format("no function named `{}` is exported", name))
          .hint(offered.empty() ? "it exports no functions" : "exported are " + offered));
}

bool ModuleInstance::exports_func(std::string_view name) const {
  auto found = impl_->instance.find_export(name);
  return found && std::holds_alternative<compiler::FuncRef*>(*found);
}

ModuleLinker::ModuleLinker(const Engine&) : impl_(std::make_unique<Impl>()) {}
ModuleLinker::ModuleLinker(ModuleLinker&&) noexcept = default;
ModuleLinker& ModuleLinker::operator=(ModuleLinker&&) noexcept = default;
ModuleLinker::~ModuleLinker() = default;

Result<void> ModuleLinker::define(std::string_view name, const ModuleInstance& instance) {
  return impl_->linker.define_instance(name, instance.impl().instance);
}

ModuleLinker& ModuleLinker::trap_on_unknown_imports(bool on) {
  impl_->trap_on_unknown_imports = on;
  return *this;
}

std::expected<ModuleInstance, InstantiationError> ModuleLinker::instantiate(
    Store& store, const Module& module) const {
  TRY_VOID(store.impl().status());
  const runtime::Module& core = module.impl().module();
  const runtime::Linker* preview1 = impl_->preview1 ? &preview1_of(store) : nullptr;
  std::vector<std::unique_ptr<runtime::HostFunction>> unknown;
  auto otherwise = [&](const compiler::ImportInfo& wanted) -> std::optional<runtime::Import> {
    if (!impl_->trap_on_unknown_imports || wanted.kind != wasm::ExternKind::func)
      return std::nullopt;
    unknown.push_back(std::make_unique<runtime::HostFunction>(unknown_function(core, wanted)));
    return unknown.back().get();
  };
  std::vector<runtime::Import> imports = TRY(impl_->linker.resolve(core, otherwise, preview1));
  runtime::Instance* instance = TRY(runtime::Instance::create(store.impl().core(), core, imports));
  TRY_VOID(instance->initialize());
  return ModuleInstance(std::make_shared<ModuleInstance::Impl>(*instance));
}

namespace wasi {

void add_to_linker(ModuleLinker& linker) {
  linker.impl().preview1 = true;
}

}  // namespace wasi
}  // namespace tenon
