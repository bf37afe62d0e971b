#pragma once

#include <span>

#include "base/result.h"
#include "component/plan/plan.h"
#include "component/validate/validated.h"

// Makes the plan of a valid component. Fails for what is valid and not built yet (`unsupported`),
// and where nested instantiation exceeds a limit.
namespace tenon::component {

Result<Plan> build_plan(const DecodedComponent& component, const Validated& validated);

}  // namespace tenon::component
