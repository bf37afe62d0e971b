#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "toolchain/metadata.h"

// What the values of facts may look like.
namespace tenon::toolchain {

namespace {

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

// Escapes what no URL may hold.
std::string escaped(std::string_view text) {
  constexpr std::string_view refused = " \"<>`";
  std::string out;
  for (char c : text) {
    bool is_fit = c > 0x20 && c < 0x7f && refused.find(c) == std::string_view::npos;
    if (is_fit) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<uint8_t>(c));
    }
  }
  return out;
}

// The words and parentheses of a license expression.
std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  size_t at = 0;
  while (at < text.size()) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    bool is_paren = text[at] == '(' || text[at] == ')';
    size_t end = is_paren ? at + 1 : std::min(text.find_first_of(" ()", at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

// `MIT`, `GPL-2.0-or-later`, `Apache-1.0+`, `DocumentRef-a:LicenseRef-b`
bool is_license_name(std::string_view word) {
  if (word.ends_with('+')) word.remove_suffix(1);
  if (word.empty() || word == "AND" || word == "OR" || word == "WITH") return false;
  return std::ranges::all_of(
      word, [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == ':'; });
}

}  // namespace

// rfc: 3986 §4.3
Result<std::string> absolute_url(std::string_view text) {
  auto refuse = [&](const char* why) {
    return fail(ErrorCode::usage, fmt::format("`{}` is not an absolute URL: {}", text, why));
  };
  size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_alpha(text[0]))
    return refuse("it has no scheme");
  std::string scheme = lower(text.substr(0, colon));
  if (!std::ranges::all_of(scheme, [](char c) {
        return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
      }))
    return refuse("it has no scheme");
  std::string_view rest = text.substr(colon + 1);
  if (rest.empty()) return refuse("there is nothing behind the scheme");
  if (!rest.starts_with("//")) return scheme + ":" + escaped(rest);
  rest.remove_prefix(2);
  size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  rest.remove_prefix(authority_end);
  if (authority.empty() && scheme != "file") return refuse("it has no host");
  size_t host = authority.rfind('@') + 1;
  std::string_view port = scheme == "http" ? ":80" : scheme == "https" ? ":443" : "";
  if (!port.empty() && authority.ends_with(port)) authority.remove_suffix(port.size());
  std::string path = escaped(rest);
  if (!path.starts_with('/')) path.insert(0, "/");
  return fmt::format("{}://{}{}{}", scheme, escaped(authority.substr(0, host)),
                     lower(escaped(authority.substr(host))), path);
}

Result<void> check_licenses(std::string_view text) {
  auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::usage,
                fmt::format("`{}` is not a license expression of SPDX: {}", text, why));
  };
  bool wants_name = true;  // else an operator
  uint32_t depth = 0;
  for (std::string_view word : words(text)) {
    if (word == "(" && wants_name) {
      ++depth;
    } else if (word == ")" && !wants_name && depth > 0) {
      --depth;
    } else if (wants_name && is_license_name(word)) {
      wants_name = false;
    } else if (!wants_name && (word == "AND" || word == "OR" || word == "WITH")) {
      wants_name = true;
    } else {
      return refuse(fmt::format("`{}` cannot stand there", word));
    }
  }
  if (wants_name) return refuse("it ends too early");
  if (depth > 0) return refuse("a `)` is missing");
  return {};
}

}  // namespace tenon::toolchain
