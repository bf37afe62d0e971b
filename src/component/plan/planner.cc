#include "component/plan/planner.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "component/plan/build.h"
#include "component/visit.h"

// Component-level definitions: instances, aliases, types, imports and exports.
namespace tenon::component {

namespace {

// Names are hearsay: one that is too long to be read is passed over.
std::string_view short_name(std::string_view name) {
  constexpr size_t most = 128;
  return name.size() > most ? std::string_view() : name;
}

}  // namespace

Result<Plan> build_plan(const DecodedComponent& component, const Validated& validated,
                        const PlanOptions& options) {
  return Planner(component, validated, options).run();
}

Result<Plan> Planner::run() {
  std::string name(short_name(names_of(input_.root).component().value_or(std::string_view())));
  Frame* root = TRY(interpret_component({input_.root, nullptr}, nullptr, nullptr, std::move(name)));
  frame_ = root;
  Path path;
  TRY_VOID(export_all(root->exports,
                      std::get<ComponentType>(validated_.types[root->info->type]).exports, path));
  TRY_VOID(flush_adapters());
  return std::move(plan_);
}

// Makes an instance of a component. Recursion is bounded by limits::max_component_depth.
Result<Frame*> Planner::interpret_component(ComponentItem component, const InstanceExports* args,
                                            const Frame* parent, std::string name) {
  if (plan_.instances.size() >= limits::max_plan_instances) {
    return fail(ErrorCode::limit,
                fmt::format("more than {} component instances", limits::max_plan_instances));
  }
  if (parent && parent->depth >= limits::max_component_depth) {
    return fail(ErrorCode::limit, fmt::format("component instances are nested deeper than {}",
                                              limits::max_component_depth));
  }
  frames_.push_back(std::make_unique<Frame>());
  Frame& frame = *frames_.back();
  frame.id = component.component;
  frame.component = &input_.components[component.component];
  frame.info = &validated_.components[component.component];
  frame.lexical = component.lexical;
  frame.args = args;
  Instance instance;
  instance.name = std::move(name);
  if (parent) {
    frame.depth = parent->depth + 1;
    instance.parent = parent->instance;
  }
  frame.instance = plan_.instances.push_back(instance);
  instance_infos_.push_back(frame.info);
  Frame* outer = std::exchange(frame_, &frame);
  Result<void> result = interpret(frame.component->definitions, frame.spaces,
                                  [&](const Definition& definition) -> Item {
                                    TRY_VOID(count_steps(1));
                                    Item made = define(definition);
                                    if (made) bind_fresh(*made);
                                    frame.definition++;
                                    return made;
                                  });
  frame_ = outer;
  if (!result) return std::unexpected(std::move(result).error());
  return &frame;
}

// Nesting multiplies: what one instantiation of each component costs says nothing of the sum.
Result<void> Planner::count_steps(size_t steps) {
  steps_ += steps;
  if (steps_ <= limits::max_plan_steps) return {};
  return fail(ErrorCode::limit,
              fmt::format("nested instantiation takes more than {} steps", limits::max_plan_steps));
}

// Names are copied to where they are exported.
Result<void> Planner::count_name(size_t bytes) {
  constexpr size_t bytes_per_step = 32;
  return count_steps(bytes / bytes_per_step);
}

Planner::Item Planner::define(const Definition& definition) {
  return std::visit([&](const auto& def) { return define(def); }, definition.kind);
}

// The resources that validation made for the definition at hand are those found in what it came to
// be.
void Planner::bind_fresh(const PlanItem& made) {
  for (const BoundResource& bound : frame_->info->fresh[frame_->definition]) {
    const PlanItem* at = &made;
    for (const std::string& name : bound.path) {
      const auto& items = std::get<InstanceItem>(*at)->items;
      auto found = items.find(name);
      CHECK(found != items.end());
      at = &found->second;
    }
    frame_->resources.emplace(bound.resource, std::get<ResourceId>(std::get<TypeItem>(*at)));
  }
}

// The item at an index; types are made from what validation knows.
Planner::Item Planner::item(SortIndex index) {
  if (index.sort == Sort::type) {
    const StaticItem* type = TRY(frame_->info->spaces.get(Sort::type, index.index));
    return PlanItem(TRY(type_item(std::get<Entity>(*type).type)));
  }
  const PlanItem* found = TRY(frame_->spaces.get(index.sort, index.index));
  return *found;
}

Planner::Item Planner::define(const ComponentDef& def) {
  return PlanItem(ComponentItem{def.component, frame_});
}

Planner::Item Planner::define(const InstanceDef& def) {
  return std::visit(
      Overloaded{
          [&](const Instantiate& expr) { return instantiate(expr); },
          [&](const std::vector<InlineExport>& exports) { return inline_exports(exports); },
      },
      def.expr);
}

Planner::Item Planner::instantiate(const Instantiate& def) {
  const PlanItem* target = TRY(frame_->spaces.get(Sort::component, def.component));
  InstanceExports args;
  TRY_VOID(count_steps(def.args.size()));
  for (const InstantiateArg& arg : def.args)
    args.items.emplace(std::string(arg.name), TRY(item(arg.item)));
  Frame* made =
      TRY(interpret_component(std::get<ComponentItem>(*target), &args, frame_, instance_name(def)));
  made->args = nullptr;
  return PlanItem(std::make_shared<const InstanceExports>(std::move(made->exports)));
}

const ComponentNames& Planner::names_of(ComponentId component) {
  auto found = names_.find(component);
  if (found == names_.end())
    found = names_.emplace(component, ComponentNames(input_.components[component])).first;
  return found->second;
}

// What the instance at hand is called where it is made; else what its component is called; else its
// number.
std::string Planner::instance_name(const Instantiate& def) {
  auto index = static_cast<uint32_t>(frame_->spaces.size(Sort::instance));
  const ComponentNames& names = names_of(frame_->id);
  auto target = std::get<ComponentItem>(**frame_->spaces.get(Sort::component, def.component));
  for (std::string_view name :
       {names.name_of(Sort::instance, index), names_of(target.component).component().value_or(""),
        names.name_of(Sort::component, def.component)}) {
    name = short_name(name);
    if (!name.empty()) return std::string(name);
  }
  return fmt::format("instance {}", index);
}

Planner::Item Planner::inline_exports(const std::vector<InlineExport>& exports) {
  InstanceExports result;
  TRY_VOID(count_steps(exports.size()));
  for (const InlineExport& entry : exports) {
    TRY_VOID(count_name(entry.name.name.size()));
    result.items.emplace(std::string(entry.name.name), TRY(item(entry.item)));
  }
  return PlanItem(std::make_shared<const InstanceExports>(std::move(result)));
}

Planner::Item Planner::define(const AliasDef& def) {
  // Types are looked up in validation's index space when they are needed.
  if (def.sort == Sort::type || def.sort == Sort::core_type) return PlanItem(TypeItem());
  if (auto* alias = std::get_if<ExportAlias>(&def.target)) {
    const PlanItem* instance = TRY(frame_->spaces.get(Sort::instance, alias->instance));
    const auto& items = std::get<InstanceItem>(*instance)->items;
    auto found = items.find(alias->name);
    CHECK(found != items.end());
    return found->second;
  }
  if (auto* alias = std::get_if<CoreExportAlias>(&def.target)) {
    const PlanItem* instance = TRY(frame_->spaces.get(Sort::core_instance, alias->instance));
    return PlanItem(export_of(std::get<CoreInstanceValue>(*instance), alias->name));
  }
  const auto& alias = std::get<OuterAlias>(def.target);
  const Frame* target = frame_;
  for (uint32_t i = 0; i < alias.count; i++) target = target->lexical;
  const PlanItem* found = TRY(target->spaces.get(def.sort, alias.index));
  return *found;
}

Planner::Item Planner::define(const TypeDef& def) {
  auto* decl = std::get_if<ResourceDecl>(&def.type);
  if (!decl) return PlanItem(TypeItem());
  if (decl->representation != wasm::ValType::i32)
    return fail(ErrorCode::unsupported, "resources represented by `i64` are not supported yet");
  const StaticItem* type = TRY(
      frame_->info->spaces.get(Sort::type, static_cast<uint32_t>(frame_->spaces.size(Sort::type))));
  ResourceId defined =
      std::get<ResourceType>(validated_.types[std::get<Entity>(*type).type]).resource;
  Resource resource;
  resource.instance = frame_->instance;
  if (decl->destructor) resource.destructor = TRY(extract_function(*decl->destructor));
  frame_->resources.emplace(defined, plan_.resources.push_back(std::move(resource)));
  return PlanItem(TypeItem());
}

Planner::Item Planner::define(const ImportDef& def) {
  if (frame_->args) {
    auto found = frame_->args->items.find(def.name.name);
    CHECK(found != frame_->args->items.end());
    return found->second;
  }
  Definition as_definition{0, def};
  Sort sort = introduced_sort(as_definition);
  const StaticItem* type =
      TRY(frame_->info->spaces.get(sort, static_cast<uint32_t>(frame_->spaces.size(sort))));
  Path path = {std::string(def.name.name)};
  return import(path, std::get<Entity>(*type));
}

Planner::Item Planner::define(const ExportDef& def) {
  PlanItem exported = TRY(item(def.item));
  TRY_VOID(count_name(def.name.name.size()));
  frame_->exports.items.emplace(std::string(def.name.name), exported);
  if (auto* type = std::get_if<TypeItem>(&exported)) {
    auto* resource = std::get_if<ResourceId>(type);
    if (resource && plan_.resources[*resource].name.empty())
      plan_.resources[*resource].name = def.name.name;
  }
  TRY_VOID(name_lifts(exported, def.name.name));
  return exported;
}

// A function is called what the component that lifts it exports it as, first.
Result<void> Planner::name_lifts(const PlanItem& exported, std::string_view name) {
  TRY_VOID(name_lift(exported, {}, name));
  const auto* instance = std::get_if<InstanceItem>(&exported);
  if (!instance) return {};
  TRY_VOID(count_steps((*instance)->items.size()));
  for (const auto& [item_name, item] : (*instance)->items) {
    TRY_VOID(name_lift(item, name, item_name));
    TRY_VOID(name_interface(item, name));
  }
  return {};
}

Result<void> Planner::name_interface(const PlanItem& item, std::string_view interface) {
  const auto* type = std::get_if<TypeItem>(&item);
  const auto* id = type ? std::get_if<ResourceId>(type) : nullptr;
  if (!id) return {};
  Resource& resource = plan_.resources[*id];
  if (resource.instance != frame_->instance || !resource.interface.empty()) return {};
  resource.interface = interface;
  return count_name(interface.size());
}

Result<void> Planner::name_lift(const PlanItem& item, std::string_view interface,
                                std::string_view name) {
  const auto* function = std::get_if<FunctionItem>(&item);
  const auto* lifted = function ? std::get_if<LiftedFunction>(function) : nullptr;
  if (!lifted) return {};
  Lift& lift = plan_.lifts[*lifted->options.lifted];
  if (lift.instance != frame_->instance || !lift.name.empty()) return {};
  lift.name = interface.empty() ? std::string(name) : fmt::format("{}#{}", interface, name);
  return count_name(lift.name.size());
}

Planner::Item Planner::define(const ExportDecl&) {
  return fail(ErrorCode::internal, "an export declarator outside of a type");
}

}  // namespace tenon::component
