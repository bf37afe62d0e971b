#include "cli/features_option.h"

#include <fmt/format.h>

#include "base/result.h"

namespace tenon::cli {
namespace {

using wasm::Feature;
using wasm::Features;

constexpr size_t help_width = 70;

// Lines of at most `width` characters.
std::string known_names(size_t width) {
  std::string names, line = "all";
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

Result<Features> named(std::string_view name) {
  if (name == "all") return Features::validated();
  for (int i = 0; i < wasm::feature_count; ++i) {
    auto feature = static_cast<Feature>(i);
    if (name != feature_name(feature)) continue;
    if (Features::validated().has(feature)) return Features{}.with(feature);
    return fail(ErrorCode::unsupported, fmt::format("the feature `{}` is not there yet", name));
  }
  return std::unexpected(Error(ErrorCode::usage, fmt::format("there is no feature `{}`", name))
                             .hint("there are " + known_names(std::string::npos)));
}

}  // namespace

Flag features_flag(Features& features) {
  auto apply = [&features](std::string_view list) -> Result<void> {
    while (!list.empty()) {
      size_t comma = list.find(',');
      std::string_view name = list.substr(0, comma);
      list = comma == std::string_view::npos ? "" : list.substr(comma + 1);
      bool off = name.starts_with('-');
      Features change = TRY(named(off ? name.substr(1) : name));
      features.bits = off ? features.bits & ~change.bits : features.bits | change.bits;
    }
    return {};
  };
  return {"--features", "LIST",
          "features to turn on, or off with a `-` before the name:\n" + known_names(help_width),
          apply};
}

}  // namespace tenon::cli
