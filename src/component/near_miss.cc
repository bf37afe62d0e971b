#include "component/near_miss.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "component/semver.h"

namespace tenon::component {
namespace {

constexpr size_t max_compared = 128;  // bytes of a name
constexpr size_t max_similar = 3;

std::string_view without_version(std::string_view name) {
  return name.substr(0, name.find('@'));
}

// Insertions, removals, replacements and swaps of neighbours that make one of the other.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last, last(b.size() + 1), row(b.size() + 1);
  for (size_t i = 0; i <= b.size(); ++i) row[i] = i;
  for (size_t i = 1; i <= a.size(); ++i) {
    before_last = std::exchange(last, row);
    row[0] = i;
    for (size_t k = 1; k <= b.size(); ++k) {
      size_t replaced = last[k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1);
      row[k] = std::min({replaced, last[k] + 1, row[k - 1] + 1});
      bool is_swap = i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1];
      if (is_swap) row[k] = std::min(row[k], before_last[k - 2] + 1);
    }
  }
  return row[b.size()];
}

// As many differences as a name of this length can have by a slip.
size_t tolerated(std::string_view name) {
  return std::min<size_t>(name.size() / 4 + 1, 4);
}

// The versions offered of the interface itself, the lowest first; an empty one has none.
std::vector<std::string_view> versions_of(std::string_view wanted,
                                          std::span<const std::string_view> offered) {
  std::vector<std::string_view> versions;
  for (std::string_view name : offered) {
    if (name != wanted && without_version(name) == without_version(wanted))
      versions.push_back(name.substr(std::min(without_version(name).size() + 1, name.size())));
  }
  std::ranges::sort(versions, [](std::string_view a, std::string_view b) {
    auto left = parse_semver(a), right = parse_semver(b);
    return left && right ? *left < *right : a < b;
  });
  return versions;
}

}  // namespace

std::vector<std::string_view> similar_names(std::string_view wanted,
                                            std::span<const std::string_view> offered) {
  if (wanted.size() > max_compared) return {};
  std::vector<std::pair<size_t, std::string_view>> near;
  for (std::string_view name : offered) {
    if (name.size() > max_compared || name == wanted) continue;
    size_t distance = edit_distance(wanted, name);
    if (distance <= tolerated(wanted) && distance < wanted.size()) near.push_back({distance, name});
  }
  std::ranges::sort(near);
  std::vector<std::string_view> names;
  for (auto [distance, name] : near) {
    bool is_nearest = distance == near.front().first;
    if (is_nearest && names.size() < max_similar) names.push_back(name);
  }
  return names;
}

std::string fitting_versions(std::string_view interface) {
  std::optional<Semver> version = version_of(interface);
  if (!version) return {};
  if (!compatible_name(interface)) return to_string(*version) + " alone";
  if (version->major != 0) return fmt::format("{}.x", version->major);
  return fmt::format("0.{}.x", version->minor);
}

std::string instead_of_interface(std::string_view wanted,
                                 std::span<const std::string_view> offered) {
  std::vector<std::string_view> versions = versions_of(wanted, offered);
  if (!versions.empty()) {
    std::string there;
    for (std::string_view version : versions) {
      there += there.empty() ? "" : ", ";
      there += version.empty() ? "one without a version" : std::string(version);
    }
    std::string fitting = fitting_versions(wanted);
    if (fitting.empty())
      return fmt::format("there is {}, and only one without a version fits", there);
    return fmt::format("there is {}, and only {} fits", there, fitting);
  }
  std::vector<std::string_view> names(offered.begin(), offered.end());
  for (std::string_view& name : names) name = without_version(name);
  std::ranges::sort(names);
  auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  std::vector<std::string_view> similar = similar_names(without_version(wanted), names);
  return similar.empty() ? "" : fmt::format("there is {}", listed(similar, max_similar));
}

bool is_newer_than_all(std::string_view wanted, std::span<const std::string_view> offered) {
  std::optional<Semver> version = version_of(wanted);
  bool has_any = false;
  for (std::string_view name : offered) {
    if (without_version(name) != without_version(wanted)) continue;
    std::optional<Semver> other = version_of(name);
    if (!version || !other || !(*other < *version)) return false;
    has_any = true;
  }
  return has_any;
}

std::string listed(std::span<const std::string_view> names, size_t most) {
  std::string text;
  for (size_t i = 0; i < names.size() && i < most; ++i)
    text += fmt::format("{}`{}`", i == 0 ? "" : ", ", names[i]);
  if (names.size() > most) text += fmt::format(" and {} more", names.size() - most);
  return text;
}

}  // namespace tenon::component
