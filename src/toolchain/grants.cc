#include "toolchain/grants.h"

#include <algorithm>
#include <unordered_set>

#include "component/semver.h"

namespace tenon::toolchain {
namespace {

using Kind = Grant::Kind;

struct Right {
  Kind kind;
  std::string_view option;
  std::string_view what;
};
// In the order in which they are shown.
enum RightId : uint8_t { files, variables, cwd, standard, not_offered, foreign };
constexpr Right rights[] = {
    {Kind::option, "--dir", "files and directories"},
    {Kind::option, "--env", "variables"},
    {Kind::option, "-S cwd", "the name of the current directory"},
    {Kind::always, "", "arguments, standard streams, clocks, random bytes"},
    {Kind::not_offered, "-W unknown-imports-trap", "to do without what this version does not have"},
    {Kind::foreign, "", "not of WASI: another component or an embedder has to define it"},
};
// Of core modules.
constexpr Right foreign_module = {Kind::foreign, "--preload",
                                  "not of WASI: another module has to define it"};

struct Rule {
  std::string_view interface;  // of WASI 0.2, without version
  std::string_view function;   // empty: all that no rule before it names
  RightId right;
};
constexpr Rule component_rules[] = {
    {"wasi:filesystem/types", "", files},
    {"wasi:filesystem/preopens", "", files},
    {"wasi:cli/environment", "get-environment", variables},
    {"wasi:cli/environment", "initial-cwd", cwd},
    {"wasi:cli/environment", "", standard},
    {"wasi:cli/exit", "", standard},
    {"wasi:cli/stdin", "", standard},
    {"wasi:cli/stdout", "", standard},
    {"wasi:cli/stderr", "", standard},
    {"wasi:cli/terminal-input", "", standard},
    {"wasi:cli/terminal-output", "", standard},
    {"wasi:cli/terminal-stdin", "", standard},
    {"wasi:cli/terminal-stdout", "", standard},
    {"wasi:cli/terminal-stderr", "", standard},
    {"wasi:clocks/wall-clock", "", standard},
    {"wasi:clocks/monotonic-clock", "", standard},
    {"wasi:random/random", "", standard},
    {"wasi:random/insecure", "", standard},
    {"wasi:random/insecure-seed", "", standard},
    {"wasi:io/error", "", standard},
    {"wasi:io/poll", "", standard},
    {"wasi:io/streams", "", standard},
};
// Every 0.2.x fits every other.
constexpr std::string_view offered_version = "@0.2.0";

// Preview 1, by the beginnings of its functions' names. Sockets can be asked about only: nothing is
// one.
constexpr std::string_view preview1 = "wasi_snapshot_preview1";
struct Preview1Rule {
  std::string_view prefix;
  RightId right;
};
constexpr Preview1Rule preview1_rules[] = {
    {"path_", files},        {"fd_prestat_", files}, {"fd_readdir", files},
    {"environ_", variables}, {"", standard},
};

RightId right_of_component(const AskedFor& asked) {
  if (!asked.interface.starts_with("wasi:")) return foreign;
  std::string_view name = asked.interface.substr(0, asked.interface.find('@'));
  std::string offered = std::string(name) + std::string(offered_version);
  if (!component::is_compatible(asked.interface, offered)) return not_offered;
  for (const Rule& rule : component_rules) {
    if (rule.interface != name) continue;
    if (rule.function.empty() || rule.function == asked.function) return rule.right;
  }
  return not_offered;
}

RightId right_of_module(const AskedFor& asked) {
  if (asked.interface != preview1) return foreign;
  for (const Preview1Rule& rule : preview1_rules) {
    if (asked.function.starts_with(rule.prefix)) return rule.right;
  }
  return standard;
}

// What a reader is told of an import: the function where others of its interface need another
// right.
std::string name_of(const AskedFor& asked, RightId right, ImportedBy by) {
  bool is_split = right == variables || right == cwd;
  bool with_function = by == ImportedBy::module ? is_split || right == files : is_split;
  std::string name(asked.interface);
  if (with_function && !asked.function.empty())
    name += (by == ImportedBy::module ? "::" : "#") + std::string(asked.function);
  return name;
}

}  // namespace

std::vector<Grant> grants_for(const std::vector<AskedFor>& imports, ImportedBy by) {
  std::vector<Grant> all;
  for (const Right& right : rights) {
    bool is_of_module = by == ImportedBy::module && right.kind == Kind::foreign;
    const Right& shown = is_of_module ? foreign_module : right;
    all.push_back({shown.kind, std::string(shown.option), std::string(shown.what), {}});
  }
  std::vector<std::unordered_set<std::string>> told(all.size());
  for (const AskedFor& asked : imports) {
    RightId right =
        by == ImportedBy::component ? right_of_component(asked) : right_of_module(asked);
    std::string name = name_of(asked, right, by);
    if (told[right].insert(name).second) all[right].names.push_back(std::move(name));
  }
  std::erase_if(all, [](const Grant& grant) { return grant.names.empty(); });
  return all;
}

std::vector<std::string_view> grant_options() {
  std::vector<std::string_view> options = {foreign_module.option};
  for (const Right& right : rights) {
    if (!right.option.empty()) options.push_back(right.option);
  }
  return options;
}

}  // namespace tenon::toolchain
