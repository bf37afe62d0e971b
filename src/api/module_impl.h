#pragma once

#include <memory>

#include "runtime/instance.h"
#include "runtime/linker.h"
#include "runtime/module.h"
#include "tenon/module.h"

// What is behind Module, ModuleLinker, ModuleInstance and CoreFunc.
namespace tenon {

class Module::Impl {
 public:
  explicit Impl(std::shared_ptr<const runtime::LoadedCode> loaded) : code(std::move(loaded)) {}
  const runtime::Module& module() const { return code->module(0); }
  const std::shared_ptr<const runtime::LoadedCode> code;
};

class ModuleInstance::Impl {
 public:
  runtime::Instance& instance;
};

class CoreFunc::Impl {
 public:
  runtime::Store& store;
  compiler::FuncRef& function;
  const wasm::FuncType& type() const;
};

class ModuleLinker::Impl {
 public:
  runtime::Linker linker;
  bool preview1 = false;
  bool trap_on_unknown_imports = false;
};

// The core module in `code`, which may be a component instead.
Result<Module> module_of(std::shared_ptr<const runtime::LoadedCode> code);

}  // namespace tenon
