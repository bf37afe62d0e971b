#pragma once

#include <memory>

#include "runtime/component/instantiated.h"
#include "runtime/component/loaded_component.h"
#include "tenon/component.h"
#include "tenon/instance.h"
#include "tenon/linker.h"

// What is behind Component, Linker, Instance and Func.
namespace tenon {

class Component::Impl {
 public:
  explicit Impl(std::shared_ptr<const runtime::LoadedComponent> component)
      : loaded(std::move(component)) {}
  const std::shared_ptr<const runtime::LoadedComponent> loaded;
};

class Linker::Impl {
 public:
  runtime::ComponentLinker linker;
};

class Instance::Impl {
 public:
  explicit Impl(runtime::InstantiatedComponent& component) : instantiated(component) {}
  runtime::InstantiatedComponent& instantiated;
};

class Func::Impl {
 public:
  explicit Impl(runtime::ExportedFunc& exported) : function(exported) {}
  runtime::ExportedFunc& function;
};

// The component in `code`, which may be a core module instead.
Result<Component> component_of(std::shared_ptr<const runtime::LoadedCode> code);

}  // namespace tenon
