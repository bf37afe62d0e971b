#pragma once

#include <string_view>

#include "base/result.h"
#include "component/component.h"
#include "component/types.h"
#include "tenon/abi/flatten.h"

// canon: canonopt-validation. The rules for canonical options that need nothing but the options and
// the types of the values which they serve; Validator::check_options looks up what they name.
namespace tenon::component {

// Whose options they are: which of them it may have, and its name in messages.
struct OptionRules {
  std::string_view owner;
  bool allows_async = true;
  bool allows_realloc = true;
  bool is_lift = false;  // may have `post-return` and `callback`
};
Result<void> check_combination(const CanonOptions& options, const OptionRules& rules);

// What the values that pass need of the options.
struct Needs {
  bool memory = false;
  bool realloc = false;
};
// canon: canon-lift, canon-lower, canon-task.return
Needs needs_of_lift(const ComponentTypes& types, const FuncType& func,
                    const abi::FlattenOptions& options);
Needs needs_of_lower(const ComponentTypes& types, const FuncType& func,
                     const abi::FlattenOptions& options);
Result<void> check_needs(Needs needs, const CanonOptions& options);

}  // namespace tenon::component
