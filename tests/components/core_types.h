#pragma once

#include <functional>

#include "tests/components/generate.h"

namespace components {

// A random component whose core types are of all kinds: recursion groups and subtypes, aliased and
// mentioned by module types, and the same in modules, each with its own indices, that are given to
// each other. `takes` says whether a flaw is to be put in.
std::vector<uint8_t> make_core_types(model::Random& random, const std::function<bool(Flaw)>& takes);

}  // namespace components
