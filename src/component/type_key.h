#pragma once

#include <string>

#include "component/types.h"

// The bytes that stand for the structure of a type in the interner: equal for equal types,
// different for different ones. The parts of the type are canonical already.
namespace tenon::component {

std::string structural_key(const Type& type);

}  // namespace tenon::component
