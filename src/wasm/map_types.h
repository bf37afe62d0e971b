#pragma once

#include "wasm/types.h"

// Types with other type indices: those of one module told in the indices of another, or in ids.
namespace tenon::wasm {

// `map(TypeIndex)` gives the new index.
template <typename Map>
ValType map_type(ValType type, Map&& map) {
  if (!type.is_ref() || !type.heap().is_concrete()) return type;
  return ValType::reference(HeapType(TypeIndex(map(type.heap().type()))), type.is_nullable());
}

template <typename Map>
void map_types(SubType& type, Map&& map) {
  for (TypeIndex& super : type.supertypes) super = TypeIndex(map(super));
  for (ValType& param : type.func.params) param = map_type(param, map);
  for (ValType& result : type.func.results) result = map_type(result, map);
  for (FieldType& field : type.fields) field.type = map_type(field.type, map);
}

}  // namespace tenon::wasm
