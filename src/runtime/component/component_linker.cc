#include "runtime/component/component_linker.h"

#include <fmt/format.h>

#include "canon/values.h"
#include "component/semver.h"
#include "runtime/component/import_report.h"
#include "runtime/component/type_check.h"

namespace tenon::runtime {
namespace {

using component::Path;
using component::Plan;

// Entry of an import that nothing defines.
abi::CoreResult unknown_import(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, double,
                               double, double, double, double, double, double, double,
                               abi::CoreHostFunc* self) {
  auto& import = *static_cast<abi::LoweredImport*>(self->environment);
  const auto& name = *static_cast<const std::string*>(import.callable);
  return abi::trap_in(*self,
                      Trap::host(fmt::format("`{}` was called, which nothing defines", name)));
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

void ComponentLinker::define_value(std::string_view instance_name, std::string_view name,
                                   Value value) {
  define(&Instance::values, instance_name, name, std::move(value));
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

std::vector<std::string_view> ComponentLinker::offered() const {
  std::vector<std::string_view> names;
  for (const auto& [name, unused] : instances_) {
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

// Finds the definitions of one component's imports. What fails is noted, and the next one tried.
class ComponentLinker::Resolver {
 public:
  Resolver(const ComponentLinker& linker, const LoadedComponent& component)
      : linker_(linker), plan_(component.plan()), report_(component, linker.offered()) {}

  Result<ResolvedImports> run() {
    resolved_.resources.resize(plan_.resources.size());
    first_paths_.resize(plan_.resources.size());
    for (const auto& import : plan_.imported_instances) check_instance(import);
    for (const auto& import : plan_.imported_resources) resolve_resource(import);
    for (uint32_t i = 0; i < plan_.imports.size(); i++) resolve_function(component::ImportId(i));
    for (const auto& import : plan_.imported_modules) resolve_module(import);
    for (const auto& import : plan_.imported_values) resolve_value(import);
    if (report_.is_empty()) return std::move(resolved_);
    return std::unexpected(report_.error(linker_.trap_on_unknown_));
  }

 private:
  using Named = std::pair<const std::string, Instance>;

  static std::string interface_of(const Path& path) {
    return path_text(Path(path.begin(), path.end() - 1));
  }

  // The instance that `path` is of. Null when there is none.
  const Named* instance_of(const Path& path) const {
    return linker_.find_instance(interface_of(path));
  }

  // What an instance defines under the last name of the path; null where that is missing.
  template <typename Definition>
  const Definition* find(const Named* instance, const Path& path,
                         std::map<std::string, Definition, std::less<>> Instance::* kind) const {
    if (!instance) return nullptr;
    auto found = (instance->second.*kind).find(path.back());
    return found == (instance->second.*kind).end() ? nullptr : &found->second;
  }

  template <typename Definition>
  void report_missing(const Path& path, std::string_view what, const Named* instance,
                      std::map<std::string, Definition, std::less<>> Instance::* kind,
                      std::optional<component::ImportId> function = std::nullopt) {
    if (!instance && path.size() > 1)
      return report_.missing_interface(interface_of(path), function);
    std::vector<std::string_view> items;
    if (instance) {
      for (const auto& [name, unused] : instance->second.*kind) items.push_back(name);
    }
    report_.missing_item(path, what, instance ? std::string_view(instance->first) : "", items);
  }

  // An instance of which nothing is wanted need not be there. What has its name is one.
  void check_instance(const component::ImportedInstance& import) {
    const Named* around = instance_of(import.path);
    if (!around || linker_.find_instance(path_text(import.path))) return;
    auto misfits = [&](auto kind, std::string_view what) {
      if (!find(around, import.path, kind)) return;
      report_.misfit(
          import.path, around->first,
          Error(ErrorCode::link, fmt::format("it is an instance, and what is given a {}", what)));
    };
    misfits(&Instance::functions, "function");
    misfits(&Instance::resources, "resource");
    misfits(&Instance::modules, "module");
    misfits(&Instance::values, "value");
  }

  void resolve_resource(const component::ImportedResource& import) {
    const Named* instance = instance_of(import.path);
    const auto* found = find(instance, import.path, &Instance::resources);
    const abi::ResourceType*& resolved = resolved_.resources[import.resource.index];
    const Path*& first = first_paths_[import.resource.index];
    if (first) {
      if (!found || !resolved || *found == resolved) return;
      return report_.misfit(import.path, instance->first,
                            Error(ErrorCode::link, fmt::format("it is another resource than `{}`, "
                                                               "which it has to be",
                                                               path_text(*first))));
    }
    first = &import.path;
    if (found) {
      resolved = *found;
      return;
    }
    if (!linker_.trap_on_unknown_)
      return report_missing(import.path, "resource", instance, &Instance::resources);
    auto fresh = std::make_shared<abi::ResourceType>();
    fresh->destroy = [](void*) {};
    resolved = fresh.get();
    resolved_.fresh_resources.push_back(std::move(fresh));
  }

  void resolve_function(component::ImportId import_id) {
    const component::ImportedFunction& import = plan_.imports[import_id];
    const Named* instance = instance_of(import.path);
    if (const auto* found = find(instance, import.path, &Instance::functions)) {
      bool lacks_resource = false;  // which was reported
      Result<void> checked = check_function_type(
          plan_.types, plan_.types.func(import.type), *found->desc, [&](component::ResourceId id) {
            const abi::ResourceType* resource = resolved_.resources[id.index];
            lacks_resource |= resource == nullptr;
            return resource;
          });
      if (!checked && !lacks_resource)
        return report_.misfit(import.path, instance->first, std::move(checked).error());
      resolved_.functions.push_back(*found);
      return;
    }
    if (!linker_.trap_on_unknown_)
      return report_missing(import.path, "function", instance, &Instance::functions, import_id);
    auto name = std::make_shared<std::string>(path_text(import.path));
    resolved_.functions.push_back({nullptr, unknown_import, std::move(name), false});
  }

  void resolve_module(const component::ImportedModule& import) {
    const Named* instance = instance_of(import.path);
    const auto* found = find(instance, import.path, &Instance::modules);
    if (!found) return report_missing(import.path, "module", instance, &Instance::modules);
    Result<void> checked = check_module_type(**found, import, plan_.core_types);
    if (!checked) return report_.misfit(import.path, instance->first, std::move(checked).error());
    resolved_.modules.push_back(*found);
  }

  void resolve_value(const component::ImportedValue& import) {
    const Named* instance = instance_of(import.path);
    const auto* found = find(instance, import.path, &Instance::values);
    if (!found) return report_missing(import.path, "value", instance, &Instance::values);
    Result<void> checked = canon::check_value(plan_.types, import.type, *found);
    if (!checked) return report_.misfit(import.path, instance->first, std::move(checked).error());
    resolved_.values.push_back(*found);
  }

  const ComponentLinker& linker_;
  const Plan& plan_;
  ImportReport report_;
  ResolvedImports resolved_;
  std::vector<const Path*> first_paths_;  // of resources; null: none yet
};

Result<ResolvedImports> ComponentLinker::resolve(const LoadedComponent& component) const {
  if (problem_) return std::unexpected(*problem_);
  return Resolver(*this, component).run();
}

}  // namespace tenon::runtime
