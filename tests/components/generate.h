#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tests/canon/generate.h"

// Random components that are valid, and components that differ from such a one by one flaw. The
// signatures of core functions come from the model of the Canonical ABI, not from the library.
namespace components {

// What makes a component invalid. Each is where the generator would have done the right thing.
enum class Flaw : uint8_t {
  unknown_type,  // a function type that does not exist
  core_param,    // a core function with a parameter too many
  core_result,   // or with a result too many
  no_memory,     // an option that is needed is not there
  no_realloc,
  realloc_signature,
  post_return_signature,
  async_option,  // on a function that is not
  export_twice,
  label_twice,
  bad_label,
  unnamed_type,      // a record or the like that nobody has exported
  missing_argument,  // of an instantiation
  argument_type,     // of the wrong sort
  borrow_result,
  core_type_index,    // of no core type
  core_supertype,     // of another kind, or final
  module_type_alias,  // in a module type
  other_core_type,    // of what a module is given
  core_export,        // that a module does not have
  value_unused,       // a value that nothing takes
  value_twice,        // or two
  start_argument,     // of another type
  truncated,
};
constexpr size_t flaw_count = static_cast<size_t>(Flaw::truncated) + 1;
extern const char* const flaw_names[flaw_count];

// Nothing when the component that `seed` makes has no place for the flaw.
std::optional<std::vector<uint8_t>> make(uint64_t seed, std::optional<Flaw> flaw);

}  // namespace components
