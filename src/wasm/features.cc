#include "wasm/features.h"

namespace tenon::wasm {

std::string_view feature_name(Feature feature) {
  switch (feature) {
    case Feature::mvp: return "mvp";
    case Feature::mutable_globals: return "mutable-global";
    case Feature::sign_extension: return "sign-extension";
    case Feature::saturating_float_to_int: return "saturating-float-to-int";
    case Feature::multi_value: return "multi-value";
    case Feature::bulk_memory: return "bulk-memory";
    case Feature::bulk_memory_opt: return "bulk-memory-opt";
    case Feature::reference_types: return "reference-types";
    case Feature::call_indirect_overlong: return "call-indirect-overlong";
    case Feature::simd: return "simd";
    case Feature::relaxed_simd: return "relaxed-simd";
    case Feature::extended_const: return "extended-const";
    case Feature::tail_call: return "tail-call";
    case Feature::multi_memory: return "multi-memory";
    case Feature::memory64: return "memory64";
    case Feature::function_references: return "function-references";
    case Feature::gc: return "gc";
    case Feature::exceptions: return "exceptions";
    case Feature::legacy_exceptions: return "legacy-exceptions";
    case Feature::threads: return "threads";
    case Feature::custom_page_sizes: return "custom-page-sizes";
    case Feature::wide_arithmetic: return "wide-arithmetic";
    case Feature::component_legacy: return "cm-legacy";
    case Feature::component_values: return "cm-values";
  }
  return "unknown";
}

}  // namespace tenon::wasm
