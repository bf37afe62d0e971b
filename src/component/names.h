#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "component/semver.h"

// The names of imports and exports: their grammar and when two of them are too alike.
namespace tenon::component {

// component: Explainer.md#import-and-export-definitions (label)
bool is_label(std::string_view text);

// component: Explainer.md#import-and-export-definitions (externname). Views into the name that was
// parsed.
struct ParsedName {
  enum class Kind : uint8_t { label, constructor, method, static_, interface };
  Kind kind = Kind::label;
  std::string_view resource;  // constructor, method, static
  std::string_view label;     // label: the name; method, static: what follows the dot
  // interface, as in `package_namespace:package/label@version`
  std::string_view package_namespace;
  std::string_view package;
  std::string_view projection;
  std::string_view version_text;
  std::optional<Semver> version;
};
Result<ParsedName> parse_extern_name(std::string_view name);

// component: Explainer.md#name-uniqueness. Names that must not stand in one scope have equal keys.
// Hyphens made a difference once.
enum class Hyphens : uint8_t { ignored, significant };
std::string uniqueness_key(std::string_view name, Hyphens hyphens);

}  // namespace tenon::component
