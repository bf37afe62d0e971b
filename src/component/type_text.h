#pragma once

#include <string>
#include <unordered_map>

#include "component/types.h"

// Types as text, like to_string of types.h, with names of resources in place of their numbers.
namespace tenon::component {

using ResourceNames = std::unordered_map<uint32_t, std::string>;  // by ResourceId::index

std::string to_string(const ComponentTypes& types, ValType type, const ResourceNames& resources);
std::string to_string(const ComponentTypes& types, const FuncType& type,
                      const ResourceNames& resources);

}  // namespace tenon::component
