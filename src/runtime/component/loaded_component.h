#pragma once

#include <memory>

#include "component/plan/plan.h"
#include "runtime/module.h"

// A compiled component that can be instantiated: its code, and the plan of its instantiation.
// Immutable; threads may share it.
namespace tenon::runtime {

class LoadedComponent {
 public:
  // `code` is that of a component.
  explicit LoadedComponent(std::shared_ptr<const LoadedCode> code) : code_(std::move(code)) {}

  const component::Plan& plan() const { return *code_->artifact().plan(); }
  const Module& module(component::ModuleId id) const { return code_->module(id.index); }
  const std::shared_ptr<const LoadedCode>& code() const { return code_; }

 private:
  std::shared_ptr<const LoadedCode> code_;
};

// "interface#function", or the name alone for one at the root.
std::string path_text(const component::Path& path);

}  // namespace tenon::runtime
