#include "wasm/feature_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace tenon::wasm {

std::string feature_list_names(size_t width) {
  std::string names, line = "all, mvp, lime1, wasm1, wasm2, wasm3";
  for (int i = 1; i < wasm::feature_count; ++i) {
    auto feature = static_cast<Feature>(i);
    if (!Features::validated().has(feature)) continue;
    std::string_view name = feature_name(feature);
    line += ",";
    if (line.size() + name.size() + 2 > width) {
      names += line + "\n";
      line = name;
    } else {
      line += fmt::format(" {}", name);
    }
  }
  return names + line;
}

namespace {

struct Version {
  std::string_view name;
  Features features;
};
constexpr Features version1 = Features{}.with(Feature::mutable_globals);
constexpr Features lime1 = version1.with(Feature::sign_extension)
                               .with(Feature::saturating_float_to_int)
                               .with(Feature::multi_value)
                               .with(Feature::bulk_memory_opt)
                               .with(Feature::call_indirect_overlong)
                               .with(Feature::extended_const);
constexpr Features version2 = version1.with(Feature::sign_extension)
                                  .with(Feature::saturating_float_to_int)
                                  .with(Feature::multi_value)
                                  .with(Feature::bulk_memory)
                                  .with(Feature::bulk_memory_opt)
                                  .with(Feature::reference_types)
                                  .with(Feature::call_indirect_overlong)
                                  .with(Feature::simd);
constexpr Version versions[] = {{"mvp", {}},
                                {"lime1", lime1},
                                {"wasm1", version1},
                                {"wasm2", version2},
                                {"wasm3", Features::standard()}};

// Features that are parts of others, which are not there without them.
struct Part {
  Feature whole;
  Feature part;
};
constexpr Part parts[] = {{Feature::bulk_memory, Feature::bulk_memory_opt},
                          {Feature::reference_types, Feature::call_indirect_overlong}};

Features turned_on(Features features, Feature feature) {
  for (Part each : parts) {
    if (each.whole == feature) features = features.with(each.part);
  }
  return features.with(feature);
}
// What has parts goes with them, and with each of them.
Features turned_off(Features features, Feature feature) {
  for (Part each : parts) {
    if (each.whole == feature) features = features.without(each.part);
    if (each.part == feature) features = features.without(each.whole);
  }
  return features.without(feature);
}

// Names of wasm-tools for what is not there yet.
constexpr std::string_view later[] = {"shared-everything-threads",
                                      "memory-control",
                                      "stack-switching",
                                      "custom-descriptors",
                                      "compact-imports",
                                      "cm-nested-names",
                                      "cm-gc",
                                      "cm-forward",
                                      "cm-accessors",
                                      "acquire-release-atomics",
                                      "multibyte-array-access"};

// Names of wasm-tools for what is never off.
constexpr std::string_view always_on[] = {"component-model",
                                          "floats",
                                          "gc-types",
                                          "cm-async",
                                          "cm-async-stackful",
                                          "cm-more-async-builtins",
                                          "cm-threading",
                                          "cm-error-context",
                                          "cm-fixed-length-lists",
                                          "cm-map",
                                          "cm64",
                                          "cm-implements",
                                          "cm-canon-names"};

std::unexpected<Error> not_there(std::string_view name) {
  return fail(ErrorCode::unsupported, fmt::format("the feature `{}` is not there yet", name));
}

Result<Feature> named(std::string_view name) {
  for (int i = 0; i < wasm::feature_count; ++i) {
    auto feature = static_cast<Feature>(i);
    if (name != feature_name(feature)) continue;
    if (Features::validated().has(feature)) return feature;
    return not_there(name);
  }
  if (std::ranges::find(later, name) != std::end(later)) return not_there(name);
  return std::unexpected(Error(ErrorCode::usage, fmt::format("there is no feature `{}`", name))
                             .hint("there are " + feature_list_names(std::string::npos)));
}

// One item of the list: a feature, or a version, which stands for its features and no others.
Result<void> apply_item(std::string_view item, Features& features) {
  bool off = item.starts_with('-');
  if (off) item.remove_prefix(1);
  if (std::ranges::find(always_on, item) != std::end(always_on)) {
    if (!off) return {};
    return fail(ErrorCode::unsupported, fmt::format("the feature `{}` cannot be turned off", item));
  }
  auto version = std::ranges::find(versions, item, &Version::name);
  if (version != std::end(versions)) {
    features.bits = off ? features.bits & ~version->features.bits : version->features.bits;
    return {};
  }
  if (item == "all") {
    features = off ? Features{} : Features::validated();
    return {};
  }
  Feature feature = TRY(named(item));
  features = off ? turned_off(features, feature) : turned_on(features, feature);
  return {};
}

}  // namespace

Result<void> apply_feature_list(std::string_view list, Features& features) {
  while (!list.empty()) {
    size_t comma = list.find(',');
    std::string_view name = list.substr(0, comma);
    list = comma == std::string_view::npos ? "" : list.substr(comma + 1);
    TRY_VOID(apply_item(name, features));
  }
  return {};
}

}  // namespace tenon::wasm
