#include "cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/result.h"

namespace tenon::cli {
namespace {

std::unexpected<Error> usage_error(const Command& command, std::string message) {
  std::string name = command.name.empty() ? "tenon" : "tenon " + command.name;
  return std::unexpected(
      Error(ErrorCode::usage, std::move(message)).hint(fmt::format("see `{} --help`", name)));
}

// Whether `names` ("-o, --output") lists `name`.
bool lists(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    size_t end = names.find(", ");
    if (names.substr(0, end) == name) return true;
    if (end == std::string_view::npos) return false;
    names.remove_prefix(end + 2);
  }
  return false;
}

// An argument taken apart: `--name=value`, `-nvalue`, `--name`.
struct Argument {
  std::string_view name;
  std::optional<std::string_view> value;
};

Argument take_apart(std::string_view text) {
  if (text.starts_with("--")) {
    size_t equals = text.find('=');
    if (equals == std::string_view::npos) return {text, {}};
    return {text.substr(0, equals), text.substr(equals + 1)};
  }
  if (text.size() == 2) return {text, {}};
  return {text.substr(0, 2), text.substr(2)};
}

Result<void> keep_on(std::string_view value) {
  bool on = true;
  TRY_VOID(set_bool(on)(value));
  if (on) return {};
  return fail(ErrorCode::unsupported, "it cannot be turned off in this version");
}

// One `KEY[=VALUE]` of a group.
Result<void> apply_key(const Command& command, const Group& group, std::string_view item) {
  size_t equals = item.find('=');
  std::string_view name = item.substr(0, equals);
  std::string_view value = equals == std::string_view::npos ? "" : item.substr(equals + 1);
  auto has = [&](const std::vector<std::string>& names) {
    return std::ranges::find(names, name) != names.end();
  };
  if (has(group.planned)) {
    return fail(ErrorCode::unsupported,
                fmt::format("{} {}: not built into this version", group.names, name));
  }
  auto key = std::ranges::find(group.keys, name, &Key::name);
  if (key == group.keys.end() && !has(group.always_on)) {
    return usage_error(command, fmt::format("unknown {} option: `{}`", group.names, name));
  }
  if (key != group.keys.end() && key->placeholder.starts_with('=') && value.empty()) {
    return usage_error(command, fmt::format("{} {} needs a value", group.names, name));
  }
  auto applied = key == group.keys.end() ? keep_on(value) : key->apply(value);
  if (applied) return {};
  return std::unexpected(std::move(applied).error().in(fmt::format("{} {}", group.names, item)));
}

Result<void> apply_keys(const Command& command, const Group& group, std::string_view list,
                        bool& help) {
  while (true) {
    size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    if (item == "help") {
      help = true;
    } else {
      TRY_VOID(apply_key(command, group, item));
    }
    if (comma == std::string_view::npos) return {};
    list.remove_prefix(comma + 1);
  }
}

void append_row(std::string& text, std::string_view left, std::string_view right) {
  constexpr size_t column = 30;
  text += fmt::format("  {:<{}}", left, column - 2);
  if (left.size() + 4 > column) text += fmt::format("\n{:{}}", "", column);
  for (char c : right) {
    text += c;
    if (c == '\n') text += fmt::format("{:{}}", "", column);
  }
  text += '\n';
}

}  // namespace

Result<Parsed> parse(const Command& command, std::span<const std::string_view> arguments) {
  Parsed parsed;
  size_t i = 0;
  for (; i < arguments.size(); ++i) {
    std::string_view text = arguments[i];
    if (text == "--") {
      ++i;
      break;
    }
    if (text.size() < 2 || text[0] != '-') {
      if (!command.flags_behind_operands) break;
      parsed.operands.push_back(text);
      continue;
    }
    if (text == "-h" || text == "--help") {
      parsed.help = true;
      continue;
    }
    auto [name, value] = take_apart(text);
    for (const std::string& names : command.planned) {
      if (!lists(names, name)) continue;
      return fail(ErrorCode::unsupported, fmt::format("{}: not built into this version", names));
    }
    auto next_value = [&]() -> Result<std::string_view> {
      if (value) return *value;
      if (i + 1 == arguments.size())
        return usage_error(command, fmt::format("`{}` needs a value", name));
      return arguments[++i];
    };
    auto flag =
        std::ranges::find_if(command.flags, [&](const Flag& f) { return lists(f.names, name); });
    if (flag != command.flags.end()) {
      if (flag->placeholder.empty() && value) {
        return usage_error(command, fmt::format("`{}` takes no value", name));
      }
      std::string_view argument;
      if (!flag->placeholder.empty()) argument = TRY(next_value());
      auto applied = flag->apply(argument);
      if (!applied) {
        std::string given(name);
        if (!argument.empty()) given += fmt::format(" {}", argument);
        return std::unexpected(std::move(applied).error().in(given));
      }
      continue;
    }
    auto group =
        std::ranges::find_if(command.groups, [&](const Group& g) { return lists(g.names, name); });
    if (group == command.groups.end()) {
      return usage_error(command, fmt::format("unknown option `{}`", text));
    }
    auto list = TRY(next_value());
    TRY_VOID(apply_keys(command, *group, list, parsed.help));
  }
  parsed.operands.insert(parsed.operands.end(), arguments.begin() + static_cast<ptrdiff_t>(i),
                         arguments.end());
  return parsed;
}

std::string help_text(const Command& command) {
  std::string text = fmt::format("{}\n\nusage: tenon{}{} {}\n", command.summary,
                                 command.name.empty() ? "" : " ", command.name, command.operands);
  if (!command.flags.empty()) text += "\noptions:\n";
  for (const Flag& flag : command.flags) {
    append_row(text, flag.placeholder.empty() ? flag.names : flag.names + " " + flag.placeholder,
               flag.help);
  }
  for (const Group& group : command.groups) {
    if (group.keys.empty()) continue;
    text += fmt::format("\n{} ({} KEY[=VALUE][,KEY...]):\n", group.title, group.names);
    for (const Key& key : group.keys) append_row(text, key.name + key.placeholder, key.help);
  }
  if (!command.epilogue.empty()) text += "\n" + command.epilogue;
  return text;
}

std::function<Result<void>(std::string_view)> set_string(std::string& target) {
  return [&target](std::string_view value) -> Result<void> {
    target = value;
    return {};
  };
}

std::function<Result<void>(std::string_view)> set_true(bool& target) {
  return [&target](std::string_view) -> Result<void> {
    target = true;
    return {};
  };
}

std::function<Result<void>(std::string_view)> set_bool(bool& target) {
  return [&target](std::string_view value) -> Result<void> {
    if (value.empty() || value == "y" || value == "yes" || value == "true") {
      target = true;
    } else if (value == "n" || value == "no" || value == "false") {
      target = false;
    } else {
      return fail(ErrorCode::usage, fmt::format("`{}` is not y or n", value));
    }
    return {};
  };
}

Result<uint64_t> parse_number(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '_');
  bool hexadecimal = digits.starts_with("0x");
  const char* first = digits.data() + (hexadecimal ? 2 : 0);
  const char* last = digits.data() + digits.size();
  uint64_t number = 0;
  auto [end, status] = std::from_chars(first, last, number, hexadecimal ? 16 : 10);
  if (first == last || end != last || status != std::errc{}) {
    return fail(ErrorCode::usage, fmt::format("`{}` is not a number", text));
  }
  return number;
}

std::function<Result<void>(std::string_view)> set_number(uint64_t& target) {
  return [&target](std::string_view value) -> Result<void> {
    target = TRY(parse_number(value));
    return {};
  };
}

}  // namespace tenon::cli
