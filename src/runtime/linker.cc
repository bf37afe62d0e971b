#include "runtime/linker.h"

#include <fmt/format.h>

#include "base/check.h"
#include "component/near_miss.h"

namespace tenon::runtime {

Result<void> Linker::add(std::string_view module, std::string_view name, Definition definition) {
  auto& names = modules_[std::string(module)];
  if (!names.emplace(std::string(name), std::move(definition)).second)
    return fail(ErrorCode::link, fmt::format("import of `{}::{}` defined twice", module, name));
  return {};
}

Result<void> Linker::define(std::string_view module, std::string_view name, HostFunction function) {
  return add(module, name, std::move(function));
}

Result<void> Linker::define(std::string_view module, std::string_view name, Extern item) {
  return add(module, name, item);
}

Result<void> Linker::define_instance(std::string_view module, Instance& instance) {
  for (const compiler::ExportInfo& item : instance.module().info().exports)
    TRY_VOID(add(module, item.name, instance.export_of(item)));
  return {};
}

std::optional<Import> Linker::find(std::string_view module, std::string_view name) const {
  auto names = modules_.find(module);
  if (names == modules_.end()) return std::nullopt;
  auto found = names->second.find(name);
  if (found == names->second.end()) return std::nullopt;
  if (const auto* host = std::get_if<HostFunction>(&found->second)) return Import(host);
  return std::visit([](auto item) { return Import(item); }, std::get<Extern>(found->second));
}

// Behind the names of an import: what may have been meant. Empty where there is nothing like it.
std::string Linker::similar(std::string_view module, std::string_view name,
                            const Linker* behind) const {
  constexpr size_t most = 3;
  std::vector<std::string_view> modules, names;
  std::string_view holder;  // a module that has an item of this name
  for (const Linker* linker : {this, behind}) {
    if (!linker) continue;
    for (const auto& [other, items] : linker->modules_) {
      modules.push_back(other);
      if (items.contains(name)) holder = other;
      if (other != module) continue;
      for (const auto& [item, unused] : items) names.push_back(item);
    }
  }
  if (names.empty() && !holder.empty()) return fmt::format(" (`{}` has it)", holder);
  std::vector<std::string_view> found = names.empty() ? component::similar_names(module, modules)
                                                      : component::similar_names(name, names);
  return found.empty() ? "" : fmt::format(" (there is {})", component::listed(found, most));
}

Result<std::vector<Import>> Linker::resolve(const Module& module, const Otherwise& otherwise,
                                            const Linker* behind) const {
  constexpr size_t max_named = 10;
  std::vector<Import> imports;
  std::vector<std::string> missing;
  for (const compiler::ImportInfo& wanted : module.info().imports) {
    std::optional<Import> found = find(wanted.module, wanted.name);
    if (!found && behind) found = behind->find(wanted.module, wanted.name);
    if (!found && otherwise) found = otherwise(wanted);
    if (found) {
      imports.push_back(*found);
    } else {
      bool is_shown = missing.size() < max_named;
      missing.push_back(fmt::format("`{}::{}`{}", wanted.module, wanted.name,
                                    is_shown ? similar(wanted.module, wanted.name, behind) : ""));
    }
  }
  if (missing.empty()) return imports;
  size_t named = std::min(missing.size(), max_named);
  std::string text =
      fmt::format("unknown import: {}", fmt::join(missing.begin(), missing.begin() + named, ", "));
  if (named < missing.size()) text += fmt::format(" and {} more", missing.size() - named);
  text += missing.size() == 1 ? " has not been defined" : " have not been defined";
  return fail(ErrorCode::link, std::move(text));
}

Result<Instance*> Linker::link(Store& store, const Module& module) const {
  std::vector<Import> imports = TRY(resolve(module));
  return Instance::create(store, module, imports);
}

}  // namespace tenon::runtime
