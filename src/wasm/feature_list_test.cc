#include "wasm/feature_list.h"

#include <doctest/doctest.h>

namespace tenon::wasm {
namespace {

// The features that a list makes of those of the standard, or the error.
std::string applied(std::string_view list, Features& features) {
  features = Features::standard();
  auto done = apply_feature_list(list, features);
  return done ? "" : done.error().message();
}

TEST_CASE("features by name") {
  Features features;
  CHECK(applied("threads,-simd", features).empty());
  CHECK(features == Features::standard().with(Feature::threads).without(Feature::simd));
  CHECK(applied("all", features).empty());
  CHECK(features == Features::validated());
  CHECK(applied("wasm3", features).empty());
  CHECK(features == Features::standard());
  CHECK(applied("-all,gc", features).empty());
  CHECK(features == Features{}.with(Feature::gc));
  CHECK(applied("speed", features) == "there is no feature `speed`");
  CHECK(applied("stack-switching", features) == "the feature `stack-switching` is not there yet");
}

TEST_CASE("parts of features are named for themselves") {
  Features features;
  CHECK(applied("mvp,bulk-memory", features).empty());
  CHECK(features == Features{}.with(Feature::bulk_memory).with(Feature::bulk_memory_opt));
  CHECK(applied("mvp,bulk-memory-opt,call-indirect-overlong", features).empty());
  CHECK(features ==
        Features{}.with(Feature::bulk_memory_opt).with(Feature::call_indirect_overlong));
  CHECK(applied("-bulk-memory-opt,-reference-types", features).empty());
  for (Feature off : {Feature::bulk_memory, Feature::bulk_memory_opt, Feature::reference_types,
                      Feature::call_indirect_overlong})
    CHECK(!features.has(off));
  CHECK(applied("lime1", features).empty());
  CHECK(features.has(Feature::bulk_memory_opt));
  CHECK(features.has(Feature::call_indirect_overlong));
  CHECK(features.has(Feature::extended_const));
  CHECK(!features.has(Feature::bulk_memory));
  CHECK(!features.has(Feature::reference_types));
  CHECK(!features.has(Feature::simd));
}

TEST_CASE("what is never off can be named, and not turned off") {
  Features features;
  CHECK(applied("wasm1,component-model,floats,cm-async", features).empty());
  CHECK(features == Features{}.with(Feature::mutable_globals));
  CHECK(applied("-component-model", features) ==
        "the feature `component-model` cannot be turned off");
}

}  // namespace
}  // namespace tenon::wasm
