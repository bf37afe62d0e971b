#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "runtime/extern.h"
#include "runtime/instance.h"
#include "runtime/module.h"

// What core modules import by module and name: host functions, and the exports of instances. Made
// by one thread; everything that is defined must live as long as it is used. One with host
// functions alone may serve many stores.
namespace tenon::runtime {

class Linker {
 public:
  // Errors: the name is defined already.
  Result<void> define(std::string_view module, std::string_view name, HostFunction function);
  Result<void> define(std::string_view module, std::string_view name, Extern item);
  // Every export of the instance, as imports from `module`.
  Result<void> define_instance(std::string_view module, Instance& instance);

  // Empty when there is none. Lives as long as this linker.
  std::optional<Import> find(std::string_view module, std::string_view name) const;

  // Defines what this linker does not.
  using Otherwise = std::function<std::optional<Import>(const compiler::ImportInfo&)>;
  // A definition for each import of the module: this linker's, else that of `behind` (null: none),
  // else what `otherwise` makes. What is missing is one error that names every missing import, and
  // what is almost called the same.
  Result<std::vector<Import>> resolve(const Module& module, const Otherwise& otherwise = {},
                                      const Linker* behind = nullptr) const;
  // resolve, then Instance::create. Imports are checked there.
  Result<Instance*> link(Store& store, const Module& module) const;

 private:
  using Definition = std::variant<Extern, HostFunction>;
  Result<void> add(std::string_view module, std::string_view name, Definition definition);
  std::string similar(std::string_view module, std::string_view name, const Linker* behind) const;
  using Names = std::map<std::string, Definition, std::less<>>;

  std::map<std::string, Names, std::less<>> modules_;
};

}  // namespace tenon::runtime
