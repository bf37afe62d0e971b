#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "wasm/binary/encode.h"

// Writes components by hand, for unit tests: bytes of items, put into sections. Nothing is checked,
// so that wrong components can be written as well as right ones.
namespace tenon::component::testing {

using Bytes = std::vector<uint8_t>;

inline Bytes cat(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}
inline Bytes u32(uint32_t value) {
  wasm::ByteWriter out;
  out.u32(value);
  return out.take();
}
inline Bytes name(std::string_view text) {
  wasm::ByteWriter out;
  out.name(text);
  return out.take();
}
inline Bytes vec(const std::vector<Bytes>& items) {
  Bytes all = u32(static_cast<uint32_t>(items.size()));
  for (const Bytes& item : items) all.insert(all.end(), item.begin(), item.end());
  return all;
}

// Value types.
inline const Bytes bool_ = {0x7f}, u8 = {0x7d}, s16 = {0x7c}, u32_ = {0x79}, u64 = {0x77},
                   f32 = {0x76}, char_ = {0x74}, string = {0x73};
inline Bytes list(const Bytes& element) {
  return cat({{0x70}, element});
}
inline Bytes tuple(const std::vector<Bytes>& types) {
  return cat({{0x6f}, vec(types)});
}
inline Bytes option(const Bytes& type) {
  return cat({{0x6b}, type});
}
inline Bytes field(std::string_view label, const Bytes& type) {
  return cat({name(label), type});
}
inline Bytes record(const std::vector<Bytes>& fields) {
  return cat({{0x72}, vec(fields)});
}
inline Bytes case_(std::string_view label) {
  return cat({name(label), {0x00, 0x00}});
}
inline Bytes case_(std::string_view label, const Bytes& type) {
  return cat({name(label), {0x01}, type, {0x00}});
}
inline Bytes variant(const std::vector<Bytes>& cases) {
  return cat({{0x71}, vec(cases)});
}
inline Bytes labels(uint8_t opcode, std::initializer_list<std::string_view> names) {
  std::vector<Bytes> items;
  for (std::string_view item : names) items.push_back(name(item));
  return cat({{opcode}, vec(items)});
}
inline Bytes flags(std::initializer_list<std::string_view> names) {
  return labels(0x6e, names);
}
inline Bytes enum_(std::initializer_list<std::string_view> names) {
  return labels(0x6d, names);
}
inline Bytes own(uint32_t type) {
  return cat({{0x69}, u32(type)});
}
inline Bytes borrow(uint32_t type) {
  return cat({{0x68}, u32(type)});
}
inline Bytes func(const std::vector<Bytes>& params, const Bytes& result = {}) {
  return cat({{0x40}, vec(params), result.empty() ? Bytes{0x01, 0x00} : cat({{0x00}, result})});
}
inline const Bytes resource = {0x3f, 0x7f, 0x00};

// Declarators and descriptions.
inline Bytes func_desc(uint32_t type) {
  return cat({{0x01}, u32(type)});
}
inline Bytes value_desc(const Bytes& type) {
  return cat({{0x02, 0x01}, type});
}
inline Bytes type_eq(uint32_t type) {
  return cat({{0x03, 0x00}, u32(type)});
}
inline const Bytes sub_resource = {0x03, 0x01};
inline Bytes instance_desc(uint32_t type) {
  return cat({{0x05}, u32(type)});
}
inline Bytes instance_type(const std::vector<Bytes>& decls) {
  return cat({{0x42}, vec(decls)});
}
inline Bytes type_decl(const Bytes& type) {
  return cat({{0x01}, type});
}
inline Bytes export_decl(std::string_view text, const Bytes& desc) {
  return cat({{0x04, 0x00}, name(text), desc});
}

// Canonical options.
inline Bytes memory_option(uint32_t memory) {
  return cat({{0x03}, u32(memory)});
}
inline Bytes realloc_option(uint32_t function) {
  return cat({{0x04}, u32(function)});
}
inline Bytes post_return_option(uint32_t function) {
  return cat({{0x05}, u32(function)});
}
inline const Bytes utf16_option = {0x01}, latin1_utf16_option = {0x02};

enum CoreSort : uint8_t { core_func, core_table, core_memory, core_global };
enum ComponentSort : uint8_t {
  func_sort = 0x01,
  value_sort = 0x02,
  type_sort = 0x03,
  component_sort = 0x04,
  instance_sort = 0x05
};

class ComponentBuilder {
 public:
  ComponentBuilder& section(uint8_t id, const Bytes& content) {
    out_.byte(id);
    out_.size(content.size());
    out_.bytes(content);
    return *this;
  }
  ComponentBuilder& item(uint8_t id, const Bytes& content) { return section(id, vec({content})); }

  ComponentBuilder& core_module(const Bytes& module) { return section(1, module); }
  ComponentBuilder& core_instantiate(
      uint32_t module, const std::vector<std::pair<std::string_view, uint32_t>>& args = {}) {
    std::vector<Bytes> items;
    for (const auto& [text, instance] : args)
      items.push_back(cat({name(text), {0x12}, u32(instance)}));
    return item(2, cat({{0x00}, u32(module), vec(items)}));
  }
  ComponentBuilder& core_exports(
      const std::vector<std::tuple<std::string_view, CoreSort, uint32_t>>& exports) {
    std::vector<Bytes> items;
    for (const auto& [text, sort, index] : exports)
      items.push_back(cat({name(text), {sort}, u32(index)}));
    return item(2, cat({{0x01}, vec(items)}));
  }
  ComponentBuilder& component(const Bytes& nested) { return section(4, nested); }
  ComponentBuilder& instantiate(
      uint32_t target,
      const std::vector<std::tuple<std::string_view, ComponentSort, uint32_t>>& args = {}) {
    std::vector<Bytes> items;
    for (const auto& [text, sort, index] : args)
      items.push_back(cat({name(text), {sort}, u32(index)}));
    return item(5, cat({{0x00}, u32(target), vec(items)}));
  }
  ComponentBuilder& alias_core(CoreSort sort, uint32_t instance, std::string_view text) {
    return item(6, cat({{0x00, sort, 0x01}, u32(instance), name(text)}));
  }
  ComponentBuilder& alias_export(ComponentSort sort, uint32_t instance, std::string_view text) {
    return item(6, cat({{sort, 0x00}, u32(instance), name(text)}));
  }
  ComponentBuilder& alias_outer(ComponentSort sort, uint32_t count, uint32_t index) {
    return item(6, cat({{sort, 0x02}, u32(count), u32(index)}));
  }
  ComponentBuilder& type(const Bytes& definition) { return item(7, definition); }
  ComponentBuilder& lift(uint32_t core, uint32_t func_type,
                         const std::vector<Bytes>& options = {}) {
    return item(8, cat({{0x00, 0x00}, u32(core), vec(options), u32(func_type)}));
  }
  ComponentBuilder& lower(uint32_t function, const std::vector<Bytes>& options = {}) {
    return item(8, cat({{0x01, 0x00}, u32(function), vec(options)}));
  }
  ComponentBuilder& resource_new(uint32_t of) { return item(8, cat({{0x02}, u32(of)})); }
  ComponentBuilder& resource_drop(uint32_t of) { return item(8, cat({{0x03}, u32(of)})); }
  ComponentBuilder& resource_rep(uint32_t of) { return item(8, cat({{0x04}, u32(of)})); }
  ComponentBuilder& start(uint32_t function, const std::vector<uint32_t>& args, uint32_t results) {
    std::vector<Bytes> items;
    for (uint32_t value : args) items.push_back(u32(value));
    return section(9, cat({u32(function), vec(items), u32(results)}));
  }
  ComponentBuilder& import(std::string_view text, const Bytes& desc) {
    return item(10, cat({{0x00}, name(text), desc}));
  }
  ComponentBuilder& export_(std::string_view text, ComponentSort sort, uint32_t index,
                            const Bytes& ascribed = {}) {
    Bytes type_part = ascribed.empty() ? Bytes{0x00} : cat({{0x01}, ascribed});
    return item(11, cat({{0x00}, name(text), {sort}, u32(index), type_part}));
  }

  Bytes finish() const {
    Bytes bytes = {0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00};
    bytes.insert(bytes.end(), out_.view().begin(), out_.view().end());
    return bytes;
  }

 private:
  wasm::ByteWriter out_;
};

// A core module that exports a memory "mem", "realloc", and functions of the types given as "f0",
// "f1", ...; the bodies trap.
inline Bytes guest_module(const std::vector<wasm::FuncType>& functions) {
  wasm::ModuleBuilder module;
  constexpr auto i32 = wasm::ValType::i32;
  wasm::FuncIndex realloc = module.function(module.type({i32, i32, i32, i32}, {i32}));
  module.body(realloc).unreachable();
  module.export_("realloc", realloc);
  for (size_t i = 0; i < functions.size(); i++) {
    wasm::FuncIndex index = module.function(module.type(functions[i]));
    module.body(index).unreachable();
    module.export_("f" + std::to_string(i), index);
  }
  module.export_("mem", module.memory({{1, 0, false, false}}));
  return module.finish();
}

}  // namespace tenon::component::testing
