#include "toolchain/inspect.h"

#include <fmt/format.h>

#include <map>

#include "component/binary/component_names.h"
#include "component/binary/decode.h"
#include "component/type_text.h"
#include "component/validate/validate.h"
#include "component/visit.h"
#include "toolchain/joints.h"
#include "toolchain/located.h"
#include "wasm/binary/decode_module.h"
#include "wasm/binary/names.h"
#include "wasm/validate/module.h"

namespace tenon::toolchain {
namespace {

using component::ComponentTypes;
using component::Entity;
using component::EntityKind;
using component::Extern;

std::string limits_text(const wasm::MemoryType& type) {
  const char* unit = type.page_size_log2 == 16 ? "pages" : "bytes";
  std::string text = fmt::format("{}", type.limits.min);
  if (!type.limits.has_max) {
    text += " or more";
  } else if (type.limits.max != type.limits.min) {
    text += fmt::format(" to {}", type.limits.max);
  }
  text += fmt::format(" {}", unit);
  if (type.limits.is_64) text += ", 64-bit";
  if (type.is_shared) text += ", shared";
  return text;
}

const char* kind_of(wasm::ExternKind kind) {
  static constexpr const char* names[] = {"func", "table", "memory", "global", "tag"};
  return names[static_cast<size_t>(kind)];
}

uint64_t custom_bytes(const std::vector<wasm::CustomSection>& customs) {
  uint64_t bytes = 0;
  for (const wasm::CustomSection& custom : customs) bytes += custom.bytes.size();
  return bytes;
}

InspectedPart inspect_module(const wasm::Module& module) {
  InspectedPart part;
  part.name = wasm::Names(module).module_name();
  part.offset = module.offset;
  part.size = module.size;
  for (const wasm::FunctionBody& body : module.bodies) part.facts.code_bytes += body.bytes.size();
  for (const wasm::DataSegment& data : module.datas) part.facts.data_bytes += data.bytes.size();
  part.facts.custom_bytes = custom_bytes(module.customs);
  part.facts.functions = module.bodies.size();
  for (const wasm::MemoryType& memory : module.memories)
    part.facts.memories.push_back(limits_text(memory));
  std::map<std::string_view, size_t> groups;
  for (const wasm::Import& import : module.imports) {
    auto [group, is_new] = groups.try_emplace(import.module, part.imports.size());
    if (is_new) part.imports.push_back({std::string(import.module), "module", {}, {}});
    part.imports[group->second].items.push_back(
        {std::string(import.name), kind_of(import.kind), {}, {}});
  }
  for (const wasm::Export& item : module.exports)
    part.exports.push_back({std::string(item.name), kind_of(item.kind), {}, {}});
  return part;
}

// The parts of one binary, the root first; components as deep as the decoder lets them be.
class Inspector {
 public:
  Inspector(const component::DecodedComponent& decoded, const component::Validated& validated)
      : decoded_(decoded), types_(validated.types), validated_(validated) {}

  Result<InspectedPart> component(component::ComponentId id, const JointSpaces* outer) {
    const component::Component& source = decoded_.components[id];
    InspectedPart part;
    part.is_component = true;
    component::ComponentNames names(source);
    if (names.component()) part.name = *names.component();
    part.offset = source.offset;
    part.size = source.size;
    const auto& type = std::get<component::ComponentType>(types_[validated_.components[id].type]);
    part.imports = TRY(items(type.imports));
    part.exports = TRY(items(type.exports));
    auto nested = [this, &part](const auto& def, const JointSpaces& spaces) {
      return add(part, def, spaces);
    };
    TRY_VOID(Joiner(part, names, steps_, outer, {nested, nested}).run(source));
    return part;
  }

 private:
  Result<void> add(InspectedPart& part, const component::CoreModuleDef& def, const JointSpaces&) {
    return add(part, inspect_module(decoded_.modules[def.module]));
  }
  Result<void> add(InspectedPart& part, const component::ComponentDef& def,
                   const JointSpaces& spaces) {
    return add(part, TRY(component(def.component, &spaces)));
  }
  Result<void> add(InspectedPart& part, InspectedPart made) {
    for (const InspectedPart& other : part.parts) {
      if (other.is_component == made.is_component) made.index = other.index + 1;
    }
    part.parts.push_back(std::move(made));
    return {};
  }

  // A resource is known by the name under which it was first seen.
  void name_resource(const Extern& item) {
    const auto* type = std::get_if<component::ResourceType>(&types_[item.entity.type]);
    if (item.entity.kind == EntityKind::type && type)
      resources_.emplace(type->resource.index, item.name);
  }

  Result<std::vector<InspectedItem>> items(const std::vector<Extern>& externs) {
    std::vector<InspectedItem> made;
    for (const Extern& item : externs) made.push_back(TRY(this->item(item)));
    return made;
  }

  Result<InspectedItem> item(const Extern& extern_item) {
    TRY_VOID(steps_.count(1));
    name_resource(extern_item);
    InspectedItem made{extern_item.name, component::name_of(extern_item.entity.kind), {}, {}};
    if (extern_item.entity.kind == EntityKind::instance) {
      made.kind = "interface";
      const auto& exports =
          std::get<component::InstanceType>(types_[extern_item.entity.type]).exports;
      TRY_VOID(steps_.count(exports.size()));
      for (const Extern& part : exports) {
        name_resource(part);
        made.items.push_back(flat_item(part));
      }
      return made;
    }
    return flat_item(extern_item);
  }

  // Without what it contains.
  InspectedItem flat_item(const Extern& extern_item) const {
    const Entity& entity = extern_item.entity;
    InspectedItem made{extern_item.name, component::name_of(entity.kind), {}, {}};
    if (entity.kind == EntityKind::instance) made.kind = "interface";
    const component::Type& type = types_[entity.type];
    if (const auto* func = std::get_if<component::FuncType>(&type)) {
      made.type = to_string(types_, *func, resources_);
    } else if (std::holds_alternative<component::ResourceType>(type)) {
      made.kind = "resource";
    } else if (component::is_value_type(type)) {
      made.type = to_string(types_, component::ValType(entity.type), resources_);
    }
    return made;
  }

  const component::DecodedComponent& decoded_;
  const ComponentTypes& types_;
  const component::Validated& validated_;
  component::ResourceNames resources_;
  StepCount steps_;
};

std::vector<Grant> grants_of(const InspectedPart& root) {
  std::vector<AskedFor> asked;
  for (const InspectedItem& import : root.imports) {
    bool has_function = false;
    for (const InspectedItem& item : import.items) {
      if (root.is_component && item.kind != "func") continue;
      asked.push_back({import.name, item.name});
      has_function = true;
    }
    bool is_type = root.is_component && (import.kind == "type" || import.kind == "resource");
    if (!has_function && !is_type) asked.push_back({import.name, {}});
  }
  return grants_for(asked, root.is_component ? ImportedBy::component : ImportedBy::module);
}

Result<InspectedPart> inspect_root(std::span<const uint8_t> binary) {
  constexpr wasm::Features features = wasm::Features::validated();
  if (!component::is_component(binary)) {
    auto module = TRY(wasm::decode_module(binary, 0, features));
    TRY_VOID(wasm::validate_module(module, features));
    return inspect_module(module);
  }
  auto decoded = TRY(component::decode(binary, features));
  auto validated = TRY(component::validate(decoded, features));
  return Inspector(decoded, validated).component(decoded.root, nullptr);
}

}  // namespace

Result<Inspection> inspect(std::span<const uint8_t> binary) {
  Inspection inspection;
  inspection.root = TRY(inspect_root(binary));
  inspection.grants = grants_of(inspection.root);
  return inspection;
}

Result<Inspection> inspect_file(std::string_view name, const Bytes& input) {
  return with_binary<Inspection>(name, input, [](const Bytes& binary) { return inspect(binary); });
}

}  // namespace tenon::toolchain
