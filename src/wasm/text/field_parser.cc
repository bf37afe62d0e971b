#include "wasm/text/field_parser.h"

#include <algorithm>
#include <array>

#include "wasm/binary/encode_types.h"
#include "wasm/text/annotations.h"
#include "wasm/text/section_names.h"

namespace tenon::wasm::text {

namespace {

constexpr uint8_t end_byte = 0x0b;

struct ExternWord {
  std::string_view word;
  uint8_t kind;
  Space space;
};
constexpr ExternWord extern_words[] = {{"func", func_kind, Space::func},
                                       {"table", table_kind, Space::table},
                                       {"memory", memory_kind, Space::memory},
                                       {"global", global_kind, Space::global},
                                       {"tag", tag_kind, Space::tag}};

void write_memory_type(ByteWriter& out, const MemoryText& memory) {
  write_limits(out, memory.limits, memory.is_shared, memory.page_size_log2);
}

}  // namespace

void FieldParser::run() {
  custom_annotations();
  while (in_.at(Token::Kind::open)) {
    marked_field();
    custom_annotations();
  }
  if (!in_.at_end()) return in_.unexpected("a field of a module in parentheses");
  in_.refuse_annotations();
}

void FieldParser::custom_annotations() {
  while (in_.ok()) {
    in_.peek();
    if (auto custom = in_.take_annotation(custom_annotation)) {
      parse_custom(in_, *custom, parts_);
    } else if (auto producers = in_.take_annotation(producers_annotation)) {
      parse_producers(in_, *producers, parts_);
    } else if (auto dylink = in_.take_annotation(dylink_annotation)) {
      parse_dylink(in_, *dylink, parts_);
    } else {
      return;
    }
  }
}

// The entries that a field makes are written where it is.
void FieldParser::marked_field() {
  if (!parts_.keeps_marks) return field();
  Entries* const sections[] = {&parts_.imports,  &parts_.functions, &parts_.tables,
                               &parts_.memories, &parts_.tags,      &parts_.globals,
                               &parts_.exports,  &parts_.elems,     &parts_.datas};
  size_t source = in_.offset();
  std::array<size_t, std::size(sections)> before;
  std::ranges::transform(sections, before.begin(),
                         [](const Entries* entries) { return entries->out.written(); });
  field();
  for (size_t i = 0; i < before.size(); ++i) {
    if (sections[i]->out.written() > before[i]) sections[i]->marks.push_back({before[i], source});
  }
}

void FieldParser::field() {
  in_.take();
  Token word = in_.take();
  if (word.text == "type" || word.text == "rec") return in_.skip_form();
  if (word.text == "import") return import();
  if (word.text == "func") return function();
  if (word.text == "table") return table();
  if (word.text == "memory") return memory();
  if (word.text == "global") return global();
  if (word.text == "tag") return tag();
  if (word.text == "export") return export_();
  if (word.text == "start") return start();
  if (word.text == "elem") return elem();
  if (word.text == "data") return data();
  in_.fail_at(word, "unknown operator " + std::string(word.text));
}

void FieldParser::add_export(std::string_view name, uint8_t kind, uint32_t index) {
  ++parts_.exports.count;
  parts_.exports.out.name(name);
  parts_.exports.out.byte(kind);
  parts_.exports.out.u32(index);
}

void FieldParser::exports(uint8_t kind, uint32_t index) {
  while (in_.take_open("export")) {
    std::string name = in_.name();
    in_.expect_close();
    add_export(name, kind, index);
  }
}

void FieldParser::start_import(uint8_t kind) {
  ++parts_.imports.count;
  std::string module = in_.name();
  std::string name = in_.name();
  parts_.imports.out.name(module);
  parts_.imports.out.name(name);
  parts_.imports.out.byte(kind);
}

bool FieldParser::inline_import(uint8_t kind) {
  if (!in_.take_open("import")) return false;
  start_import(kind);
  in_.expect_close();
  return true;
}

// wasm: text-import
void FieldParser::import() {
  Cursor& in = in_;
  std::string module = in.name();
  std::string name = in.name();
  in.expect_open();
  const ExternWord* known = std::ranges::find_if(
      extern_words, [&](const ExternWord& word) { return in.at_keyword(word.word); });
  if (known == std::end(extern_words)) return in.unexpected("what is imported");
  in.take();
  ByteWriter& out = parts_.imports.out;
  ++parts_.imports.count;
  out.name(module);
  out.name(name);
  out.byte(known->kind);
  uint32_t index = next(known->space);
  context_.definition_name(known->space, index);
  switch (known->kind) {
    case func_kind: {
      ParamNames params;
      out.u32(parse_type_use(context_, &params).type.index);
      if (!params.names.empty()) parts_.local_names.push_back({index, std::move(params.names)});
      break;
    }
    case table_kind: {
      Limits limits = parse_limits(context_);
      write_val_type(out, parse_ref_type(context_));
      write_limits(out, limits);
      break;
    }
    case memory_kind: write_memory_type(out, parse_memory_type(context_)); break;
    case global_kind: write_global_type(out, parse_global_type(context_)); break;
    default: tag_type(out);
  }
  in.expect_close();
  in.expect_close();
}

// wasm: text-func
void FieldParser::function() {
  uint32_t index = next(Space::func);
  context_.definition_name(Space::func, index);
  exports(func_kind, index);
  bool is_import = inline_import(func_kind);
  ParamNames params;
  TypeUse use = parse_type_use(context_, &params);
  if (is_import) {
    parts_.imports.out.u32(use.type.index);
    if (!params.names.empty()) parts_.local_names.push_back({index, std::move(params.names)});
    return in_.expect_close();
  }
  ++parts_.functions.count;
  parts_.functions.out.u32(use.type.index);
  parts_.function_types.push_back(use.type);
  function_body(index, use, std::move(params));
}

void FieldParser::function_body(uint32_t index, const TypeUse& use, ParamNames params) {
  expr_.begin_function();
  size_t param_count = use.signature.params.size();
  if (!use.has_signature && use.type.index < parts_.types.size())
    param_count = parts_.types[use.type.index].func.params.size();
  for (const ParamNames::Identifier& id : params.ids) {
    if (!expr_.locals().add(id.name, id.index))
      return in_.fail_at(id.token, "duplicate local " + std::string(id.token.text));
  }
  ByteWriter body;
  NameList names = std::move(params.names);
  declare_locals(body, static_cast<uint32_t>(param_count), names);
  expr_.instructions(body);
  size_t end = in_.offset();
  body.byte(end_byte);
  in_.expect_close();
  if (!in_.ok()) return;
  add_body(body, end);
  if (!names.empty()) parts_.local_names.push_back({index, std::move(names)});
  if (NameList labels = expr_.take_labels(); !labels.empty())
    parts_.label_names.push_back({index, std::move(labels)});
  if (auto hints = expr_.take_hints(); !hints.empty())
    parts_.hints.emplace_back(index, std::move(hints));
}

// `end` is where the text of the body ends.
void FieldParser::add_body(const ByteWriter& body, size_t end) {
  Entries& code = parts_.code;
  ++code.count;
  code.out.sized(body);
  if (!parts_.keeps_marks) return;
  uint64_t start = code.out.written() - body.written();
  for (const SourceMark& mark : expr_.take_marks())
    code.marks.push_back({start + mark.offset, mark.source});
  code.marks.push_back({code.out.written() - 1, end});
}

// wasm: text-local. Neighbours of equal type share an entry.
void FieldParser::declare_locals(ByteWriter& body, uint32_t params, NameList& names) {
  struct Run {
    ValType type;
    uint32_t count;
  };
  std::vector<Run> runs;
  uint32_t index = params;
  auto add = [&](ValType type) {
    ++index;
    if (runs.empty() || runs.back().type != type) runs.push_back({type, 0});
    ++runs.back().count;
  };
  while (in_.take_open("local")) {
    bool is_single = false;
    if (in_.at(Token::Kind::id)) {
      is_single = true;
      Token id = in_.peek();
      if (!expr_.locals().add(context_.kept_name(id), index))
        return in_.fail_at(id, "duplicate local " + std::string(id.text));
    }
    if (auto name = context_.optional_name()) {
      is_single = true;
      names.push_back({index, *name});
    }
    if (is_single) add(parse_val_type(context_));
    while (!is_single && !in_.at_close() && in_.ok()) add(parse_val_type(context_));
    in_.expect_close();
  }
  body.size(runs.size());
  for (const Run& run : runs) {
    body.u32(run.count);
    write_val_type(body, run.type);
  }
}

// wasm: text-table
void FieldParser::table() {
  uint32_t index = next(Space::table);
  context_.definition_name(Space::table, index);
  exports(table_kind, index);
  if (inline_import(table_kind)) {
    Limits limits = parse_limits(context_);
    write_val_type(parts_.imports.out, parse_ref_type(context_));
    write_limits(parts_.imports.out, limits);
  } else {
    table_rest(index);
  }
  in_.expect_close();
}

void FieldParser::table_rest(uint32_t index) {
  constexpr uint8_t with_init = 0x40;
  ByteWriter& out = parts_.tables.out;
  ++parts_.tables.count;
  Token start = in_.peek();
  bool has_limits =
      start.kind == Token::Kind::number ||
      (start.kind == Token::Kind::keyword && in_.peek_second().kind == Token::Kind::number);
  if (has_limits) {
    Limits limits = parse_limits(context_);
    ValType type = parse_ref_type(context_);
    bool has_init = !in_.at_close();
    if (has_init) {
      out.byte(with_init);
      out.byte(0);
    }
    write_val_type(out, type);
    write_limits(out, limits);
    if (has_init) expression(out);
    return;
  }
  // The elements follow, and say how many there are.
  Limits limits;
  limits.is_64 = parse_address_type(in_);
  ValType type = parse_ref_type(context_);
  if (!in_.take_open("elem")) return in_.unexpected("`(elem`");
  next(Space::elem);
  ElemList list;
  list.type = type;
  // Function indices do for a table of `funcref`; others need the type that expressions have.
  list.are_functions = !in_.at(Token::Kind::open) && type == ValType::funcref();
  elem_items(list);
  in_.expect_close();
  limits.min = limits.max = list.count;
  limits.has_max = true;
  write_val_type(out, type);
  write_limits(out, limits);
  ByteWriter place;
  place.u32(index);
  zero_offset(place, limits.is_64);
  write_elem(list.are_functions ? 2 : 6, place, list);
}

// wasm: text-mem
void FieldParser::memory() {
  uint32_t index = next(Space::memory);
  context_.definition_name(Space::memory, index);
  exports(memory_kind, index);
  if (inline_import(memory_kind)) {
    write_memory_type(parts_.imports.out, parse_memory_type(context_));
  } else {
    memory_rest(index);
  }
  in_.expect_close();
}

void FieldParser::memory_rest(uint32_t index) {
  ++parts_.memories.count;
  const Token& start = in_.peek();
  if (start.kind == Token::Kind::number ||
      (start.kind == Token::Kind::keyword && in_.peek_second().kind == Token::Kind::number)) {
    return write_memory_type(parts_.memories.out, parse_memory_type(context_));
  }
  MemoryText memory;
  memory.limits.is_64 = parse_address_type(in_);
  memory.page_size_log2 = parse_page_size(in_);
  if (!in_.take_open("data")) return in_.unexpected("limits or `(data`");
  next(Space::data);
  ByteWriter content;
  data_string(content);
  in_.expect_close();
  uint64_t page = uint64_t{1} << memory.page_size_log2.value_or(16);
  uint64_t pages = (content.written() + page - 1) / page;
  memory.limits.min = memory.limits.max = pages;
  memory.limits.has_max = true;
  write_memory_type(parts_.memories.out, memory);
  ByteWriter& out = parts_.datas.out;
  ++parts_.datas.count;
  out.u32(index == 0 ? 0 : 2);
  if (index != 0) out.u32(index);
  zero_offset(out, memory.limits.is_64);
  out.sized(content);
}

// wasm: text-global
void FieldParser::global() {
  uint32_t index = next(Space::global);
  context_.definition_name(Space::global, index);
  exports(global_kind, index);
  if (inline_import(global_kind)) {
    write_global_type(parts_.imports.out, parse_global_type(context_));
  } else {
    ++parts_.globals.count;
    write_global_type(parts_.globals.out, parse_global_type(context_));
    expression(parts_.globals.out);
  }
  in_.expect_close();
}

// wasm: text-tag
void FieldParser::tag() {
  uint32_t index = next(Space::tag);
  context_.definition_name(Space::tag, index);
  exports(tag_kind, index);
  if (inline_import(tag_kind)) {
    tag_type(parts_.imports.out);
  } else {
    ++parts_.tags.count;
    tag_type(parts_.tags.out);
  }
  in_.expect_close();
}

void FieldParser::tag_type(ByteWriter& out) {
  constexpr uint8_t exception = 0;
  ParamNames params;  // for people; they lead nowhere
  TypeUse use = parse_type_use(context_, &params);
  out.byte(exception);
  out.u32(use.type.index);
}

// wasm: text-export
void FieldParser::export_() {
  std::string name = in_.name();
  in_.expect_open();
  for (const ExternWord& known : extern_words) {
    if (!in_.take_keyword(known.word)) continue;
    uint32_t index = context_.index(known.space);
    in_.expect_close();
    add_export(name, known.kind, index);
    return in_.expect_close();
  }
  in_.unexpected("what is exported");
}

// wasm: text-start
void FieldParser::start() {
  Token place = in_.peek();
  uint32_t index = context_.index(Space::func);
  if (parts_.start) return in_.fail_at(place, "multiple start sections");
  parts_.start = index;
  in_.expect_close();
}

// Constant expressions do not ask for a data count section.
void FieldParser::expression(ByteWriter& out) {
  bool uses_data_count = parts_.uses_data_count;
  expr_.begin_function();
  expr_.instructions(out);
  out.byte(end_byte);
  parts_.uses_data_count = uses_data_count;
}

void FieldParser::folded_expression(ByteWriter& out) {
  bool uses_data_count = parts_.uses_data_count;
  expr_.begin_function();
  expr_.folded_instruction(out);
  out.byte(end_byte);
  parts_.uses_data_count = uses_data_count;
}

// wasm: text-offsetexpr
void FieldParser::offset(ByteWriter& out) {
  if (in_.take_open("offset")) {
    expression(out);
    return in_.expect_close();
  }
  folded_expression(out);
}

void FieldParser::zero_offset(ByteWriter& out, bool is_64) {
  out.byte(info(is_64 ? Opcode::i64_const : Opcode::i32_const).first_byte());
  out.s64(0);
  out.byte(end_byte);
}

// Items up to the close, which is left. Where expressions are due, an index stands for `ref.func`.
void FieldParser::elem_items(ElemList& list) {
  while (in_.ok() && !in_.at_close()) {
    ++list.count;
    if (list.are_functions) {
      list.items.u32(context_.index(Space::func));
    } else if (in_.peek().is_index()) {
      list.items.byte(info(Opcode::ref_func).first_byte());
      list.items.u32(context_.index(Space::func));
      list.items.byte(end_byte);
    } else if (in_.take_open("item")) {
      expression(list.items);
      in_.expect_close();
    } else {
      folded_expression(list.items);
    }
  }
}

// wasm: text-elemlist
FieldParser::ElemList FieldParser::elem_list(bool may_omit_func) {
  ElemList list;
  list.type = ValType::funcref();
  bool omits = may_omit_func && (in_.peek().is_index() || in_.at_close());
  if (omits || in_.take_keyword("func")) {
    list.are_functions = true;
  } else {
    list.type = parse_ref_type(context_);
  }
  elem_items(list);
  return list;
}

// wasm: binary-elem
void FieldParser::write_elem(uint32_t flags, const ByteWriter& place, const ElemList& list) {
  constexpr uint32_t typed_mask = 3;
  ByteWriter& out = parts_.elems.out;
  ++parts_.elems.count;
  out.u32(flags);
  out.bytes(place.view());
  if ((flags & typed_mask) != 0) {
    if (list.are_functions) {
      out.byte(0);
    } else {
      write_val_type(out, list.type);
    }
  }
  out.u32(list.count);
  out.bytes(list.items.view());
}

// wasm: text-elem
void FieldParser::elem() {
  context_.definition_name(Space::elem, next(Space::elem));
  ByteWriter place;
  constexpr uint32_t passive = 1, declarative = 3, explicit_table = 2, expressions = 4;
  if (in_.take_keyword("declare")) {
    ElemList list = elem_list(false);
    write_elem(declarative | (list.are_functions ? 0 : expressions), place, list);
    return in_.expect_close();
  }
  bool is_active = in_.at(Token::Kind::open) && !in_.at_open("ref");
  // The table may be given without `(table ...)`, as old texts do.
  bool is_bare_table = in_.peek().is_index() && in_.peek_second().kind == Token::Kind::open;
  if (!is_active && !is_bare_table) {
    ElemList list = elem_list(false);
    write_elem(passive | (list.are_functions ? 0 : expressions), place, list);
    return in_.expect_close();
  }
  std::optional<uint32_t> table;
  if (is_bare_table) {
    table = context_.index(Space::table);
  } else if (in_.take_open("table")) {
    table = context_.index(Space::table);
    in_.expect_close();
  }
  ByteWriter where;
  offset(where);
  ElemList list = elem_list(!table.has_value() || is_bare_table);
  if (!list.are_functions && list.type != ValType::funcref() && !table) table = 0;
  if (table) place.u32(*table);
  place.bytes(where.view());
  write_elem((table ? explicit_table : 0) | (list.are_functions ? 0 : expressions), place, list);
  in_.expect_close();
}

namespace {

// The numbers that data can consist of.
struct DataNumber {
  std::string_view word;
  int bits;
  bool is_float;
};
constexpr DataNumber data_numbers_known[] = {
    {"i8", 8, false},  {"i16", 16, false}, {"i32", 32, false},  {"i64", 64, false},
    {"f32", 32, true}, {"f64", 64, true},  {"v128", 128, false}};

}  // namespace

bool FieldParser::at_data_numbers() {
  return std::ranges::any_of(data_numbers_known,
                             [&](const DataNumber& known) { return in_.at_open(known.word); });
}

// wasm: text-datastring, and lists of numbers as the proposal "numeric values in data segments" has
// them, in any order.
void FieldParser::data_string(ByteWriter& out) {
  for (;;) {
    std::vector<uint8_t> bytes;
    while (in_.at(Token::Kind::string)) append_string(in_.take().text, bytes);
    out.bytes(bytes);
    if (!at_data_numbers()) return;
    data_numbers(out);
  }
}

void FieldParser::data_numbers(ByteWriter& out) {
  in_.expect_open();
  const auto* known = std::ranges::find(data_numbers_known, in_.take().text, &DataNumber::word);
  if (known == std::end(data_numbers_known)) return;  // an annotation in front of it has failed
  while (in_.ok() && !in_.at_close()) {
    if (known->bits == 128) {
      expr_.vector(out);
      continue;
    }
    uint64_t bits = !known->is_float    ? in_.integer(known->bits)
                    : known->bits == 32 ? in_.f32()
                                        : in_.f64();
    for (int shift = 0; shift < known->bits; shift += 8)
      out.byte(static_cast<uint8_t>(bits >> shift));
  }
  in_.expect_close();
}

// wasm: text-data
void FieldParser::data() {
  context_.definition_name(Space::data, next(Space::data));
  ByteWriter& out = parts_.datas.out;
  ++parts_.datas.count;
  bool is_bare_memory = in_.peek().is_index();
  if ((in_.at(Token::Kind::open) && !at_data_numbers()) || is_bare_memory) {
    uint32_t memory = 0;
    if (is_bare_memory) {
      memory = context_.index(Space::memory);
    } else if (in_.take_open("memory")) {
      memory = context_.index(Space::memory);
      in_.expect_close();
    }
    out.u32(memory == 0 ? 0 : 2);
    if (memory != 0) out.u32(memory);
    offset(out);
  } else {
    out.u32(1);
  }
  ByteWriter content;
  data_string(content);
  out.sized(content);
  in_.expect_close();
}

}  // namespace tenon::wasm::text
