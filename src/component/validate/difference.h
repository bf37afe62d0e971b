#pragma once

#include "base/result.h"
#include "component/types.h"

// Why two types are not equal, in one sentence: the first field, case or parameter that differs.
namespace tenon::component {

Result<void> check_equal(const ComponentTypes& types, ValType actual, ValType expected);
// Both are functions.
Result<void> check_equal_functions(const ComponentTypes& types, TypeId actual, TypeId expected);

}  // namespace tenon::component
