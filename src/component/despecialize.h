#pragma once

#include <optional>
#include <vector>

#include "component/types.h"

// canon: Despecialization. Records and tuples as lists of fields; variants, enums, options and
// results as lists of cases.
namespace tenon::component {

struct Parts {
  std::vector<ValType> fields;                // record, tuple
  std::vector<std::optional<ValType>> cases;  // variant, enum, option, result
};
Parts parts_of(const Type& definition);

// canon: elem_size_variant and its kin
abi::VariantLayout variant_layout(const ComponentTypes& types,
                                  std::span<const std::optional<ValType>> cases,
                                  abi::CoreType pointer);

// Is every byte of the type data that needs no check and no normalization?
bool is_plain(const ComponentTypes& types, ValType type);

}  // namespace tenon::component
