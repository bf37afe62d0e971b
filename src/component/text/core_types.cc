#include <fmt/format.h>

#include "base/limits.h"
#include "component/text/component_parser.h"
#include "wasm/binary/encode_types.h"
#include "wasm/text/section_names.h"
#include "wasm/text/type_parser.h"

// Core types: those of functions, arrays and structs, and of core modules.
namespace tenon::component::text {

using wasm::text::Space;

// The core types of this scope as the parser of core types knows them.
wasm::text::ModuleParts& ComponentParser::core_parts() {
  auto& parts = scope().core_types;
  if (!parts) parts = std::make_unique<wasm::text::ModuleParts>();
  return *parts;
}

// Gives a core type its index and name, here and for core types that refer to it. Types that are
// none of core WebAssembly, and such from outside, are known by place alone.
uint32_t ComponentParser::add_core_type(const DefName& name) {
  uint32_t index = add(Sort::core_type, name);
  wasm::text::ModuleParts& parts = core_parts();
  if (name.token.is(Token::Kind::id)) parts.space(Space::type).ids.add(name.id, index);
  while (parts.types.size() <= index) {
    wasm::SubType unknown;
    unknown.kind = wasm::SubType::Kind::struct_;
    parts.types.push_back(unknown);
  }
  return index;
}

uint32_t ComponentParser::define_core_type(const ByteWriter& type, size_t source,
                                           const DefName& name) {
  write(Section::core_type, type, source);
  return add_core_type(name);
}

// component: Explainer.md#type-definitions (core:type), behind `(core type` or, in the type of a
// core module, `(type`.
void ComponentParser::core_type(size_t source) {
  DefName name = def_name();
  ByteWriter out;
  if (scope().kind != Scope::Kind::module_type && in_.take_open("module")) {
    module_type(out);
    in_.expect_close();
    in_.expect_close();
    if (in_.ok()) define_core_type(out, source, name);
    return;
  }
  constexpr uint8_t sub_opcode = 0x50;
  constexpr uint8_t sub_prefix = 0x00;
  wasm::text::Context context = core_context();
  auto index = static_cast<uint32_t>(core_parts().types.size());
  wasm::SubType type = wasm::text::parse_sub_type(context, index);
  in_.expect_close();
  if (!in_.ok()) return;
  wasm::write_sub_type(out, type);
  if (scope().kind != Scope::Kind::module_type && out.view()[0] == sub_opcode) {
    ByteWriter prefixed;
    prefixed.byte(sub_prefix);
    prefixed.bytes(out.view());
    out = std::move(prefixed);
  }
  write(Section::core_type, out, source);
  wasm::text::add_type(core_parts(), std::move(type));
  add_core_type(name);
}

// component: Explainer.md#type-definitions (core:moduletype), up to the `)`.
void ComponentParser::module_type(ByteWriter& out) {
  open_scope(Scope::Kind::module_type);
  while (in_.ok() && in_.at(Token::Kind::open)) module_declarator();
  auto done = close_scope();
  out.byte(type_opcode::core_module);
  out.u32(done->declarator_count);
  out.bytes(done->declarators.view());
}

void ComponentParser::module_declarator() {
  size_t source = here();
  in_.take();
  if (in_.take_keyword("type")) return core_type(source);
  if (in_.take_keyword("alias")) return module_type_alias(source);
  bool is_import = in_.take_keyword("import");
  if (!is_import && !in_.take_keyword("export"))
    return unexpected("`type`, `alias`, `import` or `export`");
  ByteWriter out;
  out.name(in_.name());
  if (is_import) out.name(in_.name());
  in_.expect_open();
  core_extern_type(out);
  in_.expect_close();
  in_.expect_close();
  if (in_.ok()) write(is_import ? Section::import : Section::export_, out, source);
}

// `outer` is all there is.
void ComponentParser::module_type_alias(size_t source) {
  in_.expect_keyword("outer");
  outer_alias_definition(source, true);
}

// wasm: text-externtype, behind the `(`.
void ComponentParser::core_extern_type(ByteWriter& out) {
  Token word = in_.take();
  if (in_.at(Token::Kind::id)) in_.take();
  wasm::text::Context context = core_context();
  if (word.is_keyword("func")) {
    uint32_t type = core_type_use();
    out.byte(wasm::text::func_kind);
    out.u32(type);
  } else if (word.is_keyword("table")) {
    out.byte(wasm::text::table_kind);
    wasm::Limits limits = wasm::text::parse_limits(context);
    wasm::write_val_type(out, wasm::text::parse_ref_type(context));
    wasm::text::write_limits(out, limits);
  } else if (word.is_keyword("memory")) {
    wasm::text::MemoryText memory = wasm::text::parse_memory_type(context);
    out.byte(wasm::text::memory_kind);
    wasm::text::write_limits(out, memory.limits, memory.is_shared, memory.page_size_log2);
  } else if (word.is_keyword("global")) {
    out.byte(wasm::text::global_kind);
    wasm::write_global_type(out, wasm::text::parse_global_type(context));
  } else if (word.is_keyword("tag")) {
    constexpr uint8_t exception = 0;
    uint32_t type = core_type_use();
    out.byte(wasm::text::tag_kind);
    out.byte(exception);
    out.u32(type);
  } else {
    in_.fail_at(word, "unexpected token " + describe(word) +
                          ", expected `func`, `table`, `memory`, `global` or `tag`");
  }
}

// wasm: text-typeuse. A type that it implies is defined first.
uint32_t ComponentParser::core_type_use() {
  size_t source = here();
  if (in_.at_open("type")) {
    // An outer type gets its alias before the use is read.
    size_t before = in_.offset();
    in_.take();
    in_.take();
    if (in_.at(Token::Kind::id)) resolve(Sort::core_type, in_.take());
    in_.move_to(before);
  }
  wasm::text::Context context = core_context();
  wasm::text::ParamNames params;
  wasm::text::TypeUse use = wasm::text::parse_type_use_text(context, &params);
  if (use.has_index || !in_.ok()) return use.type.index;
  size_t known = core_parts().types.size();
  uint32_t type = wasm::text::implied_type(context, use.signature).index;
  if (core_parts().types.size() == known) return type;
  ByteWriter out;
  wasm::write_func_type(out, use.signature);
  return define_core_type(out, source);
}

// `(type idx)`, or the declarators of the type of a core module.
uint32_t ComponentParser::module_type_use() {
  size_t source = here();
  if (at_type_reference()) {
    in_.take_open("type");
    return core_reference_in_parens(Sort::core_type);
  }
  ByteWriter type;
  module_type(type);
  return in_.ok() ? define_core_type(type, source) : 0;
}

}  // namespace tenon::component::text
