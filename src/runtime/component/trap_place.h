#pragma once

#include <string_view>

#include "component/plan/plan.h"
#include "tenon/trap.h"

// Where in a component guest code was when it trapped. Frames of code say which module they are of;
// adapters between them, and whoever called from outside, say which component instance was entered,
// and by which export.
namespace tenon::runtime {

// The instance that a module of a plan belongs to, where there is just one.
class ModulePlaces {
 public:
  explicit ModulePlaces(const component::Plan& plan);
  // Empty where it is not known, as it is for the root.
  component::Path path_of(component::ModuleId module) const;

 private:
  const component::Plan& plan_;
  std::vector<std::optional<component::InstanceId>> instances_;  // by module
};

// The frames from `first` on are those of a call of `called` in an instance.
void close_call(std::vector<Frame>& frames, size_t first, const component::Path& instance,
                std::string_view called);

// To be told by whoever called an instance from outside of guest code, innermost first: the frames
// that nobody has told of yet are of this call, and so is the trap if it is the first.
void name_place(Trap& trap, const component::Path& instance, std::string_view called);

}  // namespace tenon::runtime
