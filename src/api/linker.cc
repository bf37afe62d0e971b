#include "tenon/linker.h"

#include "api/component_impl.h"
#include "api/module_impl.h"
#include "api/store_impl.h"
#include "base/result.h"

namespace tenon {

std::string InstantiationError::to_string() const {
  return error() ? error()->to_string() : trap()->to_string();
}

void LinkerInstance::define(std::string_view name, abi::HostFunction function) {
  linker_->impl().linker.define(name_, name, std::move(function));
}

void LinkerInstance::define_resource(std::string_view name, const abi::ResourceType& type) {
  linker_->impl().linker.define_resource(name_, name, type);
}

LinkerInstance& LinkerInstance::module(std::string_view name, const Module& module) {
  const auto& code = module.impl().code;
  linker_->impl().linker.define_module(
      name_, name, std::shared_ptr<const runtime::Module>(code, &code->module(0)));
  return *this;
}

LinkerInstance& LinkerInstance::value(std::string_view name, Value value) {
  linker_->impl().linker.define_value(name_, name, std::move(value));
  return *this;
}

Linker::Linker(const Engine&) : impl_(std::make_unique<Impl>()) {}
Linker::Linker(Linker&&) noexcept = default;
Linker& Linker::operator=(Linker&&) noexcept = default;
Linker::~Linker() = default;

Linker& Linker::trap_on_unknown_imports(bool on) {
  impl_->linker.trap_on_unknown_imports(on);
  return *this;
}

std::expected<Instance, InstantiationError> Linker::instantiate(Store& store,
                                                                const Component& component) const {
  TRY_VOID(store.impl().status());
  const auto& loaded = component.impl().loaded;
  runtime::ResolvedImports imports = TRY(impl_->linker.resolve(*loaded));
  auto* instance = TRY(runtime::InstantiatedComponent::create(store.impl().components(), loaded,
                                                              std::move(imports)));
  return Instance(std::make_shared<Instance::Impl>(*instance));
}

}  // namespace tenon
