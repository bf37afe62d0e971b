#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/component/loaded_component.h"

// What of a component's imports finds no definition that fits: all of it as one error, which says
// who wants each, what is offered instead, and what would fit.
namespace tenon::runtime {

class ImportReport {
 public:
  // `offered` are the names of the linker's instances.
  ImportReport(const LoadedComponent& component, std::vector<std::string_view> offered)
      : component_(component), offered_(std::move(offered)) {}

  // An import whose interface is not there at all. Said once for each interface.
  void missing_interface(std::string_view interface, std::optional<component::ImportId> function);
  // A `kind` ("function") that `there`, the instance that stands for its interface, has not. At the
  // root `there` is empty. `items` is what it has of the kind.
  void missing_item(const component::Path& path, std::string_view kind, std::string_view there,
                    const std::vector<std::string_view>& items);
  // One that is there, and is something else; `why` says what.
  void misfit(const component::Path& path, std::string_view there, Error why);

  bool is_empty() const { return problems_.empty(); }
  // One problem is one line; several have a line each below it.
  Error error(bool unknown_imports_trap) const;

 private:
  struct Problem {
    std::string text;            // behind "the component imports"
    std::optional<Error> error;  // of a misfit
  };
  const std::string& wanted_by(component::ImportId function);
  std::string hint() const;

  const LoadedComponent& component_;
  const std::vector<std::string_view> offered_;
  std::vector<Problem> problems_;
  std::set<std::string, std::less<>> interfaces_;  // those that were said to be missing
  std::vector<std::string> wanted_by_;             // by ImportId, once it was asked for
  std::string newest_;  // where something is wanted in a newer version than this, of WASI
};

}  // namespace tenon::runtime
