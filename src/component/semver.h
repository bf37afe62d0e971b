#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

// Semantic versions (semver.org 2.0.0), and when an interface of one version may stand for another.
namespace tenon::component {

struct Semver {
  uint64_t major = 0;
  uint64_t minor = 0;
  uint64_t patch = 0;
  std::string prerelease;  // without the hyphen
  std::string build;       // without the plus

  // Precedence; build metadata does not count.
  friend std::strong_ordering operator<=>(const Semver& a, const Semver& b);
  friend bool operator==(const Semver& a, const Semver& b) {
    return (a <=> b) == std::strong_ordering::equal;
  }
};

Result<Semver> parse_semver(std::string_view text);
// component: Explainer.md#canonical-interface-name. What all compatible versions begin with, "1",
// "0.2" or "0.0.3", read as the lowest of them.
std::optional<Semver> parse_canonical_version(std::string_view text);
std::string to_string(const Semver& version);

// The name under which versions of an interface that fit each other meet: "a:b/c@0.2" for every
// 0.2.x, "a:b/c@1" for every 1.x.y. Nothing for names without a version, with 0.0.x, or with a
// pre-release: those match by their exact text alone.
std::optional<std::string> compatible_name(std::string_view interface_name);

// The version in "a:b/c@1.2.3" or "a:b/c@1", when there is one that can be read.
std::optional<Semver> version_of(std::string_view interface_name);

// Whether a definition named `offered` may satisfy `wanted`.
bool is_compatible(std::string_view wanted, std::string_view offered);

}  // namespace tenon::component
