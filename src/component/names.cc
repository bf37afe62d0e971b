#include "component/names.h"

#include <fmt/format.h>

namespace tenon::component {
namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// One fragment between hyphens: letters of one case and digits.
bool is_fragment(std::string_view text, bool is_first) {
  if (text.empty()) return false;
  if (is_first && is_digit(text[0])) return false;
  bool lower = false, upper = false;
  for (char c : text) {
    if (!is_lower(c) && !is_upper(c) && !is_digit(c)) return false;
    lower |= is_lower(c);
    upper |= is_upper(c);
  }
  return !(lower && upper);
}

// component: Explainer.md#import-and-export-definitions (words)
bool is_words(std::string_view text) {
  for (char c : text) {
    if (is_upper(c)) return false;
  }
  return is_label(text);
}

std::unexpected<Error> not_kebab(std::string_view text) {
  return fail(ErrorCode::invalid, fmt::format("`{}` is not in kebab case", text));
}

// `resource.label` behind "[method]" or "[static]".
Result<ParsedName> parse_member(ParsedName::Kind kind, std::string_view text) {
  size_t dot = text.find('.');
  if (dot == std::string_view::npos) {
    return fail(ErrorCode::invalid, fmt::format("failed to find `.` character in `{}`", text));
  }
  ParsedName name;
  name.kind = kind;
  name.resource = text.substr(0, dot);
  name.label = text.substr(dot + 1);
  if (!is_label(name.resource)) return not_kebab(name.resource);
  if (!is_label(name.label)) return not_kebab(name.label);
  return name;
}

Result<ParsedName> parse_interface(std::string_view text) {
  ParsedName name;
  name.kind = ParsedName::Kind::interface;
  std::string_view rest = text;
  size_t colon = rest.find(':');
  name.package_namespace = rest.substr(0, colon);
  rest.remove_prefix(colon + 1);
  size_t slash = rest.find('/');
  name.package = rest.substr(0, slash);
  auto in_name = [&](Error error) {
    return std::unexpected(
        std::move(error).in(fmt::format("`{}` is not a valid extern name", text)));
  };
  if (!is_words(name.package_namespace)) return in_name(not_kebab(name.package_namespace).error());
  if (name.package.find(':') != std::string_view::npos) {
    return fail(ErrorCode::invalid, fmt::format("expected `/` after package name in `{}`", text));
  }
  if (!is_words(name.package)) return in_name(not_kebab(name.package).error());
  if (slash == std::string_view::npos) {
    return fail(ErrorCode::invalid, fmt::format("expected `/` after package name in `{}`", text));
  }
  rest.remove_prefix(slash + 1);
  size_t at = rest.find('@');
  name.projection = rest.substr(0, at);
  size_t more = name.projection.find('/');
  if (more != std::string_view::npos) {
    return fail(ErrorCode::invalid,
                fmt::format("trailing characters found: `{}`", rest.substr(more)));
  }
  if (!is_label(name.projection)) return in_name(not_kebab(name.projection).error());
  if (at == std::string_view::npos) return name;
  name.version_text = rest.substr(at + 1);
  if ((name.version = parse_canonical_version(name.version_text))) return name;
  Result<Semver> version = parse_semver(name.version_text);
  if (!version) return in_name(std::move(version).error());
  name.version = std::move(*version);
  return name;
}

constexpr std::string_view constructor_prefix = "[constructor]";
constexpr std::string_view method_prefix = "[method]";
constexpr std::string_view static_prefix = "[static]";

}  // namespace

bool is_label(std::string_view text) {
  bool is_first = true;
  while (true) {
    size_t hyphen = text.find('-');
    if (!is_fragment(text.substr(0, hyphen), is_first)) return false;
    if (hyphen == std::string_view::npos) return true;
    text.remove_prefix(hyphen + 1);
    is_first = false;
  }
}

Result<ParsedName> parse_extern_name(std::string_view text) {
  ParsedName name;
  if (text.starts_with(constructor_prefix)) {
    name.kind = ParsedName::Kind::constructor;
    name.resource = text.substr(constructor_prefix.size());
    if (!is_label(name.resource)) return not_kebab(name.resource);
    return name;
  }
  if (text.starts_with(method_prefix)) {
    return parse_member(ParsedName::Kind::method, text.substr(method_prefix.size()));
  }
  if (text.starts_with(static_prefix)) {
    return parse_member(ParsedName::Kind::static_, text.substr(static_prefix.size()));
  }
  if (text.find(':') != std::string_view::npos) return parse_interface(text);
  if (!is_label(text)) return not_kebab(text);
  name.label = text;
  return name;
}

std::string uniqueness_key(std::string_view name, Hyphens hyphens) {
  std::string key;
  for (char c : name) {
    if (c == '-' && hyphens == Hyphens::ignored) continue;
    key += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  for (std::string_view prefix : {method_prefix, static_prefix}) {
    if (!key.starts_with(prefix)) continue;
    key.erase(0, prefix.size());
    size_t dot = key.find('.');
    if (dot != std::string::npos && key.substr(0, dot) == key.substr(dot + 1)) key.resize(dot);
  }
  return key;
}

}  // namespace tenon::component
