#include "runtime/component/component_linker.h"

#include <fmt/format.h>

#include "component/semver.h"
#include "runtime/component/type_check.h"

namespace tenon::runtime {
namespace {

using component::Path;
using component::Plan;

// The part of an interface's name before its version.
std::string_view without_version(std::string_view name) {
  return name.substr(0, name.find('@'));
}

// Entry of an import that nothing defines.
uint32_t unknown_import(abi::CoreHostFunc* self, abi::CoreCall*) {
  auto& import = *static_cast<abi::LoweredImport*>(self->environment);
  const auto& name = *static_cast<const std::string*>(import.callable);
  import.options.embedder->raise(
      Trap::host(fmt::format("`{}` was called, which nothing defines", name)));
  return 1;
}

// The core module that a lowered import is given to; empty when it has no name.
std::string wanted_by(const LoadedComponent& component, component::ImportId import) {
  const Plan& plan = component.plan();
  for (const component::Initializer& initializer : plan.initializers) {
    const auto* instantiate = std::get_if<component::InstantiateModule>(&initializer);
    if (!instantiate) continue;
    for (const component::CoreDef& arg : instantiate->args) {
      const auto* trampoline = std::get_if<component::TrampolineId>(&arg);
      if (!trampoline) continue;
      const auto* lower = std::get_if<component::LowerImport>(&plan.trampolines[*trampoline].kind);
      const auto* module = std::get_if<component::ModuleId>(&instantiate->module);
      if (lower && lower->function == import && module)
        return component.module(*module).info().name;
    }
  }
  return {};
}

}  // namespace

std::string path_text(const Path& path) {
  std::string text;
  for (const std::string& name : path) {
    if (!text.empty()) text += '#';
    text += name;
  }
  return text;
}

ComponentLinker::Instance& ComponentLinker::instance(std::string_view name) {
  auto found = instances_.find(name);
  if (found != instances_.end()) return found->second;
  if (auto key = component::compatible_name(name)) {
    std::string& best = compatible_[*key];
    auto version = component::version_of(name);
    if (best.empty() || (version && *component::version_of(best) < *version)) best = name;
  }
  return instances_.emplace(name, Instance()).first->second;
}

template <typename Definition>
void ComponentLinker::define(std::map<std::string, Definition, std::less<>> Instance::* kind,
                             std::string_view instance_name, std::string_view name,
                             Definition definition) {
  auto& definitions = instance(instance_name).*kind;
  if (definitions.emplace(name, std::move(definition)).second || problem_) return;
  std::string of = instance_name.empty() ? "" : fmt::format(" of `{}`", instance_name);
  problem_ = Error(ErrorCode::link, fmt::format("`{}`{} is defined twice", name, of));
}

void ComponentLinker::define(std::string_view instance_name, std::string_view name,
                             abi::HostFunction function) {
  define(&Instance::functions, instance_name, name, std::move(function));
}

void ComponentLinker::define_resource(std::string_view instance_name, std::string_view name,
                                      const abi::ResourceType& type) {
  define(&Instance::resources, instance_name, name, &type);
}

void ComponentLinker::define_module(std::string_view instance_name, std::string_view name,
                                    std::shared_ptr<const Module> module) {
  define(&Instance::modules, instance_name, name, std::move(module));
}

const std::pair<const std::string, ComponentLinker::Instance>* ComponentLinker::find_instance(
    std::string_view wanted) const {
  auto exact = instances_.find(wanted);
  if (exact != instances_.end()) return &*exact;
  auto key = component::compatible_name(wanted);
  if (!key) return nullptr;
  auto compatible = compatible_.find(*key);
  if (compatible == compatible_.end()) return nullptr;
  return &*instances_.find(compatible->second);
}

std::string ComponentLinker::nearest(std::string_view wanted) const {
  auto wanted_version = component::version_of(wanted);
  std::string best;
  std::optional<component::Semver> best_version;
  for (const auto& [name, unused] : instances_) {
    if (without_version(name) != without_version(wanted)) continue;
    auto version = component::version_of(name);
    // The lowest above what is wanted, else the highest.
    bool is_above = version && wanted_version && *wanted_version < *version;
    bool best_is_above = best_version && wanted_version && *wanted_version < *best_version;
    bool is_better = best.empty() || !best_version || !version || (is_above && !best_is_above) ||
                     (is_above == best_is_above &&
                      (is_above ? *version < *best_version : *best_version < *version));
    if (is_better) {
      best = name;
      best_version = version;
    }
  }
  return best;
}

// Finds the definitions of one component's imports.
struct ComponentLinker::Resolver {
  const ComponentLinker& linker;
  const LoadedComponent& component;
  ResolvedImports resolved = {};
  std::vector<std::string> missing = {};   // sentences
  std::vector<std::string> reported = {};  // instances that are missing as a whole

  const Plan& plan() const { return component.plan(); }

  // The instance that `path` is of, and the name in it. Null when there is none.
  const std::pair<const std::string, Instance>* instance_of(const Path& path) const {
    return linker.find_instance(path_text(Path(path.begin(), path.end() - 1)));
  }

  void report_instance(const Path& path, const std::string& wanted_by) {
    const std::string& name = path.front();
    for (const std::string& done : reported) {
      if (done == name) return;
    }
    reported.push_back(name);
    std::string text = fmt::format("the component imports `{}`", name);
    if (!wanted_by.empty()) text += fmt::format(" (for core module `{}`)", wanted_by);
    text += ", which nothing defines";
    std::string other = linker.nearest(name);
    if (!other.empty()) text += fmt::format("; what there is of it is `{}`", other);
    missing.push_back(std::move(text));
  }

  void report_item(const Path& path, const char* kind,
                   const std::pair<const std::string, Instance>* instance) {
    std::string text = fmt::format("the component imports {} `{}`", kind, path_text(path));
    if (!instance || instance->first.empty()) {
      missing.push_back(text + ", which nothing defines");
      return;
    }
    std::string offered;
    for (const auto& [name, unused] : instance->second.functions) {
      offered += fmt::format("{}`{}`", offered.empty() ? "" : ", ", name);
    }
    missing.push_back(text + fmt::format(", but `{}` has only {}", instance->first,
                                         offered.empty() ? "resources" : offered));
  }

  void resolve_resource(const component::ImportedResource& import) {
    const auto* instance = instance_of(import.path);
    if (instance) {
      auto found = instance->second.resources.find(import.path.back());
      if (found != instance->second.resources.end()) {
        resolved.resources[import.resource.index] = found->second;
        return;
      }
    }
    if (!linker.trap_on_unknown_) {
      if (!instance && import.path.size() > 1) return report_instance(import.path, {});
      return report_item(import.path, "resource", instance);
    }
    auto fresh = std::make_shared<abi::ResourceType>();
    fresh->destroy = [](void*) {};
    resolved.resources[import.resource.index] = fresh.get();
    resolved.fresh_resources.push_back(std::move(fresh));
  }

  Result<void> resolve_function(component::ImportId id) {
    const component::ImportedFunction& import = plan().imports[id];
    const auto* instance = instance_of(import.path);
    if (instance) {
      auto found = instance->second.functions.find(import.path.back());
      if (found != instance->second.functions.end()) return check(import, found->second);
    }
    if (!linker.trap_on_unknown_) {
      if (!instance && import.path.size() > 1) {
        report_instance(import.path, wanted_by(component, id));
      } else {
        report_item(import.path, "function", instance);
      }
      return {};
    }
    auto name = std::make_shared<std::string>(path_text(import.path));
    resolved.functions.push_back({nullptr, unknown_import, std::move(name)});
    return {};
  }

  Result<void> resolve_module(const component::ImportedModule& import) {
    const auto* instance = instance_of(import.path);
    auto found = instance ? instance->second.modules.find(import.path.back())
                          : decltype(instance->second.modules.end())();
    if (!instance || found == instance->second.modules.end()) {
      report_item(import.path, "module", instance);
      return {};
    }
    Result<void> checked = check_module_type(*found->second, import);
    if (!checked) {
      return std::unexpected(
          std::move(checked).error().in(fmt::format("import `{}`", path_text(import.path))));
    }
    resolved.modules.push_back(found->second);
    return {};
  }

  Result<void> check(const component::ImportedFunction& import, const abi::HostFunction& function) {
    Result<void> checked = check_function_type(
        plan().types, plan().types.func(import.type), *function.desc,
        [this](component::ResourceId id) { return resolved.resources[id.index]; });
    if (!checked) {
      return std::unexpected(
          std::move(checked).error().in(fmt::format("import `{}`", path_text(import.path))));
    }
    resolved.functions.push_back(function);
    return {};
  }

  Result<ResolvedImports> run() {
    resolved.resources.resize(plan().resources.size());
    for (const auto& import : plan().imported_resources) resolve_resource(import);
    for (uint32_t i = 0; i < plan().imports.size(); i++)
      TRY_VOID(resolve_function(component::ImportId(i)));
    for (const auto& import : plan().imported_modules) TRY_VOID(resolve_module(import));
    if (missing.empty()) return std::move(resolved);
    constexpr size_t shown = 8;
    std::string text;
    for (size_t i = 0; i < missing.size() && i < shown; i++)
      text += (i == 0 ? "" : "; and ") + missing[i];
    if (missing.size() > shown) text += fmt::format("; and {} more", missing.size() - shown);
    Error error(ErrorCode::link, std::move(text));
    if (linker.trap_on_unknown_) return std::unexpected(std::move(error));
    return std::unexpected(std::move(error).hint(
        "if it is not going to be called, make unknown imports trap (`-W unknown-imports-trap`)"));
  }
};

Result<ResolvedImports> ComponentLinker::resolve(const LoadedComponent& component) const {
  if (problem_) return std::unexpected(*problem_);
  return Resolver{*this, component}.run();
}

}  // namespace tenon::runtime
