#include <algorithm>

#include "component/text/component_parser.h"
#include "wasm/binary/codes.h"
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
  alias_outer_types({name});
  // It may refer to itself.
  uint32_t index = add_core_type(name);
  wasm::text::Context context = core_context();
  wasm::SubType type = wasm::text::parse_sub_type(context, index);
  in_.expect_close();
  if (!in_.ok()) return;
  wasm::write_sub_type(out, type);
  bool needs_prefix =
      scope().kind != Scope::Kind::module_type && out.view()[0] == type_opcode::core_module;
  ByteWriter prefixed;
  if (needs_prefix) prefixed.byte(type_opcode::core_sub_prefix);
  prefixed.bytes(out.view());
  write(Section::core_type, prefixed, source);
  wasm::text::define_type(core_parts(), index, std::move(type));
}

// wasm: text-rectype, behind `(core rec` or, in the type of a core module, `(rec`. All types of the
// group have their names before the first is read.
void ComponentParser::core_rec(size_t source) {
  size_t begin = in_.offset();
  std::vector<DefName> names;
  while (in_.take_open("type")) {
    names.push_back(def_name());
    in_.skip_form();
  }
  in_.move_to(begin);
  alias_outer_types(names);
  uint32_t first = scope().space(Sort::core_type).size;
  for (const DefName& name : names) add_core_type(name);
  ByteWriter out;
  out.byte(wasm::type_code::rec);
  out.size(names.size());
  wasm::text::Context context = core_context();
  for (uint32_t index = first; in_.take_open("type"); ++index) {
    def_name();
    wasm::SubType type = wasm::text::parse_sub_type(context, index);
    in_.expect_close();
    if (!in_.ok()) return;
    wasm::write_sub_type(out, type);
    core_parts().types[index] = std::move(type);
  }
  in_.expect_close();
  if (in_.ok()) write(Section::core_type, out, source);
}

// A type of an enclosing component or type gets its alias before what names it is read: here for
// the form at hand, up to its `)`. Those in `own` are about to be defined.
void ComponentParser::alias_outer_types(const std::vector<DefName>& own) {
  auto is_own = [&](std::string_view id) {
    return std::ranges::any_of(
        own, [&](const DefName& name) { return name.token.is(Token::Kind::id) && name.id == id; });
  };
  Cursor ahead = look_ahead();
  uint32_t depth = 0;
  bool names_types = false;
  while (ahead.ok() && !ahead.at_end() && !(depth == 0 && ahead.at_close())) {
    while (ahead.take_annotation()) {
    }
    Token token = ahead.take();
    if (token.is(Token::Kind::open)) ++depth;
    if (token.is(Token::Kind::close)) --depth;
    if (!token.is(Token::Kind::id)) {
      // `type` names one in a use, but not where it is defined.
      bool is_use = token.is_keyword("type") && ahead.at(Token::Kind::id) &&
                    ahead.peek_second().is(Token::Kind::close);
      names_types = is_use || token.is_keyword("ref") || token.is_keyword("sub") ||
                    (names_types && (token.is_keyword("null") || token.is_keyword("final")));
      continue;
    }
    if (!names_types || is_own(id_text(token))) continue;
    resolve(Sort::core_type, token);
    if (!in_.ok()) return;
  }
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
  if (in_.take_keyword("rec")) return core_rec(source);
  if (in_.take_keyword("alias")) return module_type_alias(source);
  bool is_import = in_.take_keyword("import");
  if (!is_import && !in_.take_keyword("export"))
    return unexpected("`type`, `rec`, `alias`, `import` or `export`");
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
  alias_outer_types();
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
