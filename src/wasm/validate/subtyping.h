#pragma once

#include <string>

#include "wasm/module.h"

// Which types can stand for which: the matching relation of the standard, within one module. The
// module's `canonical_types` must be filled.
namespace tenon::wasm {

// The abstract type directly above the defined types of a kind, and the one below them all.
HeapType::Abstract abstract_above(SubType::Kind kind);
HeapType::Abstract abstract_below(SubType::Kind kind);

// wasm: match-heaptype, of abstract types.
bool abstract_matches(HeapType::Abstract sub, HeapType::Abstract super);

// wasm: match-heaptype
bool heap_matches(const Module& module, HeapType sub, HeapType super);

bool ref_matches(const Module& module, ValType sub, ValType super);

// wasm: match-valtype
inline bool val_matches(const Module& module, ValType sub, ValType super) {
  if (sub == super || sub.kind() == ValType::bottom) return true;
  if (!sub.is_ref() || !super.is_ref()) return false;
  return ref_matches(module, sub, super);
}

// wasm: match-resulttype
bool results_match(const Module& module, std::span<const ValType> sub,
                   std::span<const ValType> super);

// wasm: match-deftype
bool type_matches(const Module& module, TypeIndex sub, TypeIndex super);

// wasm: match-storagetype
bool storage_matches(const Module& module, const FieldType& sub, const FieldType& super);

// wasm: match-comptype. Used where a declaration names a supertype.
bool composite_matches(const Module& module, const SubType& sub, const SubType& super);

// The top of the hierarchy that a heap type belongs to.
HeapType::Abstract top_of(const Module& module, HeapType heap);

// As in the text format: "i32", "(ref null 3)".
std::string to_string(ValType type);

}  // namespace tenon::wasm
