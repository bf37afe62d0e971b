#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/limits.h"
#include "component/text/component_parser.h"
#include "wasm/binary/encode_types.h"
#include "wasm/text/type_parser.h"

// Types of values, functions, resources, instances and components.
namespace tenon::component::text {

namespace {

constexpr uint8_t absent = 0x00;
constexpr uint8_t present = 0x01;

}  // namespace

// component: Explainer.md#type-definitions
void ComponentParser::type(size_t source) {
  DefName name = def_name();
  std::vector<ByteWriter> exports;
  if (scope().kind == Scope::Kind::component) exports = inline_exports();
  ByteWriter out;
  type_id_ = name.id;
  type_definition(out);
  in_.expect_close();
  if (!in_.ok()) return;
  uint32_t made = define(Sort::type, Section::type, out, source, name);
  know_type(made, out);
  add_exports(std::move(exports), Sort::type, made, source);
}

void ComponentParser::type_definition(ByteWriter& out) {
  std::string_view id = std::exchange(type_id_, {});
  if (!in_.at(Token::Kind::open)) {
    if (auto opcode = take_primitive()) {
      out.byte(*opcode);
    } else {
      unexpected("a type");
    }
    return;
  }
  in_.take();
  if (in_.take_keyword("func")) {
    func_type(out);
  } else if (in_.take_keyword("component")) {
    declarators(out, Scope::Kind::component_type, id);
  } else if (in_.take_keyword("instance")) {
    declarators(out, Scope::Kind::instance_type, id);
  } else if (in_.take_keyword("resource")) {
    resource_type(out);
  } else {
    value_type(out);
  }
  in_.expect_close();
}

std::optional<uint8_t> ComponentParser::take_primitive() {
  const Token& token = in_.peek();
  if (!token.is(Token::Kind::keyword)) return std::nullopt;
  for (size_t i = 0; i < primitive_opcodes.size(); i++) {
    if (in_.take_keyword(name_of(static_cast<Primitive>(i)))) return primitive_opcodes[i];
  }
  // What texts had before.
  if (in_.take_keyword("float32")) return primitive_opcodes[static_cast<size_t>(Primitive::f32)];
  if (in_.take_keyword("float64")) return primitive_opcodes[static_cast<size_t>(Primitive::f64)];
  return std::nullopt;
}

namespace {

using Kind = wasm::text::Token::Kind;

struct ValueWord {
  std::string_view word;
  uint8_t opcode;
};
constexpr ValueWord value_words[] = {
    {"record", type_opcode::record}, {"variant", type_opcode::variant},
    {"list", type_opcode::list},     {"tuple", type_opcode::tuple},
    {"flags", type_opcode::flags},   {"enum", type_opcode::enum_},
    {"option", type_opcode::option}, {"result", type_opcode::result},
    {"own", type_opcode::own},       {"borrow", type_opcode::borrow},
    {"stream", type_opcode::stream}, {"future", type_opcode::future},
    {"map", type_opcode::map},
};

const ValueWord* find_value_word(const Token& token) {
  if (!token.is(Kind::keyword)) return nullptr;
  auto found = std::ranges::find(value_words, token.text, &ValueWord::word);
  return found == std::end(value_words) ? nullptr : &*found;
}

}  // namespace

// component: Explainer.md#type-definitions (defvaltype), behind the `(`.
void ComponentParser::value_type(ByteWriter& out) {
  if (too_deep(type_depth_, limits::max_type_depth, "types")) return;
  const ValueWord* known = find_value_word(in_.peek());
  if (known == nullptr) return unexpected("a type");
  in_.take();
  ++type_depth_;
  switch (known->opcode) {
    case type_opcode::record:
      out.byte(known->opcode);
      labeled_types(out, "field");
      break;
    case type_opcode::variant:
      out.byte(known->opcode);
      cases(out);
      break;
    case type_opcode::list: list_type(out); break;
    case type_opcode::tuple: {
      ByteWriter types;
      uint32_t count = 0;
      for (; in_.ok() && !in_.at_close(); ++count) val_type(types);
      out.byte(known->opcode);
      out.u32(count);
      out.bytes(types.view());
      break;
    }
    case type_opcode::flags:
    case type_opcode::enum_:
      out.byte(known->opcode);
      labels(out);
      break;
    case type_opcode::option:
      out.byte(known->opcode);
      val_type(out);
      break;
    case type_opcode::result:
      out.byte(known->opcode);
      result_type(out);
      break;
    case type_opcode::own:
    case type_opcode::borrow:
      out.byte(known->opcode);
      out.u32(index_or_reference(Sort::type));
      break;
    case type_opcode::stream:
    case type_opcode::future:
      out.byte(known->opcode);
      optional_val_type(out);
      break;
    case type_opcode::map:
      out.byte(known->opcode);
      val_type(out);
      val_type(out);
      break;
    default: CHECK(false);
  }
  --type_depth_;
}

void ComponentParser::list_type(ByteWriter& out) {
  ByteWriter element;
  val_type(element);
  bool has_length = in_.at(Token::Kind::number);
  out.byte(has_length ? type_opcode::fixed_list : type_opcode::list);
  out.bytes(element.view());
  if (has_length) out.u32(in_.u32());
}

// `(WORD "label" valtype)*`
void ComponentParser::labeled_types(ByteWriter& out, std::string_view word) {
  ByteWriter items;
  uint32_t count = 0;
  for (; in_.take_open(word); ++count) {
    items.name(in_.name());
    val_type(items);
    in_.expect_close();
  }
  out.u32(count);
  out.bytes(items.view());
}

// component: Explainer.md#type-definitions (case)
void ComponentParser::cases(ByteWriter& out) {
  constexpr uint8_t end_of_case = 0x00;
  ByteWriter items;
  uint32_t count = 0;
  std::unordered_set<std::string_view> ids;
  for (; in_.take_open("case"); ++count) {
    if (in_.at(Token::Kind::id)) {
      Token id = in_.take();
      if (!ids.insert(id.text).second) in_.fail_at(id, "duplicate variant case identifier");
    }
    items.name(in_.name());
    optional_val_type(items);
    items.byte(end_of_case);
    in_.expect_close();
  }
  out.u32(count);
  out.bytes(items.view());
}

void ComponentParser::labels(ByteWriter& out) {
  ByteWriter items;
  uint32_t count = 0;
  for (; in_.at(Token::Kind::string); ++count) items.name(in_.name());
  out.u32(count);
  out.bytes(items.view());
}

void ComponentParser::result_type(ByteWriter& out) {
  if (in_.at_open("error")) {
    out.byte(absent);
  } else {
    optional_val_type(out);
  }
  if (!in_.take_open("error")) return out.byte(absent);
  out.byte(present);
  val_type(out);
  in_.expect_close();
}

void ComponentParser::optional_val_type(ByteWriter& out) {
  if (in_.at_close()) return out.byte(absent);
  out.byte(present);
  val_type(out);
}

// component: Explainer.md#type-definitions (valtype). One that is written here becomes a definition
// in front of the one that it stands in.
void ComponentParser::val_type(ByteWriter& out) {
  if (in_.peek().is_index()) return out.s64(index(Sort::type));
  if (auto opcode = take_primitive()) return out.byte(*opcode);
  if (in_.take_open("type")) return out.s64(reference(Sort::type).index);
  size_t source = here();
  if (!in_.at(Token::Kind::open)) return unexpected("a type of values");
  in_.take();
  ByteWriter type;
  value_type(type);
  in_.expect_close();
  if (!in_.ok()) return;
  uint32_t made = define(Sort::type, Section::type, type, source);
  know_type(made, type);
  out.s64(made);
}

// component: Explainer.md#type-definitions (functype), behind `func`.
void ComponentParser::func_type(ByteWriter& out) {
  out.byte(in_.take_keyword("async") ? type_opcode::async_func : type_opcode::func);
  labeled_types(out, "param");
  result_list(out);
}

// component: Binary.md#type-definitions (resultlist)
void ComponentParser::result_list(ByteWriter& out) {
  constexpr uint8_t one = 0x00;
  constexpr uint8_t named = 0x01;
  if (!in_.take_open("result")) {
    out.byte(named);
    return out.u32(0);
  }
  out.byte(one);
  val_type(out);
  in_.expect_close();
}

// component: Explainer.md#type-definitions (resourcetype), behind `resource`.
void ComponentParser::resource_type(ByteWriter& out) {
  out.byte(type_opcode::resource);
  if (!in_.take_open("rep")) return unexpected("`(rep`");
  wasm::text::Context context = core_context();
  wasm::write_val_type(out, wasm::text::parse_val_type(context));
  in_.expect_close();
  if (!in_.take_open("dtor")) return out.byte(absent);
  out.byte(present);
  out.u32(core_option(Sort::core_func));
}

// component: Explainer.md#type-definitions (componentdecl, instancedecl), up to the `)`.
void ComponentParser::declarators(ByteWriter& out, Scope::Kind kind, std::string_view id) {
  if (too_deep(type_depth_, limits::max_type_depth, "types")) return;
  ++type_depth_;
  open_scope(kind);
  scope().id = id;
  while (in_.ok() && in_.at(Token::Kind::open)) declarator();
  auto done = close_scope();
  --type_depth_;
  out.byte(kind == Scope::Kind::component_type ? type_opcode::component : type_opcode::instance);
  out.u32(done->declarator_count);
  out.bytes(done->declarators.view());
}

void ComponentParser::declarator() {
  size_t source = here();
  in_.take();
  if (in_.take_keyword("core")) {
    if (in_.take_keyword("rec")) return core_rec(source);
    in_.expect_keyword("type");
    return core_type(source);
  }
  if (in_.take_keyword("type")) return type(source);
  if (in_.take_keyword("alias")) return alias(source);
  bool is_import = scope().kind == Scope::Kind::component_type && in_.at_keyword("import");
  if (!is_import && !in_.at_keyword("export")) return unexpected("the word of a declarator");
  in_.take();
  ByteWriter out;
  extern_name(out);
  in_.expect_open();
  ExternType type = extern_type(true);
  in_.expect_close();
  out.bytes(type.bytes.view());
  define(type.sort, is_import ? Section::import : Section::export_, out, source, type.name);
}

// component: Explainer.md#import-and-export-definitions (externtype), behind the `(`, with the `)`.
ComponentParser::ExternType ComponentParser::extern_type(bool may_have_id) {
  ExternType made;
  std::optional<Sort> sort;
  if (in_.take_keyword("core")) {
    in_.expect_keyword("module");
    sort = Sort::core_module;
  } else {
    sort = take_sort(false);
  }
  if (!sort) return made;
  made.sort = *sort;
  if (may_have_id) made.name = def_name();
  switch (*sort) {
    case Sort::type: made.bound = type_bound(made.bytes); break;
    case Sort::value: value_bound(made.bytes); break;
    default: {
      uint32_t used = *sort == Sort::core_module ? module_type_use() : type_use(*sort);
      extern_bytes(made.bytes, *sort);
      made.bytes.u32(used);
    }
  }
  in_.expect_close();
  return made;
}

// What precedes the type index. component: Binary.md#type-definitions (externtype)
void ComponentParser::extern_bytes(ByteWriter& out, Sort sort) {
  write_sort(out, sort);
}

// component: Binary.md#type-definitions (valuebound)
void ComponentParser::value_bound(ByteWriter& out) {
  constexpr uint8_t equal = 0x00;
  constexpr uint8_t of_type = 0x01;
  ByteWriter bound;
  if (in_.take_open("eq")) {
    bound.byte(equal);
    bound.u32(index_or_reference(Sort::value));
    in_.expect_close();
  } else {
    bound.byte(of_type);
    val_type(bound);
  }
  extern_bytes(out, Sort::value);
  out.bytes(bound.view());
}

// What the type is equal to, where that is a known type of values.
std::optional<ValType> ComponentParser::type_bound(ByteWriter& out) {
  constexpr uint8_t equal = 0x00;
  constexpr uint8_t sub_resource = 0x01;
  if (in_.take_open("eq")) {
    uint32_t bound = index_or_reference(Sort::type);
    extern_bytes(out, Sort::type);
    out.byte(equal);
    out.u32(bound);
    in_.expect_close();
    return known_types_.find(scope().value_types, bound);
  }
  if (!in_.take_open("sub")) {
    unexpected("`(eq` or `(sub resource)`");
    return std::nullopt;
  }
  in_.expect_keyword("resource");
  extern_bytes(out, Sort::type);
  out.byte(sub_resource);
  in_.expect_close();
  return std::nullopt;
}

// `(type idx)`, or what a type of this sort consists of. Up to the `)` of what it stands in.
uint32_t ComponentParser::type_use(Sort sort) {
  size_t source = here();
  bool is_reference = sort == Sort::func ? in_.at_open("type") : at_type_reference();
  if (is_reference) {
    in_.take_open("type");
    return reference(Sort::type).index;
  }
  ByteWriter type;
  switch (sort) {
    case Sort::func: func_type(type); break;
    case Sort::component: declarators(type, Scope::Kind::component_type, {}); break;
    default: declarators(type, Scope::Kind::instance_type, {});
  }
  return in_.ok() ? define(Sort::type, Section::type, type, source) : 0;
}

}  // namespace tenon::component::text
