#include "runtime/component/trap_place.h"

namespace tenon::runtime {

ModulePlaces::ModulePlaces(const component::Plan& plan)
    : plan_(plan), instances_(plan.modules.size()) {
  std::vector<bool> is_shared(plan.modules.size());
  for (const component::Initializer& initializer : plan.initializers) {
    const auto* made = std::get_if<component::InstantiateModule>(&initializer);
    const auto* module = made ? std::get_if<component::ModuleId>(&made->module) : nullptr;
    if (!module || is_shared[module->index]) continue;
    auto& instance = instances_[module->index];
    is_shared[module->index] = instance && *instance != made->instance;
    instance = made->instance;
    if (is_shared[module->index]) instance.reset();
  }
}

component::Path ModulePlaces::path_of(component::ModuleId module) const {
  if (module.index >= instances_.size() || !instances_[module.index]) return {};
  return plan_.path_of(*instances_[module.index]);
}

void close_call(std::vector<Frame>& frames, size_t first, const component::Path& instance,
                std::string_view called) {
  if (first >= frames.size()) return;
  for (size_t i = first; i < frames.size(); ++i) frames[i].component = instance;
  frames.back().called_export = called;
}

namespace {

// Behind the calls that begin with the innermost frame and are known.
size_t first_open(const std::vector<Frame>& frames) {
  size_t open = 0;
  for (size_t i = 0; i < frames.size() && frames[i].component == frames[open].component; ++i) {
    if (frames[i].called_export.empty()) continue;
    open = i + 1;
    if (open == frames.size()) break;
  }
  return open;
}

std::string text_of(const component::Path& instance, std::string_view called) {
  std::string text;
  for (const std::string& name : instance)
    text += (text.empty() ? "component `" : " > `") + name + "`";
  if (called.empty()) return text;
  if (!text.empty()) text += ": ";
  return text + "export `" + std::string(called) + "`";
}

}  // namespace

void name_place(Trap& trap, const component::Path& instance, std::string_view called) {
  std::vector<Frame>& frames = trap.frames;
  size_t open = first_open(frames);
  size_t end = open;
  while (end < frames.size() && frames[end].called_export.empty() &&
         (frames[end].component.empty() || frames[end].component == instance)) {
    frames[end++].component = instance;
  }
  if (end > open) frames[end - 1].called_export = called;
  if (!trap.context.empty()) return;
  trap.component = instance;
  trap.called_export = called;
  for (const Frame& frame : frames) {
    if (frame.called_export.empty()) continue;
    trap.component = frame.component;
    trap.called_export = frame.called_export;
    break;
  }
  trap.context = text_of(trap.component, trap.called_export);
}

}  // namespace tenon::runtime
