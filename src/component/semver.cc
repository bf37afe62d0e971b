#include "component/semver.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tenon::component {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_identifier_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}
bool is_numeric(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_digit);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Result<uint64_t> number() {
    if (rest_.empty()) return unexpected();
    size_t digits = 0;
    while (digits < rest_.size() && is_digit(rest_[digits])) digits++;
    if (digits == 0) return unexpected();
    if (digits > 1 && rest_[0] == '0')
      return fail(ErrorCode::invalid, "invalid leading zero in version number");
    uint64_t value = 0;
    auto [end, error] = std::from_chars(rest_.data(), rest_.data() + digits, value);
    if (error != std::errc()) return fail(ErrorCode::invalid, "version number is too large");
    rest_.remove_prefix(digits);
    return value;
  }
  Result<void> dot() {
    if (!skip('.')) return unexpected();
    return {};
  }
  bool skip(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Identifiers separated by dots. Numeric ones must not start with zero, unless they are build
  // metadata.
  Result<std::string> identifiers(bool zeros_allowed) {
    std::string_view start = rest_;
    do {
      size_t length = 0;
      while (length < rest_.size() && is_identifier_char(rest_[length])) length++;
      std::string_view part = rest_.substr(0, length);
      if (part.empty()) return fail(ErrorCode::invalid, "empty identifier segment in version");
      if (!zeros_allowed && part.size() > 1 && part[0] == '0' && is_numeric(part)) {
        return fail(ErrorCode::invalid, "invalid leading zero in pre-release identifier");
      }
      rest_.remove_prefix(length);
    } while (skip('.'));
    return std::string(start.substr(0, start.size() - rest_.size()));
  }
  Result<void> end() {
    if (!rest_.empty()) return unexpected();
    return {};
  }

 private:
  std::unexpected<Error> unexpected() {
    if (rest_.empty()) return fail(ErrorCode::invalid, "unexpected end of input in version");
    return fail(ErrorCode::invalid, fmt::format("unexpected character '{}' in version", rest_[0]));
  }
  std::string_view rest_;
};

std::strong_ordering compare_identifier(std::string_view a, std::string_view b) {
  bool a_numeric = is_numeric(a), b_numeric = is_numeric(b);
  if (a_numeric != b_numeric)
    return a_numeric ? std::strong_ordering::less : std::strong_ordering::greater;
  // Numbers have no leading zeros, so the longer one is the larger one.
  if (a_numeric && a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

std::strong_ordering compare_prerelease(std::string_view a, std::string_view b) {
  // A version without a pre-release comes after those with one.
  if (a.empty() || b.empty()) return b.size() <=> a.size();
  while (true) {
    std::string_view left = a.substr(0, a.find('.')), right = b.substr(0, b.find('.'));
    auto order = compare_identifier(left, right);
    if (order != std::strong_ordering::equal) return order;
    bool a_ends = left.size() == a.size(), b_ends = right.size() == b.size();
    if (a_ends || b_ends) return b_ends <=> a_ends;
    a.remove_prefix(left.size() + 1);
    b.remove_prefix(right.size() + 1);
  }
}

}  // namespace

std::strong_ordering operator<=>(const Semver& a, const Semver& b) {
  if (auto order = a.major <=> b.major; order != std::strong_ordering::equal) return order;
  if (auto order = a.minor <=> b.minor; order != std::strong_ordering::equal) return order;
  if (auto order = a.patch <=> b.patch; order != std::strong_ordering::equal) return order;
  return compare_prerelease(a.prerelease, b.prerelease);
}

Result<Semver> parse_semver(std::string_view text) {
  if (text.empty()) return fail(ErrorCode::invalid, "version is an empty string");
  Parser parser(text);
  Semver version;
  version.major = TRY(parser.number());
  TRY_VOID(parser.dot());
  version.minor = TRY(parser.number());
  TRY_VOID(parser.dot());
  version.patch = TRY(parser.number());
  if (parser.skip('-')) version.prerelease = TRY(parser.identifiers(false));
  if (parser.skip('+')) version.build = TRY(parser.identifiers(true));
  TRY_VOID(parser.end());
  return version;
}

std::optional<Semver> parse_canonical_version(std::string_view text) {
  // What lies before the first number that is not 0 is missing in the others.
  for (const char* rest : {"", ".0", ".0.0"}) {
    Result<Semver> version = parse_semver(fmt::format("{}{}", text, rest));
    if (!version) continue;
    if (!version->prerelease.empty() || !version->build.empty()) return std::nullopt;
    std::string_view canonical_rest = version->major != 0   ? ".0.0"
                                      : version->minor != 0 ? ".0"
                                                            : "";
    if (canonical_rest == rest) return *version;
    return std::nullopt;
  }
  return std::nullopt;
}

std::string to_string(const Semver& version) {
  std::string text = fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
  if (!version.prerelease.empty()) text += '-' + version.prerelease;
  if (!version.build.empty()) text += '+' + version.build;
  return text;
}

std::optional<Semver> version_of(std::string_view interface_name) {
  size_t at = interface_name.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view text = interface_name.substr(at + 1);
  if (Result<Semver> version = parse_semver(text)) return std::move(*version);
  return parse_canonical_version(text);
}

std::optional<std::string> compatible_name(std::string_view interface_name) {
  std::optional<Semver> version = version_of(interface_name);
  if (!version || !version->prerelease.empty()) return std::nullopt;
  std::string_view name = interface_name.substr(0, interface_name.find('@'));
  if (version->major != 0) return fmt::format("{}@{}", name, version->major);
  if (version->minor != 0) return fmt::format("{}@0.{}", name, version->minor);
  return std::nullopt;
}

bool is_compatible(std::string_view wanted, std::string_view offered) {
  if (wanted == offered) return true;
  std::optional<std::string> key = compatible_name(wanted);
  return key && key == compatible_name(offered);
}

}  // namespace tenon::component
