#include <fmt/format.h>

#include "base/limits.h"
#include "component/binary/codes.h"
#include "component/binary/item_reader.h"
#include "component/binary/sorts.h"

// Sorts, names, imports, exports, aliases, instances, values and start functions.
namespace tenon::component {

void ItemReader::unsupported(const char* what, uint64_t offset) {
  refuse(ErrorCode::unsupported, std::string(what) + " is not supported yet", offset);
}

Sort ItemReader::core_sort() {
  return read_core_sort(*this);
}

Sort ItemReader::sort() {
  uint64_t start = offset();
  Sort which = read_sort(*this);
  if (which == Sort::value) require(wasm::Feature::component_values, "a component value", start);
  return which;
}

SortIndex ItemReader::core_sort_index() {
  Sort which = core_sort();
  return {which, u32()};
}

SortIndex ItemReader::sort_index() {
  Sort which = sort();
  return {which, u32()};
}

ExternName ItemReader::extern_name() {
  ExternName name;
  uint64_t start = offset();
  uint8_t form = byte();
  if (form > 0x02) fail_at("invalid leading byte of an extern name", start);
  name.name = bounded_name();
  if (form != 0x02) return name;
  uint32_t attributes = count();
  for (uint32_t i = 0; i < attributes && ok(); i++) {
    uint64_t at = offset();
    switch (byte()) {
      case name_attribute::implements:
        if (name.implements) fail_at("duplicate `implements` attribute", at);
        name.implements = bounded_name();
        break;
      case name_attribute::version_suffix:
        if (name.version_suffix) fail_at("duplicate `versionsuffix` attribute", at);
        name.version_suffix = bounded_name();
        break;
      case name_attribute::external_id:
        if (name.external_id) fail_at("duplicate `external-id` attribute", at);
        name.external_id = bounded_name();
        break;
      default: fail_at("invalid attribute of an extern name", at);
    }
  }
  return name;
}

CoreInstanceDef ItemReader::core_instance() {
  uint64_t start = offset();
  uint8_t form = byte();
  if (form == instance_expr::instantiate) {
    CoreInstantiate instantiate;
    instantiate.module = u32();
    uint32_t n = count_to(limits::max_instantiation_args, "instantiation arguments");
    for (uint32_t i = 0; i < n && ok(); i++) {
      CoreInstantiateArg arg;
      arg.name = bounded_name();
      uint64_t at = offset();
      if (core_sort() != Sort::core_instance)
        fail_at("only an instance can be an argument of a core instantiation", at);
      arg.instance = u32();
      instantiate.args.push_back(arg);
    }
    return {std::move(instantiate)};
  }
  if (form != instance_expr::exports) fail_at("invalid core instance expression", start);
  std::vector<CoreInlineExport> exports;
  uint32_t n = count_to(limits::max_instantiation_args, "instance exports");
  for (uint32_t i = 0; i < n && ok(); i++) {
    std::string_view name = bounded_name();
    exports.push_back({name, core_sort_index()});
  }
  return {std::move(exports)};
}

InstanceDef ItemReader::instance() {
  uint64_t start = offset();
  uint8_t form = byte();
  if (form == instance_expr::instantiate) {
    Instantiate instantiate;
    instantiate.component = u32();
    uint32_t n = count_to(limits::max_instantiation_args, "instantiation arguments");
    for (uint32_t i = 0; i < n && ok(); i++) {
      std::string_view name = bounded_name();
      instantiate.args.push_back({name, sort_index()});
    }
    return {std::move(instantiate)};
  }
  if (form != instance_expr::exports) fail_at("invalid instance expression", start);
  std::vector<InlineExport> exports;
  uint32_t n = count_to(limits::max_instantiation_args, "instance exports");
  for (uint32_t i = 0; i < n && ok(); i++) {
    ExternName name = extern_name();
    exports.push_back({name, sort_index()});
  }
  return {std::move(exports)};
}

AliasDef ItemReader::alias() {
  AliasDef alias;
  alias.sort = sort();
  uint64_t start = offset();
  switch (byte()) {
    case alias_target::export_: {
      ExportAlias target;
      target.instance = u32();
      target.name = bounded_name();
      alias.target = target;
      return alias;
    }
    case alias_target::core_export: {
      CoreExportAlias target;
      target.instance = u32();
      target.name = bounded_name();
      alias.target = target;
      return alias;
    }
    case alias_target::outer: {
      OuterAlias target;
      target.count = u32();
      target.index = u32();
      alias.target = target;
      return alias;
    }
    default: fail_at("invalid alias target", start); return alias;
  }
}

ImportDef ItemReader::import() {
  ExternName name = extern_name();
  return {name, extern_desc()};
}

ExportDef ItemReader::export_() {
  ExportDef def;
  def.name = extern_name();
  def.item = sort_index();
  uint64_t start = offset();
  switch (byte()) {
    case 0x00: break;
    case 0x01: def.ascribed = extern_desc(); break;
    default: fail_at("invalid presence byte of an export's type", start);
  }
  return def;
}

// component: Binary.md#type-definitions (valuebound)
ExternDesc ItemReader::value_desc(uint64_t start) {
  require(wasm::Feature::component_values, "a component value", start);
  uint64_t at = offset();
  switch (byte()) {
    case 0x00: unsupported("the bound `eq` of a value", at); return {};
    case 0x01: return {ExternDesc::Kind::value, 0, val_type()};
    default: fail_at("invalid value bound", at); return {};
  }
}

// component: Binary.md#-start-definitions
StartDef ItemReader::start() {
  StartDef def;
  def.func = u32();
  uint32_t n = count_to(limits::max_params, "arguments of a start function");
  for (uint32_t i = 0; i < n && ok(); i++) def.args.push_back(u32());
  uint64_t at = offset();
  def.results = u32();
  if (def.results > limits::max_results) {
    refuse(ErrorCode::limit,
           fmt::format("{} results of a start function, at most {} are allowed", def.results,
                       limits::max_results),
           at);
  }
  return def;
}

// component: Binary.md#-value-definitions
ValueDef ItemReader::value() {
  ValueDef def;
  def.type = val_type();
  uint32_t size = u32();
  def.bytes_offset = offset();
  def.bytes = bytes(size);
  return def;
}

ExternDesc ItemReader::extern_desc() {
  using Kind = ExternDesc::Kind;
  uint64_t start = offset();
  switch (byte()) {
    case 0x00: {
      uint64_t at = offset();
      if (core_sort() != Sort::core_module)
        fail_at("only a module among the core sorts has an extern type", at);
      return {Kind::module, u32()};
    }
    case 0x01: return {Kind::func, u32()};
    case 0x02: return value_desc(start);
    case 0x03: {
      uint64_t at = offset();
      switch (byte()) {
        case 0x00: return {Kind::type_eq, u32()};
        case 0x01: return {Kind::type_sub_resource, 0};
        default: fail_at("invalid type bound", at); return {};
      }
    }
    case 0x04: return {Kind::component, u32()};
    case 0x05: return {Kind::instance, u32()};
    default: fail_at("invalid extern type", start); return {};
  }
}

}  // namespace tenon::component
