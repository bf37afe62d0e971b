#include "runtime/component/import_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "component/near_miss.h"
#include "component/semver.h"

namespace tenon::runtime {
namespace {

using component::Path;

// "core module `m` of component `a` > `b`"
std::string place_of(const component::Plan& plan, component::InstanceId instance,
                     const std::string& module) {
  std::string text = module.empty() ? "" : fmt::format("core module `{}`", module);
  std::string path;
  for (const std::string& name : plan.path_of(instance))
    path += fmt::format("{}`{}`", path.empty() ? "" : " > ", name);
  if (path.empty()) return text;
  return fmt::format("{}{}component {}", text, text.empty() ? "" : " of ", path);
}

// Where it was built against a later version than what is there.
std::string drift(std::string_view wanted, std::string_view there) {
  auto built_for = component::version_of(wanted), found = component::version_of(there);
  if (!built_for || !found || !(*found < *built_for)) return {};
  return fmt::format(", which is older than the {} it was built for,", to_string(*built_for));
}

}  // namespace

// The core module that a lowered import is given to, with the component that it is in.
const std::string& ImportReport::wanted_by(component::ImportId function) {
  const component::Plan& plan = component_.plan();
  if (wanted_by_.empty()) {
    wanted_by_.resize(plan.imports.size());
    for (const component::Initializer& initializer : plan.initializers) {
      const auto* made = std::get_if<component::InstantiateModule>(&initializer);
      if (!made) continue;
      const auto* module = std::get_if<component::ModuleId>(&made->module);
      for (const component::CoreDef& arg : made->args) {
        const auto* trampoline = std::get_if<component::TrampolineId>(&arg);
        if (!trampoline) continue;
        const auto* lower =
            std::get_if<component::LowerImport>(&plan.trampolines[*trampoline].kind);
        if (!lower || !wanted_by_[lower->function.index].empty()) continue;
        wanted_by_[lower->function.index] =
            place_of(plan, lower->options.instance,
                     module ? component_.module(*module).info().name : std::string());
      }
    }
  }
  return wanted_by_[function.index];
}

void ImportReport::missing_interface(std::string_view interface,
                                     std::optional<component::ImportId> function) {
  if (!interfaces_.emplace(interface).second) return;
  std::string text = fmt::format("`{}`", interface);
  if (function) {
    const std::string& place = wanted_by(*function);
    if (!place.empty()) text += fmt::format(" (for {})", place);
  }
  text += ", which nothing defines";
  std::string instead = component::instead_of_interface(interface, offered_);
  if (!instead.empty()) text += "; " + instead;
  if (interface.starts_with("wasi:") && component::is_newer_than_all(interface, offered_)) {
    for (std::string_view name : offered_) {
      if (name.substr(0, name.find('@')) != interface.substr(0, interface.find('@'))) continue;
      std::string version = to_string(*component::version_of(name));
      if (newest_.empty() || *component::parse_semver(newest_) < *component::version_of(name))
        newest_ = version;
    }
  }
  problems_.push_back({std::move(text), std::nullopt});
}

void ImportReport::missing_item(const Path& path, std::string_view kind, std::string_view there,
                                const std::vector<std::string_view>& items) {
  std::string text = fmt::format("{} `{}`", kind, path_text(path));
  std::vector<std::string_view> similar = component::similar_names(path.back(), items);
  constexpr size_t most = 6;
  if (there.empty()) {
    text += ", which nothing defines";
    if (!similar.empty()) text += fmt::format("; there is {}", component::listed(similar, most));
  } else if (!similar.empty()) {
    text += fmt::format(", but `{}`{} has none; there is {}", there, drift(path.front(), there),
                        component::listed(similar, most));
  } else {
    text += fmt::format(", but `{}`{} has ", there, drift(path.front(), there));
    text += items.empty() ? fmt::format("no {}", kind)
                          : fmt::format("only {}", component::listed(items, most));
  }
  problems_.push_back({std::move(text), std::nullopt});
}

void ImportReport::misfit(const Path& path, std::string_view there, Error why) {
  Error error = std::move(why).in(fmt::format("import `{}`", path_text(path)));
  if (path.size() > 1 && path.front() != there)
    error = std::move(error).hint(fmt::format("what there is of it is `{}`", there));
  problems_.push_back({{}, std::move(error)});
}

std::string ImportReport::hint() const {
  std::string text;
  if (!newest_.empty()) {
    text = fmt::format(
        "it was built for a newer WASI than {}, the newest there is: build it for that; or, ",
        newest_);
  }
  return text +
         "if it is not going to be called, make unknown imports trap (`-W unknown-imports-trap`)";
}

Error ImportReport::error(bool unknown_imports_trap) const {
  bool has_missing = std::ranges::any_of(problems_, [](const auto& it) { return !it.error; });
  if (problems_.size() == 1 && problems_[0].error) return *problems_[0].error;
  Error error(
      ErrorCode::link,
      problems_.size() == 1
          ? "the component imports " + problems_[0].text
          : fmt::format("{} imports of the component find nothing that fits", problems_.size()));
  if (problems_.size() > 1) {
    constexpr size_t most = 50;
    std::string lines;
    for (size_t i = 0; i < problems_.size() && i < most; ++i) {
      const Problem& problem = problems_[i];
      lines += (i == 0 ? "  " : "\n  ") +
               printable(problem.error ? problem.error->to_string() : problem.text);
    }
    if (problems_.size() > most) lines += fmt::format("\n  and {} more", problems_.size() - most);
    error = std::move(error).snippet(std::move(lines));
  }
  if (!unknown_imports_trap && has_missing) error = std::move(error).hint(hint());
  return error;
}

}  // namespace tenon::runtime
