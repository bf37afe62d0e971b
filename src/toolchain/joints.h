#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "component/binary/component_names.h"
#include "component/validate/index_spaces.h"
#include "toolchain/inspect.h"

// How the definitions of one component are joined, for inspect(): which instance is given what by
// whom. An alias, a lifted or lowered function, and an instance that is a mere list of exports
// stand for that which they come from, so that the nodes are few and mean something.
namespace tenon::toolchain {

// Work that a small binary can multiply.
class StepCount {
 public:
  Result<void> count(uint64_t steps);

 private:
  uint64_t steps_ = 0;
};

struct Origin;
using OriginList = std::map<std::string_view, Origin, std::less<>>;
// Where an item comes from: a node, a list of exports with an origin each, or neither (types,
// built-ins).
struct Origin {
  std::optional<uint32_t> node;
  std::shared_ptr<const OriginList> items;
};

// A component's index spaces, and those around it.
struct JointSpaces {
  component::IndexSpaces<Origin> items;
  const InspectedPart* part = nullptr;
  const JointSpaces* outer = nullptr;
};

class Joiner {
 public:
  // Adds a module or component that `part` contains as its last part.
  struct Nested {
    std::function<Result<void>(const component::CoreModuleDef&, const JointSpaces&)> module;
    std::function<Result<void>(const component::ComponentDef&, const JointSpaces&)> component;
  };

  Joiner(InspectedPart& part, const component::ComponentNames& names, StepCount& steps,
         const JointSpaces* outer, Nested nested);
  // Adds the nodes and edges of `part`, whose definitions are those of `source`, which is valid.
  Result<void> run(const component::Component& source);

 private:
  using Item = Result<Origin>;

  Item define(const component::CoreModuleDef& def);
  Item define(const component::ComponentDef& def);
  Item define(const component::CoreInstanceDef& def);
  Item define(const component::InstanceDef& def);
  Item define(const component::AliasDef& def);
  Item define(const component::CanonDef& def);
  // What a start function gives comes from where the function does.
  Item define(const component::StartDef& def) { return origin({component::Sort::func, def.func}); }
  Item define(const component::ValueDef&) { return Origin(); }
  Item define(const component::ImportDef& def);
  Item define(const component::ExportDef& def);
  Item define(const component::CoreTypeDef&) { return Origin(); }
  Item define(const component::TypeDef&) { return Origin(); }
  Item define(const component::ExportDecl&) { return Origin(); }

  Item origin(component::SortIndex item);
  Item origin_in(const Origin& instance, std::string_view name);
  template <typename Exports>
  Item list(const Exports& exports);
  Item outer(component::Sort sort, const component::OuterAlias& alias);
  Origin node(JointNode node);
  Origin part_node(JointNode::Kind kind);
  // `to` is given what is in `from`, under `name`.
  Result<void> give(const Origin& from, uint32_t to, std::string_view name);
  JointEdge& edge(uint32_t from, uint32_t to);
  void instance_of(const Origin& definition, uint32_t instance);
  uint32_t next(component::Sort sort) const;

  InspectedPart& part_;
  const component::ComponentNames& names_;
  StepCount& steps_;
  Nested nested_;
  JointSpaces spaces_;
  std::map<std::pair<uint32_t, uint32_t>, size_t> edges_;  // by `from` and `to`
  uint32_t imports_ = 0;
  uint32_t exports_ = 0;
};

}  // namespace tenon::toolchain
