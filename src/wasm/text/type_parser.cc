#include "wasm/text/type_parser.h"

#include <fmt/format.h>

#include <bit>

#include "base/limits.h"
#include "wasm/binary/encode_types.h"
#include "wasm/text/keywords.h"

namespace tenon::wasm::text {

namespace {

struct ValWord {
  std::string_view word;
  ValType::Kind type;
};
constexpr ValWord val_words[] = {{"i32", ValType::i32},
                                 {"i64", ValType::i64},
                                 {"f32", ValType::f32},
                                 {"f64", ValType::f64},
                                 {"v128", ValType::v128}};

// The type that a keyword stands for.
std::optional<ValType> type_of_word(const Token& token) {
  if (token.kind != Token::Kind::keyword) return std::nullopt;
  for (const ValWord& known : val_words) {
    if (known.word == token.text) return ValType(known.type);
  }
  for (const HeapWord& known : heap_words) {
    if (known.reference == token.text) return ValType::reference(known.type, true);
  }
  return std::nullopt;
}

// An index of a type within what a HeapType can hold. Larger ones cannot be defined anyway.
TypeIndex bounded_type_index(Context& context) {
  Token token = context.in.peek();
  uint32_t index = context.index(Space::type);
  if (index >= limits::max_types) {
    context.in.fail_at(token, fmt::format("unknown type {}", index));
    return TypeIndex(0u);
  }
  return TypeIndex(index);
}

// wasm: text-storagetype
FieldType parse_storage_type(Context& context) {
  FieldType field;
  field.type = ValType::i32;
  if (context.in.take_keyword("i8")) {
    field.packing = FieldType::Packing::i8;
  } else if (context.in.take_keyword("i16")) {
    field.packing = FieldType::Packing::i16;
  } else {
    field.type = parse_val_type(context);
  }
  return field;
}

// wasm: text-fieldtype
FieldType parse_field_type(Context& context) {
  if (!context.in.take_open("mut")) return parse_storage_type(context);
  FieldType field = parse_storage_type(context);
  field.is_mutable = true;
  context.in.expect_close();
  return field;
}

// wasm: text-field. `(field ...)*`, each with one named field or any number without names.
void parse_fields(Context& context, uint32_t type, std::vector<FieldType>& fields) {
  Cursor& in = context.in;
  IndirectNames names{type, {}};
  while (in.take_open("field")) {
    auto index = static_cast<uint32_t>(fields.size());
    bool is_single = false;
    if (in.at(Token::Kind::id)) {
      is_single = true;
      Token id = in.peek();
      if (!context.parts.fields[type].add(context.kept_name(id), index))
        return in.fail_at(id, "duplicate field " + std::string(id.text));
    }
    if (auto name = context.optional_name()) {
      is_single = true;
      names.names.push_back({index, *name});
    }
    if (is_single) fields.push_back(parse_field_type(context));
    while (!is_single && !in.at_close() && in.ok()) fields.push_back(parse_field_type(context));
    in.expect_close();
  }
  if (!names.names.empty()) context.parts.field_names.push_back(std::move(names));
}

// wasm: text-comptype
void parse_composite(Context& context, uint32_t index, SubType& type) {
  Cursor& in = context.in;
  if (in.take_open("func")) {
    ParamNames params;
    type.func = parse_signature(context, &params);
    if (!params.names.empty())
      context.parts.param_names.push_back({index, std::move(params.names)});
  } else if (in.take_open("struct")) {
    type.kind = SubType::Kind::struct_;
    parse_fields(context, index, type.fields);
  } else if (in.take_open("array")) {
    type.kind = SubType::Kind::array;
    type.fields.push_back(parse_field_type(context));
  } else {
    return in.unexpected("`(func`, `(struct` or `(array`");
  }
  in.expect_close();
}

// wasm: text-typedef. `(type` has been taken.
void parse_type_definition(Context& context) {
  auto index = static_cast<uint32_t>(context.parts.types.size());
  context.definition_name(Space::type, index);
  // Only when the type is whole: it may refer to itself.
  SubType type = parse_sub_type(context, index);
  context.parts.types.push_back(std::move(type));
  context.in.expect_close();
}

std::string_view key_bytes(const ByteWriter& key) {
  return {reinterpret_cast<const char*>(key.view().data()), key.written()};
}

// wasm: text-typeuse-abbrev. Makes a type known to the uses that do not name one.
void note_func_type(ModuleParts& parts, uint32_t index) {
  const SubType& type = parts.types[index];
  if (type.kind != SubType::Kind::func || !type.is_final || !type.supertypes.empty()) return;
  ByteWriter key;
  write_func_type(key, type.func);
  if (parts.func_types.find(key_bytes(key)) != nullptr) return;
  parts.func_types.add(parts.intern(std::string(key_bytes(key))), index);
}

}  // namespace

// wasm: text-subtype
SubType parse_sub_type(Context& context, uint32_t index) {
  Cursor& in = context.in;
  SubType type;
  if (!in.take_open("sub")) {
    parse_composite(context, index, type);
    return type;
  }
  type.is_final = in.take_keyword("final");
  while (in.peek().is_index()) type.supertypes.push_back(bounded_type_index(context));
  parse_composite(context, index, type);
  in.expect_close();
  return type;
}

void define_type(ModuleParts& parts, uint32_t index, SubType type) {
  parts.types[index] = std::move(type);
  note_func_type(parts, index);
}

bool at_val_type(Cursor& in) {
  return type_of_word(in.peek()).has_value() || in.at_open("ref");
}

HeapType parse_heap_type(Context& context) {
  const Token& token = context.in.peek();
  if (token.is_index()) return HeapType(bounded_type_index(context));
  for (const HeapWord& known : heap_words) {
    if (!token.is_keyword(known.word)) continue;
    context.in.take();
    return known.type;
  }
  context.in.unexpected("a heap type");
  return HeapType::func;
}

ValType parse_val_type(Context& context) {
  Cursor& in = context.in;
  if (auto type = type_of_word(in.peek())) {
    in.take();
    return *type;
  }
  if (in.take_open("ref")) {
    bool nullable = in.take_keyword("null");
    ValType type = ValType::reference(parse_heap_type(context), nullable);
    in.expect_close();
    return type;
  }
  in.unexpected("a type");
  return ValType::i32;
}

ValType parse_ref_type(Context& context) {
  Token token = context.in.peek();
  auto word = type_of_word(token);
  if (word && !word->is_ref()) {
    context.in.unexpected("a reference type");
    return ValType::funcref();
  }
  return parse_val_type(context);
}

// wasm: text-globaltype
GlobalType parse_global_type(Context& context) {
  GlobalType type;
  type.is_mutable = context.in.take_open("mut");
  type.type = parse_val_type(context);
  if (type.is_mutable) context.in.expect_close();
  return type;
}

bool parse_address_type(Cursor& in) {
  if (in.take_keyword("i64")) return true;
  in.take_keyword("i32");
  return false;
}

Limits parse_limits(Context& context) {
  Cursor& in = context.in;
  Limits limits;
  limits.is_64 = parse_address_type(in);
  limits.min = in.u64();
  limits.has_max = in.at(Token::Kind::number);
  if (limits.has_max) limits.max = in.u64();
  return limits;
}

std::optional<uint8_t> parse_page_size(Cursor& in) {
  if (!in.take_open("pagesize")) return std::nullopt;
  Token token = in.peek();
  uint64_t size = in.u64();
  if (in.ok() && !std::has_single_bit(size)) in.fail_at(token, "invalid custom page size");
  in.expect_close();
  return static_cast<uint8_t>(std::countr_zero(size));
}

// wasm: text-memtype
MemoryText parse_memory_type(Context& context) {
  MemoryText memory;
  memory.limits = parse_limits(context);
  memory.is_shared = context.in.take_keyword("shared");
  memory.page_size_log2 = parse_page_size(context.in);
  return memory;
}

void parse_type_field(Context& context) {
  ModuleParts& parts = context.parts;
  context.in.take_open("type");
  parts.groups.push_back({TypeIndex(parts.types.size()), 1, false});
  parse_type_definition(context);
  if (context.in.ok()) note_func_type(parts, static_cast<uint32_t>(parts.types.size() - 1));
}

// wasm: text-rectype
void parse_rec_field(Context& context) {
  ModuleParts& parts = context.parts;
  context.in.take_open("rec");
  TypeGroup group{TypeIndex(parts.types.size()), 0, true};
  while (context.in.take_open("type")) {
    parse_type_definition(context);
    ++group.size;
  }
  context.in.expect_close();
  parts.groups.push_back(group);
  if (context.in.ok() && group.size == 1) note_func_type(parts, group.first.index);
}

std::vector<ValType> parse_results(Context& context) {
  std::vector<ValType> types;
  while (context.in.take_open("result")) {
    while (!context.in.at_close() && context.in.ok()) types.push_back(parse_val_type(context));
    context.in.expect_close();
  }
  return types;
}

FuncType parse_signature(Context& context, ParamNames* names) {
  Cursor& in = context.in;
  FuncType type;
  while (in.take_open("param")) {
    auto index = static_cast<uint32_t>(type.params.size());
    bool is_single = false;
    if (names != nullptr) {
      if (Token id = in.peek(); id.is(Token::Kind::id))
        names->ids.push_back({index, context.kept_name(id), id});
      if (auto name = context.optional_name()) {
        is_single = true;
        names->names.push_back({index, *name});
      }
    }
    if (is_single) type.params.push_back(parse_val_type(context));
    while (!is_single && !in.at_close() && in.ok()) type.params.push_back(parse_val_type(context));
    in.expect_close();
  }
  type.results = parse_results(context);
  return type;
}

TypeUse parse_type_use_text(Context& context, ParamNames* names) {
  Cursor& in = context.in;
  TypeUse use;
  Token type_token = in.peek();
  use.has_index = in.take_open("type");
  if (use.has_index) {
    type_token = in.peek();
    use.type = TypeIndex(context.index(Space::type));
    in.expect_close();
  }
  size_t before = in.offset_of(in.peek());
  use.signature = parse_signature(context, names);
  use.has_signature = in.offset_of(in.peek()) != before;
  if (!use.has_index || !use.has_signature || !in.ok()) return use;
  if (use.type.index >= context.parts.types.size()) {
    in.fail_at(type_token, fmt::format("unknown type {}", use.type.index));
  } else if (const SubType& type = context.parts.types[use.type.index];
             type.kind != SubType::Kind::func || type.func != use.signature) {
    // `(param` behind `(result` is what is wrong, not the type that is read without it.
    if (in.at_open("param")) in.unexpected("parameters before results");
    in.fail_at(type_token, "inline function type differs from the type that it names");
  }
  return use;
}

TypeIndex implied_type(Context& context, const FuncType& type) {
  ModuleParts& parts = context.parts;
  ByteWriter key;
  write_func_type(key, type);
  if (uint32_t* known = parts.func_types.find(key_bytes(key))) return TypeIndex(*known);
  TypeIndex index(parts.types.size());
  SubType made;
  made.func = type;
  parts.types.push_back(std::move(made));
  parts.groups.push_back({index, 1, false});
  note_func_type(parts, index.index);
  return index;
}

TypeUse parse_type_use(Context& context, ParamNames* names) {
  TypeUse use = parse_type_use_text(context, names);
  if (!use.has_index && context.in.ok()) use.type = implied_type(context, use.signature);
  return use;
}

void parse_block_type(Context& context, ByteWriter& out) {
  constexpr uint8_t empty_byte = 0x40;
  TypeUse use = parse_type_use_text(context, nullptr);
  if (!context.in.ok()) return;
  if (!use.has_index && use.signature.params.empty() && use.signature.results.size() < 2) {
    if (use.signature.results.empty()) return out.byte(empty_byte);
    return write_val_type(out, use.signature.results[0]);
  }
  if (!use.has_index) use.type = implied_type(context, use.signature);
  out.s64(use.type.index);
}

}  // namespace tenon::wasm::text
