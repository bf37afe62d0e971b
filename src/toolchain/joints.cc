#include "toolchain/joints.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "component/visit.h"

namespace tenon::toolchain {

using component::Overloaded;
using component::Sort;

Result<void> StepCount::count(uint64_t steps) {
  steps_ += steps;
  if (steps_ <= limits::max_plan_steps) return {};
  return fail(ErrorCode::limit, fmt::format("what is in it refers to each other more than {} times",
                                            limits::max_plan_steps));
}

Joiner::Joiner(InspectedPart& part, const component::ComponentNames& names, StepCount& steps,
               const JointSpaces* outer, Nested nested)
    : part_(part), names_(names), steps_(steps), nested_(std::move(nested)) {
  spaces_.part = &part;
  spaces_.outer = outer;
}

Result<void> Joiner::run(const component::Component& source) {
  return component::interpret(
      source.definitions, spaces_.items, [this](const component::Definition& definition) -> Item {
        TRY_VOID(steps_.count(1));
        return std::visit([this](const auto& def) { return define(def); }, definition.kind);
      });
}

uint32_t Joiner::next(Sort sort) const {
  return static_cast<uint32_t>(spaces_.items.size(sort));
}

Joiner::Item Joiner::origin(component::SortIndex item) {
  const Origin* found = TRY(spaces_.items.get(item.sort, item.index));
  return *found;
}

// Of a real instance everything comes from its node.
Joiner::Item Joiner::origin_in(const Origin& instance, std::string_view name) {
  if (!instance.items) return instance;
  auto found = instance.items->find(name);
  return found == instance.items->end() ? Origin() : found->second;
}

Origin Joiner::node(JointNode node) {
  part_.nodes.push_back(std::move(node));
  return {static_cast<uint32_t>(part_.nodes.size() - 1), nullptr};
}

// For the last of the parts.
Origin Joiner::part_node(JointNode::Kind kind) {
  InspectedPart& made = part_.parts.back();
  Sort sort = kind == JointNode::Kind::module ? Sort::core_module : Sort::component;
  JointNode added{.kind = kind, .index = next(sort)};
  if (made.name.empty()) made.name = names_.name_of(sort, added.index);
  added.name = made.name;
  added.part = part_.parts.size() - 1;
  added.size = made.size;
  return node(std::move(added));
}

Joiner::Item Joiner::define(const component::CoreModuleDef& def) {
  TRY_VOID(nested_.module(def, spaces_));
  return part_node(JointNode::Kind::module);
}

Joiner::Item Joiner::define(const component::ComponentDef& def) {
  TRY_VOID(nested_.component(def, spaces_));
  return part_node(JointNode::Kind::component);
}

JointEdge& Joiner::edge(uint32_t from, uint32_t to) {
  auto [found, is_new] = edges_.try_emplace({from, to}, part_.edges.size());
  if (is_new) part_.edges.push_back({.from = from, .to = to});
  return part_.edges[found->second];
}

void Joiner::instance_of(const Origin& definition, uint32_t instance) {
  if (definition.node) edge(*definition.node, instance).is_definition = true;
}

Result<void> Joiner::give(const Origin& from, uint32_t to, std::string_view name) {
  TRY_VOID(steps_.count(1));
  if (from.items) {
    // A list within a list was defined before it: limits::max_component_items bounds the depth.
    for (const auto& [item, origin] : *from.items) TRY_VOID(give(origin, to, name));
    return {};
  }
  if (!from.node) return {};
  JointEdge& given = edge(*from.node, to);
  ++given.count;
  bool is_known = !given.names.empty() && given.names.back() == name;
  if (!is_known && given.names.size() < max_edge_names) given.names.emplace_back(name);
  return {};
}

template <typename Exports>
Joiner::Item Joiner::list(const Exports& exports) {
  auto items = std::make_shared<OriginList>();
  TRY_VOID(steps_.count(exports.size()));
  for (const auto& item : exports) {
    std::string_view name;
    if constexpr (requires { item.name.name; }) {
      name = item.name.name;
    } else {
      name = item.name;
    }
    items->emplace(name, TRY(origin(item.item)));
  }
  return Origin{std::nullopt, std::move(items)};
}

Joiner::Item Joiner::define(const component::CoreInstanceDef& def) {
  if (const auto* exports = std::get_if<std::vector<component::CoreInlineExport>>(&def.expr))
    return list(*exports);
  const auto& expr = std::get<component::CoreInstantiate>(def.expr);
  JointNode made{.kind = JointNode::Kind::core_instance, .index = next(Sort::core_instance)};
  made.name = names_.name_of(Sort::core_instance, made.index);
  Origin instance = node(std::move(made));
  instance_of(TRY(origin({Sort::core_module, expr.module})), *instance.node);
  for (const component::CoreInstantiateArg& arg : expr.args) {
    Origin given = TRY(origin({Sort::core_instance, arg.instance}));
    TRY_VOID(give(given, *instance.node, arg.name));
  }
  return instance;
}

Joiner::Item Joiner::define(const component::InstanceDef& def) {
  if (const auto* exports = std::get_if<std::vector<component::InlineExport>>(&def.expr))
    return list(*exports);
  const auto& expr = std::get<component::Instantiate>(def.expr);
  JointNode made{.kind = JointNode::Kind::instance, .index = next(Sort::instance)};
  made.name = names_.name_of(Sort::instance, made.index);
  Origin instance = node(std::move(made));
  instance_of(TRY(origin({Sort::component, expr.component})), *instance.node);
  for (const component::InstantiateArg& arg : expr.args) {
    Origin given = TRY(origin(arg.item));
    TRY_VOID(give(given, *instance.node, arg.name));
  }
  return instance;
}

Joiner::Item Joiner::define(const component::AliasDef& def) {
  if (def.sort == Sort::type || def.sort == Sort::core_type) return Origin();
  return std::visit(
      Overloaded{
          [&](const component::ExportAlias& alias) -> Item {
            return origin_in(TRY(origin({Sort::instance, alias.instance})), alias.name);
          },
          [&](const component::CoreExportAlias& alias) -> Item {
            return origin_in(TRY(origin({Sort::core_instance, alias.instance})), alias.name);
          },
          [&](const component::OuterAlias& alias) { return outer(def.sort, alias); },
      },
      def.target);
}

// A module or component of a component further out is a node here, too.
Joiner::Item Joiner::outer(Sort sort, const component::OuterAlias& alias) {
  const JointSpaces* spaces = &spaces_;
  for (uint32_t i = 0; i < alias.count && spaces; ++i) spaces = spaces->outer;
  if (!spaces) return Origin();
  const Origin* found = TRY(spaces->items.get(sort, alias.index));
  if (spaces == &spaces_) return *found;
  if (!found->node) return Origin();
  JointNode made = spaces->part->nodes[*found->node];
  made.part.reset();
  made.is_outer = true;
  return node(std::move(made));
}

Joiner::Item Joiner::define(const component::CanonDef& def) {
  return std::visit(
      Overloaded{
          [&](const component::CanonLift& canon) {
            return origin({Sort::core_func, canon.core_func});
          },
          [&](const component::CanonLower& canon) { return origin({Sort::func, canon.func}); },
          [](const component::CanonBuiltin&) -> Item { return Origin(); },
      },
      def.canon);
}

Joiner::Item Joiner::define(const component::ImportDef& def) {
  uint32_t index = imports_++;
  using Kind = component::ExternDesc::Kind;
  if (def.desc.kind == Kind::type_eq || def.desc.kind == Kind::type_sub_resource) return Origin();
  return node(
      {.kind = JointNode::Kind::import, .index = index, .name = std::string(def.name.name)});
}

Joiner::Item Joiner::define(const component::ExportDef& def) {
  uint32_t index = exports_++;
  if (def.item.sort == Sort::type) return Origin();
  Origin exported = TRY(origin(def.item));
  Origin made =
      node({.kind = JointNode::Kind::export_, .index = index, .name = std::string(def.name.name)});
  TRY_VOID(give(exported, *made.node, def.name.name));
  return exported;
}

}  // namespace tenon::toolchain
