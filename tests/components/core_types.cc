#include "tests/components/core_types.h"

#include "component/testing/builder.h"
#include "wasm/binary/codes.h"
#include "wasm/binary/encode_types.h"
#include "wasm/map_types.h"

namespace components {
namespace {

using namespace tenon::component::testing;
namespace wasm = tenon::wasm;
namespace section = wasm::section_id;
using wasm::SubType;
using wasm::TypeIndex;

constexpr uint8_t core_type_section = 3, instance_section = 5, alias_section = 6;
constexpr uint8_t module_type = 0x50, core_module_sort = 0x11, core_type_sort = 0x10;
constexpr uint8_t func_kind = 0, table_kind = 1, global_kind = 3, tag_kind = 4;

using Group = std::vector<SubType>;

wasm::ValType nullable(uint32_t type) {
  return wasm::ValType::reference(wasm::HeapType(TypeIndex(type)), true);
}

Bytes written(auto&& write) {
  wasm::ByteWriter out;
  write(out);
  return out.take();
}

// A group as types of a module, or (`prefixed`) of a component have it.
Bytes group_bytes(const Group& group, bool prefixed) {
  return written([&](wasm::ByteWriter& out) {
    if (group.size() != 1) {
      out.byte(wasm::type_code::rec);
      out.size(group.size());
    } else if (prefixed && !group[0].is_final) {
      out.byte(0x00);
    }
    for (const SubType& type : group) wasm::write_sub_type(out, type);
  });
}

class CoreTypes {
 public:
  CoreTypes(model::Random& random, const std::function<bool(Flaw)>& takes)
      : random_(random), takes_(takes) {
    for (uint32_t i = 1 + random_.below(4); i > 0; i--) add_group();
  }

  Bytes component() {
    ComponentBuilder builder;
    auto define = [&](const Bytes& type) { builder.item(core_type_section, type); };
    for (const Group& group : groups_) define(group_bytes(group, true));
    flawed_types(define);
    builder.core_module(exporter()).core_module(importer());
    builder.core_instantiate(0).core_instantiate(1, {{"a", 0}});
    builder.component(taker());
    Bytes argument = cat({name("m"), {0x00, core_module_sort}, u32(0)});
    builder.item(instance_section, cat({{0x00}, u32(0), vec({argument})}));
    return builder.finish();
  }

 private:
  // Types.

  void add_group() {
    auto first = static_cast<uint32_t>(types_.size());
    uint32_t size = random_.one_in(2) ? 1 : random_.below(4);
    Group group;
    for (uint32_t i = 0; i < size; i++) {
      SubType type = random_.one_in(3) ? subtype(group, first) : plain(first + size);
      group.push_back(type);
    }
    types_.insert(types_.end(), group.begin(), group.end());
    groups_.push_back(std::move(group));
  }

  wasm::ValType value(uint32_t end) {
    static constexpr wasm::ValType::Kind numbers[] = {wasm::ValType::i32, wasm::ValType::i64,
                                                      wasm::ValType::f32, wasm::ValType::f64,
                                                      wasm::ValType::v128};
    if (random_.one_in(2)) return numbers[random_.below(5)];
    if (random_.one_in(3)) return wasm::ValType::reference(wasm::HeapType::any, random_.one_in(2));
    return nullable(random_.below(end));
  }

  wasm::FieldType field(uint32_t end) {
    wasm::FieldType made{value(end), wasm::FieldType::Packing::none, random_.one_in(2)};
    if (random_.one_in(4)) made = {wasm::ValType::i32, wasm::FieldType::Packing::i8, true};
    return made;
  }

  // A type without a supertype, which refers to those below `end`.
  SubType plain(uint32_t end) {
    SubType type;
    type.kind = static_cast<SubType::Kind>(random_.below(3));
    type.is_final = random_.one_in(3);
    if (type.kind == SubType::Kind::func) {
      for (uint32_t i = random_.below(3); i > 0; i--) type.func.params.push_back(value(end));
      if (random_.one_in(2)) type.func.results.push_back(value(end));
    } else {
      uint32_t fields = type.kind == SubType::Kind::array ? 1 : random_.below(4);
      for (uint32_t i = 0; i < fields; i++) type.fields.push_back(field(end));
    }
    return type;
  }

  // One of an open type before it; a struct may have a field more.
  SubType subtype(const Group& group, uint32_t first) {
    auto count = static_cast<uint32_t>(first + group.size());
    if (count == 0) return plain(1);
    uint32_t super = random_.below(count);
    SubType type = super < first ? types_[super] : group[super - first];
    if (type.is_final) return type;
    type.supertypes = {TypeIndex(super)};
    type.is_final = random_.one_in(2);
    if (type.kind == SubType::Kind::struct_ && random_.one_in(2)) type.fields.push_back(field(1));
    return type;
  }

  void flawed_types(auto&& define) {
    auto end = static_cast<uint32_t>(types_.size());
    SubType type;
    type.kind = SubType::Kind::struct_;
    if (takes_(Flaw::core_type_index)) {
      type.fields.push_back({nullable(end + 1), {}, false});
      define(group_bytes({type}, true));
    } else if (end > 0 && takes_(Flaw::core_supertype)) {
      type.supertypes = {TypeIndex(random_.below(end))};
      if (types_[type.supertypes[0].index].kind == SubType::Kind::struct_) {
        type.kind = SubType::Kind::array;
        type.fields.push_back({wasm::ValType::i32, {}, false});
      }
      define(group_bytes({type}, true));
    } else if (takes_(Flaw::module_type_alias)) {
      define({module_type, 0x00});
      Bytes alias = cat({{0x02, core_type_sort, 0x01}, u32(1), u32(end)});
      define(cat({{module_type}, vec({alias})}));
    }
  }

  // Modules. What they export and import: a function for each function type, "f0" and so on; a
  // table, "t0", and an immutable global, "g0", of references to each type; tags, "x0".

  bool is_func(uint32_t type) const { return types_[type].kind == SubType::Kind::func; }
  bool is_tag(uint32_t type) const {
    return is_func(type) && types_[type].func.results.empty() && type % 2 == 0;
  }
  template <typename Visit>
  void for_each_item(Visit&& visit) const {
    for (uint32_t i = 0; i < types_.size(); i++) {
      std::string text = std::to_string(i);
      if (is_func(i)) visit(func_kind, "f" + text, i);
      visit(table_kind, "t" + text, i);
      visit(global_kind, "g" + text, i);
      if (is_tag(i)) visit(tag_kind, "x" + text, i);
    }
  }

  // The type of an item, which is of `type`.
  static Bytes item_type(uint8_t kind, uint32_t type) {
    return written([&](wasm::ByteWriter& out) {
      out.byte(kind);
      if (kind == func_kind) out.u32(type);
      if (kind == table_kind) wasm::write_table_type(out, {{1, 0, false, false}, nullable(type)});
      if (kind == global_kind) wasm::write_global_type(out, {nullable(type), false});
      if (kind == tag_kind) wasm::write_tag_type(out, {TypeIndex(type)});
    });
  }

  Bytes module(const std::vector<std::pair<uint8_t, Bytes>>& sections) const {
    Bytes bytes = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00};
    for (const auto& [id, content] : sections) {
      Bytes size = u32(static_cast<uint32_t>(content.size()));
      bytes = cat({bytes, {id}, size, content});
    }
    return bytes;
  }

  Bytes exporter() const {
    std::vector<Bytes> types, functions, tables, tags, globals, exports, bodies;
    for (const Group& group : groups_) types.push_back(group_bytes(group, false));
    for_each_item([&](uint8_t kind, const std::string& text, uint32_t type) {
      std::vector<Bytes>* space = kind == func_kind     ? &functions
                                  : kind == table_kind  ? &tables
                                  : kind == global_kind ? &globals
                                                        : &tags;
      exports.push_back(cat({name(text), {kind}, u32(static_cast<uint32_t>(space->size()))}));
      Bytes item = item_type(kind, type);
      item.erase(item.begin());
      if (kind == global_kind) {
        item =
            cat({item, written([&](wasm::ByteWriter& out) {
                   wasm::ConstOp op{.kind = wasm::ConstOp::Kind::ref_null, .type = nullable(type)};
                   wasm::write_const_expr(out, {op});
                 })});
      }
      if (kind == func_kind) bodies.push_back({0x03, 0x00, 0x00, 0x0b});  // unreachable
      space->push_back(item);
    });
    return module({{section::type, vec(types)},
                   {section::function, vec(functions)},
                   {section::table, vec(tables)},
                   {section::tag, vec(tags)},
                   {section::global, vec(globals)},
                   {section::export_, vec(exports)},
                   {section::code, vec(bodies)}});
  }

  // Where a function or global may be had as one of a supertype.
  uint32_t wanted_type(uint8_t kind, uint32_t type) {
    bool is_covariant = kind == func_kind || kind == global_kind;
    while (is_covariant && !types_[type].supertypes.empty() && random_.one_in(2))
      type = types_[type].supertypes[0].index;
    return type;
  }

  // With one more type in front, so that all indices are other ones.
  Bytes importer() {
    SubType front;
    front.func.params.assign(7, wasm::ValType::i32);
    std::vector<Bytes> types = {group_bytes({front}, false)};
    for (size_t i = 0; i < groups_.size(); i++) {
      Group group = groups_[i];
      for (SubType& type : group)
        wasm::map_types(type, [](TypeIndex index) { return index.index + 1; });
      bool is_last = i + 1 == groups_.size() && !group.empty();
      if (is_last && takes_(Flaw::other_core_type)) group.push_back(front);
      types.push_back(group_bytes(group, false));
    }
    std::vector<Bytes> imports;
    for_each_item([&](uint8_t kind, const std::string& text, uint32_t type) {
      uint32_t wanted = wanted_type(kind, type) + 1;
      imports.push_back(cat({name("a"), name(text), item_type(kind, wanted)}));
    });
    return module({{section::type, vec(types)}, {section::import, vec(imports)}});
  }

  // A component that imports a module with the exports of `exporter`, or fewer and less precise
  // ones.
  Bytes taker() {
    ComponentBuilder builder;
    auto count = static_cast<uint32_t>(types_.size());
    std::vector<Bytes> decls;
    for (uint32_t i = 0; i < count; i++) {
      builder.item(alias_section, cat({{0x00, core_type_sort, 0x02}, u32(1), u32(i)}));
      bool is_direct = random_.one_in(2);
      decls.push_back(cat({{0x02, core_type_sort, 0x01}, u32(is_direct ? 2 : 1), u32(i)}));
    }
    for_each_item([&](uint8_t kind, const std::string& text, uint32_t type) {
      if (random_.one_in(3)) return;
      uint32_t wanted = wanted_type(kind, type);
      decls.push_back(cat({{0x03}, name(text), item_type(kind, wanted)}));
    });
    if (takes_(Flaw::core_export))
      decls.push_back(cat({{0x03}, name("n"), item_type(table_kind, 0)}));
    builder.item(core_type_section, cat({{module_type}, vec(decls)}));
    Bytes desc = cat({{0x00, core_module_sort}, u32(count)});
    builder.import("m", desc);
    return builder.finish();
  }

  model::Random& random_;
  const std::function<bool(Flaw)>& takes_;
  std::vector<Group> groups_;
  std::vector<SubType> types_;
};

}  // namespace

std::vector<uint8_t> make_core_types(model::Random& random,
                                     const std::function<bool(Flaw)>& takes) {
  return CoreTypes(random, takes).component();
}

}  // namespace components
