#pragma once

#include <cstdint>
#include <string_view>

// The features of the standard (and of proposals) that a module may use, as run-time bits. What is
// off is refused by name where a module uses it. An immutable value.
namespace tenon::wasm {

enum class Feature : uint8_t {
  mvp,  // always on
  mutable_globals,
  sign_extension,
  saturating_float_to_int,
  multi_value,
  bulk_memory,
  bulk_memory_opt,  // memory.copy and memory.fill; a part of bulk_memory
  reference_types,
  call_indirect_overlong,  // table indices of call_indirect in several bytes; of reference_types
  simd,
  relaxed_simd,
  extended_const,
  tail_call,
  multi_memory,
  memory64,
  function_references,
  gc,
  exceptions,
  legacy_exceptions,
  threads,
  custom_page_sizes,
  wide_arithmetic,
  // What the Component Model has dropped: `cancellable`, and names that differ by hyphens alone.
  component_legacy,
  // Values that components define, import and export, and their start functions.
  component_values,
};
constexpr int feature_count = static_cast<int>(Feature::component_values) + 1;

// The name that the standard's proposals and other tools use, as in "relaxed-simd".
std::string_view feature_name(Feature feature);

struct Features {
  uint32_t bits = 0;

  constexpr bool has(Feature feature) const {
    return ((bits | 1u) >> static_cast<int>(feature) & 1) != 0;
  }
  constexpr Features with(Feature feature) const {
    return {bits | 1u << static_cast<int>(feature)};
  }
  constexpr Features without(Feature feature) const {
    return {bits & ~(1u << static_cast<int>(feature))};
  }

  // Every feature that decoder and validator implement in full.
  static constexpr Features validated() {
    return Features{(1u << feature_count) - 1}.without(Feature::legacy_exceptions);
  }
  // WebAssembly 3.0.
  static constexpr Features standard() {
    return validated()
        .without(Feature::threads)
        .without(Feature::custom_page_sizes)
        .without(Feature::wide_arithmetic)
        .without(Feature::component_legacy)
        .without(Feature::component_values);
  }
  // Every feature that the compiler tiers implement, too.
  static constexpr Features compiled() {
    return Features{(1u << (static_cast<int>(Feature::exceptions) + 1)) - 1}
        .with(Feature::threads)
        .with(Feature::custom_page_sizes)
        .with(Feature::wide_arithmetic)
        .with(Feature::component_legacy)
        .with(Feature::component_values);
  }
  // What users' modules may use when they run, unless told otherwise.
  static constexpr Features defaults() { return {standard().bits & compiled().bits}; }
  // What adapters between components are written in.
  static constexpr Features adapters() { return compiled(); }

  friend constexpr bool operator==(Features, Features) = default;
};

}  // namespace tenon::wasm
