#pragma once

#include <string>

#include "component/plan/plan.h"

namespace tenon::component {

// The plan as text, one item per line: for golden tests and for people.
std::string dump(const Plan& plan);

}  // namespace tenon::component
