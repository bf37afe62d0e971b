#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "wasm/features.h"
#include "wasm/types.h"

// The abstract heap types: what each is called, and its byte in the binary format.
namespace tenon::wasm {

// wasm: binary-absheaptype
// wasm: text-absheaptype
struct AbstractHeapType {
  HeapType::Abstract type;
  uint8_t code;
  Feature feature;
  std::string_view text;
  std::string_view reference;  // the short name of the nullable reference to it
};

// In the order of HeapType::Abstract.
inline constexpr std::array<AbstractHeapType, 12> abstract_heap_types = {{
    {HeapType::func, 0x70, Feature::reference_types, "func", "funcref"},
    {HeapType::nofunc, 0x73, Feature::gc, "nofunc", "nullfuncref"},
    {HeapType::extern_, 0x6f, Feature::reference_types, "extern", "externref"},
    {HeapType::noextern, 0x72, Feature::gc, "noextern", "nullexternref"},
    {HeapType::any, 0x6e, Feature::gc, "any", "anyref"},
    {HeapType::none, 0x71, Feature::gc, "none", "nullref"},
    {HeapType::eq, 0x6d, Feature::gc, "eq", "eqref"},
    {HeapType::i31, 0x6c, Feature::gc, "i31", "i31ref"},
    {HeapType::struct_, 0x6b, Feature::gc, "struct", "structref"},
    {HeapType::array, 0x6a, Feature::gc, "array", "arrayref"},
    {HeapType::exn, 0x69, Feature::exceptions, "exn", "exnref"},
    {HeapType::noexn, 0x74, Feature::exceptions, "noexn", "nullexnref"},
}};

constexpr const AbstractHeapType& describe(HeapType::Abstract type) {
  return abstract_heap_types[type];
}

constexpr const AbstractHeapType* find_abstract_heap_type(uint8_t code) {
  for (const AbstractHeapType& known : abstract_heap_types) {
    if (known.code == code) return &known;
  }
  return nullptr;
}

}  // namespace tenon::wasm
