#pragma once

#include <span>

#include "base/result.h"
#include "component/plan/plan.h"
#include "component/validate/validated.h"

// Makes the plan of a valid component. Fails for what is valid and not built yet (`unsupported`),
// and where nested instantiation exceeds a limit.
namespace tenon::component {

struct PlanOptions {
  // Calls between an instance and those it contains, or within one instance. The text of the
  // specification allows them (Linking.md, donut wrapping); its tests, and what runs components
  // today, want a trap for now.
  bool calls_between_relatives = false;
};
Result<Plan> build_plan(const DecodedComponent& component, const Validated& validated,
                        const PlanOptions& options = {});

}  // namespace tenon::component
