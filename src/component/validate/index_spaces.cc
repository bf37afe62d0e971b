#include "component/validate/index_spaces.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "component/visit.h"

namespace tenon::component {
namespace {

uint32_t limit_of(Sort sort) {
  switch (sort) {
    // Tables and memories are aliases: the modules that have them count them.
    case Sort::core_table:
    case Sort::core_memory:
    case Sort::core_func:
    case Sort::func: return limits::max_component_functions;
    case Sort::core_global: return limits::max_globals;
    case Sort::core_tag: return limits::max_tags;
    case Sort::core_type:
    case Sort::type: return limits::max_component_types;
    case Sort::core_module:
    case Sort::core_instance:
    case Sort::component:
    case Sort::instance:
    case Sort::value: return limits::max_component_items;
  }
  return 0;
}

}  // namespace

Sort introduced_sort(const Definition& definition) {
  return std::visit(Overloaded{
                        [](const CoreModuleDef&) { return Sort::core_module; },
                        [](const CoreTypeDef&) { return Sort::core_type; },
                        [](const CoreInstanceDef&) { return Sort::core_instance; },
                        [](const ComponentDef&) { return Sort::component; },
                        [](const InstanceDef&) { return Sort::instance; },
                        [](const AliasDef& alias) { return alias.sort; },
                        [](const TypeDef&) { return Sort::type; },
                        [](const CanonDef& def) {
                          return std::holds_alternative<CanonLift>(def.canon) ? Sort::func
                                                                              : Sort::core_func;
                        },
                        [](const StartDef&) { return Sort::value; },
                        [](const ValueDef&) { return Sort::value; },
                        [](const ImportDef& import) { return sort_of(import.desc.kind); },
                        [](const ExportDef& def) { return def.item.sort; },
                        [](const ExportDecl& def) { return sort_of(def.desc.kind); },
                    },
                    definition.kind);
}

size_t introduced_count(const Definition& definition) {
  if (auto* start = std::get_if<StartDef>(&definition.kind)) return start->results;
  auto* def = std::get_if<CoreTypeDef>(&definition.kind);
  auto* group = def ? std::get_if<CoreRecType>(&def->type) : nullptr;
  return group ? group->types.size() : 1;
}

Result<void> check_space_size(Sort sort, size_t size) {
  if (size <= limit_of(sort)) return {};
  return fail(ErrorCode::limit, fmt::format("the {} index space exceeds the limit of {}",
                                            name_of(sort), limit_of(sort)));
}

Error unknown_index(Sort sort, uint32_t index) {
  std::string_view name = name_of(sort);
  if (name.starts_with("core ") && sort != Sort::core_instance) name.remove_prefix(5);
  return Error(ErrorCode::invalid,
               fmt::format("unknown {} {}: {} index out of bounds", name, index, name));
}

}  // namespace tenon::component
