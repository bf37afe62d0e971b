#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/component/loaded_component.h"
#include "tenon/abi/host_func.h"
#include "tenon/value.h"

// What a host offers to components, by name, and how imports find it. Filled by one thread; then
// any number may resolve.
namespace tenon::runtime {

// A definition for each import of a plan. Owns what it needs.
struct ResolvedImports {
  std::vector<abi::HostFunction> functions;         // by component::ImportId
  std::vector<const abi::ResourceType*> resources;  // by component::ResourceId; null: not imported
  std::vector<std::shared_ptr<const abi::ResourceType>> fresh_resources;
  std::vector<std::shared_ptr<const Module>> modules;  // by component::ImportedModuleId
  std::vector<Value> values;                           // as Plan::imported_values
};

class ComponentLinker {
 public:
  // `instance` is empty for definitions at the root; an instance within an instance is
  // "outer#inner". A name that is defined twice is an error of `resolve`.
  void define(std::string_view instance, std::string_view name, abi::HostFunction function);
  void define_resource(std::string_view instance, std::string_view name,
                       const abi::ResourceType& type);
  // Shares its code.
  void define_module(std::string_view instance, std::string_view name,
                     std::shared_ptr<const Module> module);
  void define_value(std::string_view instance, std::string_view name, Value value);
  void trap_on_unknown_imports(bool on) { trap_on_unknown_ = on; }

  Result<ResolvedImports> resolve(const LoadedComponent& component) const;

 private:
  struct Instance {
    std::map<std::string, abi::HostFunction, std::less<>> functions;
    std::map<std::string, const abi::ResourceType*, std::less<>> resources;
    std::map<std::string, std::shared_ptr<const Module>, std::less<>> modules;
    std::map<std::string, Value, std::less<>> values;
  };
  class Resolver;

  Instance& instance(std::string_view name);
  template <typename Definition>
  void define(std::map<std::string, Definition, std::less<>> Instance::* kind,
              std::string_view instance, std::string_view name, Definition definition);
  // By exact name, or the highest version that is compatible. Null when there is none.
  const std::pair<const std::string, Instance>* find_instance(std::string_view wanted) const;
  // The names of the instances.
  std::vector<std::string_view> offered() const;

  std::map<std::string, Instance, std::less<>> instances_;
  std::map<std::string, std::string, std::less<>>
      compatible_;  // compatible_name: the highest version's name
  std::optional<Error> problem_;
  bool trap_on_unknown_ = false;
};

}  // namespace tenon::runtime
