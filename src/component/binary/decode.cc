#include "component/binary/decode.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "component/binary/codes.h"
#include "component/binary/item_reader.h"
#include "wasm/binary/decode_module.h"

namespace tenon::component {
namespace {

constexpr size_t version_offset = 4;

Result<void> check_preamble(std::span<const uint8_t> bytes, uint64_t offset) {
  auto malformed = [&](const char* message) {
    return std::unexpected(Error(ErrorCode::malformed, message).at(offset));
  };
  if (bytes.size() < version_offset ||
      !std::equal(preamble.begin(), preamble.begin() + version_offset, bytes.begin())) {
    return malformed("magic header not detected");
  }
  if (bytes.size() < preamble.size()) return malformed("unexpected end");
  if (bytes[6] == 0x00 && bytes[7] == 0x00)
    return malformed("this is a core module, not a component");
  if (!is_component(bytes)) return malformed("unknown binary version");
  return {};
}

class Decoder {
 public:
  explicit Decoder(wasm::Features features) : features_(features) {}

  // A component at `origin`, nested in `depth` others. Recursion is bounded by
  // limits::max_component_depth.
  Result<ComponentId> component(std::span<const uint8_t> bytes, uint64_t origin, uint32_t depth) {
    if (depth > limits::max_component_depth) {
      std::string message =
          fmt::format("components are nested deeper than {}", limits::max_component_depth);
      return std::unexpected(Error(ErrorCode::limit, std::move(message)).at(origin));
    }
    TRY_VOID(check_preamble(bytes, origin));
    Component result;
    result.offset = origin;
    result.size = bytes.size();
    ByteReader in(bytes.subspan(preamble.size()), origin + preamble.size());
    while (in.ok() && !in.at_end()) TRY_VOID(section(in, result, depth));
    TRY_VOID(in.status());
    return output_.components.push_back(std::move(result));
  }

  DecodedComponent finish(ComponentId root) {
    output_.root = root;
    return std::move(output_);
  }

 private:
  Result<void> section(ByteReader& in, Component& component, uint32_t depth) {
    uint64_t start = in.offset();
    uint8_t id = in.byte();
    uint32_t size = in.u32();
    uint64_t origin = in.offset();
    std::span<const uint8_t> bytes = in.bytes(size);
    TRY_VOID(in.status());
    switch (static_cast<Section>(id)) {
      case Section::custom: return custom(bytes, origin, component);
      case Section::core_module: return core_module(bytes, origin, component);
      case Section::component: return nested(bytes, origin, component, depth);
      default: break;
    }
    ItemReader items(bytes, origin, features_);
    TRY_VOID(item_section(static_cast<Section>(id), items, start, component));
    if (!items.at_end()) items.fail("section size mismatch");
    return items.status();
  }

  Result<void> item_section(Section id, ItemReader& in, uint64_t start, Component& component) {
    switch (id) {
      case Section::core_instance: return list(in, component, [&] { return in.core_instance(); });
      case Section::core_type: return list(in, component, [&] { return in.core_type(); });
      case Section::instance: return list(in, component, [&] { return in.instance(); });
      case Section::alias: return list(in, component, [&] { return in.alias(); });
      case Section::type: return list(in, component, [&] { return in.type_definition(); });
      case Section::canon: return list(in, component, [&] { return in.canon(); });
      case Section::import: return list(in, component, [&] { return in.import(); });
      case Section::export_: return list(in, component, [&] { return in.export_(); });
      case Section::start: {
        in.require(wasm::Feature::component_values, "a start function of a component", start);
        uint64_t offset = in.offset();
        TRY_VOID(add(component, {offset, in.start()}));
        return in.status();
      }
      case Section::value:
        in.require(wasm::Feature::component_values, "a component value", start);
        return list(in, component, [&] { return in.value(); });
      default: in.fail_at("malformed section id", start); return in.status();
    }
  }

  template <typename Read>
  Result<void> list(ItemReader& in, Component& component, Read&& read) {
    uint32_t n = in.count_to(limits::max_component_definitions, "definitions");
    for (uint32_t i = 0; i < n && in.ok(); i++) {
      uint64_t offset = in.offset();
      TRY_VOID(add(component, {offset, read()}));
    }
    return in.status();
  }

  Result<void> add(Component& component, Definition definition) {
    if (++definitions_ > limits::max_component_definitions) {
      std::string message =
          fmt::format("more than {} definitions", limits::max_component_definitions);
      return std::unexpected(Error(ErrorCode::limit, std::move(message)).at(definition.offset));
    }
    component.definitions.push_back(std::move(definition));
    return {};
  }

  Result<void> custom(std::span<const uint8_t> bytes, uint64_t origin, Component& component) {
    ByteReader in(bytes, origin);
    wasm::CustomSection section;
    section.name = in.name();
    section.offset = in.offset();
    section.bytes = in.bytes(in.left());
    TRY_VOID(in.status());
    component.customs.push_back(section);
    return {};
  }

  Result<void> core_module(std::span<const uint8_t> bytes, uint64_t origin, Component& component) {
    Result<wasm::Module> module = wasm::decode_module(bytes, origin, features_);
    if (!module) {
      std::string context = fmt::format("core module {}", output_.modules.size());
      return std::unexpected(std::move(module).error().in(context));
    }
    module->offset = origin;
    module->size = bytes.size();
    return add(component, {origin, CoreModuleDef{output_.modules.push_back(std::move(*module))}});
  }

  Result<void> nested(std::span<const uint8_t> bytes, uint64_t origin, Component& component,
                      uint32_t depth) {
    Result<ComponentId> id = this->component(bytes, origin, depth + 1);
    if (!id) return std::unexpected(std::move(id).error().in("nested component"));
    return add(component, {origin, ComponentDef{*id}});
  }

  wasm::Features features_;
  DecodedComponent output_;
  uint32_t definitions_ = 0;
};

}  // namespace

bool is_component(std::span<const uint8_t> bytes) {
  return bytes.size() >= preamble.size() &&
         std::ranges::equal(preamble, bytes.first(preamble.size()));
}

Result<DecodedComponent> decode(std::span<const uint8_t> bytes, wasm::Features features) {
  if (bytes.size() > limits::max_module_bytes) {
    return fail(ErrorCode::limit,
                fmt::format("component is larger than {} bytes", limits::max_module_bytes));
  }
  Decoder decoder(features);
  ComponentId root = TRY(decoder.component(bytes, 0, 0));
  return decoder.finish(root);
}

Sort sort_of(ExternDesc::Kind kind) {
  switch (kind) {
    case ExternDesc::Kind::module: return Sort::core_module;
    case ExternDesc::Kind::func: return Sort::func;
    case ExternDesc::Kind::value: return Sort::value;
    case ExternDesc::Kind::type_eq:
    case ExternDesc::Kind::type_sub_resource: return Sort::type;
    case ExternDesc::Kind::component: return Sort::component;
    case ExternDesc::Kind::instance: return Sort::instance;
  }
  return Sort::func;
}

const char* name_of(Sort sort) {
  static constexpr const char* names[] = {"core func", "core table", "core memory", "core global",
                                          "core tag",  "core type",  "core module", "core instance",
                                          "func",      "value",      "type",        "component",
                                          "instance"};
  return names[static_cast<int>(sort)];
}

}  // namespace tenon::component
