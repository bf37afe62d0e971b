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

TEST_CASE("what is never off can be named, and not turned off") {
  Features features;
  CHECK(applied("wasm1,component-model,floats,cm-async", features).empty());
  CHECK(features == Features{}.with(Feature::mutable_globals));
  CHECK(applied("-component-model", features) ==
        "the feature `component-model` cannot be turned off");
}

}  // namespace
}  // namespace tenon::wasm
