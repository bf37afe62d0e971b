#include "wasm/text/section_printer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "wasm/binary/sections.h"
#include "wasm/text/dylink.h"
#include "wasm/text/folded_printer.h"
#include "wasm/text/section_names.h"

namespace tenon::wasm::text {

namespace {

constexpr const char* kind_words[] = {"func", "table", "memory", "global", "tag"};
constexpr Space kind_spaces[] = {Space::func, Space::table, Space::memory, Space::global,
                                 Space::tag};

}  // namespace

SectionPrinter::SectionPrinter(Printer& to) : to_(to), module_(to.module()), body_(to) {
  if (to.options().operands) operands_.emplace(module_, to.options().features);
}

void SectionPrinter::begin(std::string_view opening) {
  to_.put(opening.empty() ? "(module" : opening);
  const PrintedNames& names = to_.names();
  if (opening.empty() && names.has_module_name()) {
    to_.put(" ");
    to_.put(names.module_name().id);
    to_.put(names.module_name().annotation);
  }
  to_.indent();
}

void SectionPrinter::end(uint64_t offset) {
  to_.outdent();
  bool is_empty = to_.out().find('\n') == std::string::npos;
  if (!is_empty) to_.line(offset);
  to_.put(")");
}

void SectionPrinter::section(uint8_t id, Reader& in) {
  if (id != section_id::custom) last_section_ = id;
  switch (id) {
    case section_id::custom: return custom(in);
    case section_id::type: return types(in);
    case section_id::import: return imports(in);
    case section_id::table: return tables(in);
    case section_id::memory: return memories(in);
    case section_id::tag: return tags(in);
    case section_id::global: return globals(in);
    case section_id::export_: return exports(in);
    case section_id::start: return start(in);
    case section_id::elem: return elems(in);
    case section_id::code: return code(in);
    case section_id::data: return datas(in);
    default: return;  // the function section is printed with the code, the data count not at all
  }
}

void SectionPrinter::types(Reader& in) {
  uint32_t groups = in.count();
  for (uint32_t i = 0; i < groups && in.ok(); ++i) {
    if (in.peek() != type_code::rec) {
      sub_type(in);
      continue;
    }
    to_.line(in.offset());
    in.byte();
    to_.put("(rec");
    to_.indent();
    uint32_t n = in.count();
    for (uint32_t k = 0; k < n && in.ok(); ++k) sub_type(in);
    to_.outdent();
    if (n > 0) to_.line(in.offset());
    to_.put(")");
  }
}

// wasm: binary-subtype
void SectionPrinter::sub_type(Reader& in) {
  uint32_t index = next_type_++;
  to_.line(in.offset());
  to_.put("(type");
  to_.definition(Space::type, index);
  to_.put(" ");
  to_.sub_type(decode_sub_type(in), index);
  to_.put(")");
}

size_t SectionPrinter::param_count(uint32_t type) const {
  return type < module_.types.size() ? module_.types[TypeIndex(type)].func.params.size() : 0;
}

// Those of parameters, and of locals up to `count` that have a name.
NameSpace SectionPrinter::local_names(uint32_t function, size_t params, size_t count) const {
  NameSpace names("local", true);
  names.assign(to_.names().locals(function), count);
  if (to_.options().names_all) names.name_all(0, params);
  return names;
}

void SectionPrinter::function_type(uint32_t type, const NameSpace& params) {
  to_.type_reference(type);
  if (type >= module_.types.size()) return;
  const SubType& known = module_.types[TypeIndex(type)];
  if (known.kind == SubType::Kind::func) to_.signature(known.func, params);
}

void SectionPrinter::memory_type(Reader& in) {
  bool names_page_size = (in.peek() & limits_flag::page_size) != 0;
  to_.memory_type(in.memory_type(), names_page_size);
}

// The type of an import, with the identifier in front.
void SectionPrinter::extern_type(Reader& in, uint8_t kind) {
  uint32_t index = next_[kind]++;
  to_.put(" (");
  to_.put(kind_words[kind]);
  to_.definition(kind_spaces[kind], index);
  switch (kind) {
    case func_kind: {
      uint32_t type = in.u32();
      function_type(type, local_names(index, param_count(type), limits::max_params));
      break;
    }
    case table_kind: to_.table_type(in.table_type()); break;
    case memory_kind: memory_type(in); break;
    case global_kind:
      to_.put(" ");
      to_.global_type(in.global_type());
      break;
    default: function_type(in.tag_type().type.index, NameSpace("param", true));
  }
  to_.put(")");
}

void SectionPrinter::imports(Reader& in) {
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    to_.line(in.offset());
    to_.put("(import ");
    append_quoted_name(to_.out(), in.name());
    to_.put(" ");
    append_quoted_name(to_.out(), in.name());
    uint8_t kind = in.byte();
    if (kind > tag_kind) in.fail("malformed import kind");
    if (!in.ok()) return;
    extern_type(in, kind);
    to_.put(")");
  }
}

// ` EXPR`
void SectionPrinter::initializer(Reader& in) {
  body_.begin_function(nullptr, {});
  to_.put(" ");
  if (to_.options().folded) {
    FoldedPrinter(to_, body_).expression(in);
  } else {
    body_.expression(in);
  }
}

void SectionPrinter::tables(Reader& in) {
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    to_.line(in.offset());
    to_.put("(table");
    to_.definition(Space::table, next_[table_kind]++);
    bool has_init = in.peek() == table_with_init;
    if (has_init) in.bytes(2);
    to_.table_type(in.table_type());
    if (has_init) initializer(in);
    to_.put(")");
  }
}

void SectionPrinter::memories(Reader& in) {
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    to_.line(in.offset());
    to_.put("(memory");
    to_.definition(Space::memory, next_[memory_kind]++);
    memory_type(in);
    to_.put(")");
  }
}

void SectionPrinter::globals(Reader& in) {
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    to_.line(in.offset());
    to_.put("(global");
    to_.definition(Space::global, next_[global_kind]++);
    to_.put(" ");
    to_.global_type(in.global_type());
    initializer(in);
    to_.put(")");
  }
}

void SectionPrinter::tags(Reader& in) {
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    to_.line(in.offset());
    to_.put("(tag");
    to_.definition(Space::tag, next_[tag_kind]++);
    function_type(in.tag_type().type.index, NameSpace("param", true));
    to_.put(")");
  }
}

void SectionPrinter::exports(Reader& in) {
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    to_.line(in.offset());
    to_.put("(export ");
    append_quoted_name(to_.out(), in.name());
    uint8_t kind = in.byte();
    if (kind > tag_kind) in.fail("malformed export kind");
    if (!in.ok()) return;
    to_.put(" (");
    to_.put(kind_words[kind]);
    to_.put(" ");
    to_.index(kind_spaces[kind], in.u32());
    to_.put("))");
  }
}

void SectionPrinter::start(Reader& in) {
  to_.line(in.offset());
  to_.put("(start ");
  to_.index(Space::func, in.u32());
  to_.put(")");
}

void SectionPrinter::offset(Reader& in, std::string_view word) {
  body_.begin_function(nullptr, {});
  bool folds = to_.options().folded;
  size_t before = to_.out().size();
  size_t count = folds ? FoldedPrinter(to_, body_).expression(in) : body_.expression(in);
  if (count == 1 && folds) return;
  to_.out().insert(before, count == 1 ? "(" : "(" + std::string(word) + " ");
  to_.put(")");
}

void SectionPrinter::elems(Reader& in) {
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) elem(in, i);
}

// wasm: binary-elem
void SectionPrinter::elem(Reader& in, uint32_t index) {
  using namespace elem_flag;
  to_.line(in.offset());
  to_.put("(elem");
  to_.definition(Space::elem, index);
  uint32_t flags = in.u32();
  bool is_active = (flags & not_active) == 0;
  if (!is_active && (flags & declarative_or_table)) to_.put(" declare");
  if (is_active && (flags & declarative_or_table)) {
    to_.put(" (table ");
    to_.index(Space::table, in.u32());
    to_.put(")");
  }
  if (is_active) {
    to_.put(" ");
    offset(in, "offset");
  }
  bool names_type = (flags & (not_active | declarative_or_table)) != 0;
  bool are_expressions = (flags & has_exprs) != 0;
  size_t before = to_.out().size();
  to_.put(" ");
  if (are_expressions) {
    to_.val_type(names_type ? in.ref_type() : ValType::funcref());
  } else {
    if (names_type) in.byte();
    to_.put("func");
  }
  elem_items(in, are_expressions);
  if (to_.options().skeleton) {
    to_.out().resize(before);
    to_.put(" ...");
  }
  to_.put(")");
}

void SectionPrinter::elem_items(Reader& in, bool are_expressions) {
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    to_.put(" ");
    if (are_expressions) {
      offset(in, "item");
    } else {
      to_.index(Space::func, in.u32());
    }
  }
}

void SectionPrinter::code(Reader& in) {
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok() && to_.out().size() < max_printed_bytes; ++i) {
    uint32_t size = in.count();
    uint64_t start = in.offset();
    Reader body(in.bytes(size), start, in.features());
    function(body, next_[func_kind]++);
    if (auto status = body.status(); !status)
      return in.refuse(status.error().code(), status.error().message(),
                       status.error().offset().value_or(start));
  }
}

void SectionPrinter::function(Reader& in, uint32_t index) {
  uint64_t start = in.offset();
  to_.line(start);
  to_.put("(func");
  to_.definition(Space::func, index);
  uint32_t type = module_.functions[FuncIndex(index)].index;
  auto params = static_cast<uint32_t>(param_count(type));
  NameSpace names = local_names(index, params, limits::max_params + limits::max_locals);
  function_type(type, names);
  if (to_.options().skeleton) return to_.put(" ...)");
  to_.indent();
  size_t before = to_.out().size();
  locals(in, names, params);
  if (operands_) operands_->begin(FuncIndex(index));
  body_.begin_function(&names, to_.names().labels(index), operands_ ? &*operands_ : nullptr);
  auto hints = hints_.find(index);
  const BodyPrinter::Hints* known = hints == hints_.end() ? nullptr : &hints->second;
  if (to_.options().folded) {
    FoldedPrinter(to_, body_).function(in, start, known, type);
  } else {
    body_.lines(in, start, known);
  }
  if (in.ok() && !in.at_end()) in.fail("operators remaining after end of function");
  to_.outdent();
  // At the `end` of the body. One that is empty closes on its line.
  if (to_.out().size() != before || to_.options().offsets) to_.line(in.offset() - 1);
  to_.put(")");
}

void SectionPrinter::locals(Reader& in, NameSpace& names, uint32_t params) {
  uint32_t groups = in.count();
  uint64_t start = in.offset();
  ValueGroup group(to_, "local");
  uint64_t index = params;
  bool is_first = true;
  for (uint32_t i = 0; i < groups && in.ok(); ++i) {
    uint32_t n = in.u32();
    if (index + n > uint64_t{params} + limits::max_locals)
      return in.refuse(ErrorCode::limit, "too many locals", start);
    ValType type = in.val_type();
    if (to_.options().names_all) names.name_all(index, index + n);
    for (uint32_t k = 0; k < n; ++k, ++index) {
      if (is_first) to_.line(start);
      group.begin(names.find(static_cast<uint32_t>(index)), is_first ? "" : " ");
      to_.val_type(type);
      is_first = false;
    }
  }
  group.end();
}

// wasm: binary-data
void SectionPrinter::datas(Reader& in) {
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    to_.line(in.offset());
    to_.put("(data");
    to_.definition(Space::data, i);
    uint32_t kind = in.u32();
    // The first memory is meant when none is named.
    if (uint32_t memory = kind == 2 ? in.u32() : 0; memory != 0) {
      to_.put(" (memory ");
      to_.index(Space::memory, memory);
      to_.put(")");
    }
    if (kind != 1) {
      to_.put(" ");
      offset(in, "offset");
    }
    to_.put(" ");
    auto bytes = in.bytes(in.count());
    if (to_.options().skeleton) {
      to_.put("...");
    } else {
      append_quoted_bytes(to_.out(), bytes);
    }
    to_.put(")");
  }
}

void SectionPrinter::custom(Reader& in) {
  uint64_t start = in.offset();
  std::string_view name = in.name();
  uint64_t bytes_start = in.offset();
  auto bytes = in.bytes(in.left());
  if (name == name_section_name) return;
  if (name == branch_hint_section_name && branch_hints(bytes)) return;
  to_.line(start);
  if (name == "producers" && print_producers(to_, bytes, bytes_start)) return;
  if (name == dylink_annotation && last_section_ == 0 && print_dylink(to_, bytes, start)) return;
  to_.put("(@custom ");
  append_quoted_name(to_.out(), name);
  auto place = std::ranges::find(section_words, last_section_, &SectionWord::id);
  bool is_first = last_section_ == 0;
  to_.put(is_first ? " (before first) " : " (after ");
  if (!is_first) {
    to_.put(place->word);
    to_.put(") ");
  }
  if (to_.options().skeleton) {
    to_.put("...");
  } else {
    append_quoted_bytes(to_.out(), bytes);
  }
  to_.put(")");
}

bool SectionPrinter::branch_hints(std::span<const uint8_t> bytes) {
  ByteReader in(bytes);
  std::map<uint32_t, BodyPrinter::Hints> found;
  uint32_t functions = in.count();
  for (uint32_t i = 0; i < functions && in.ok(); ++i) {
    auto& hints = found[in.u32()];
    uint32_t n = in.count();
    for (uint32_t k = 0; k < n && in.ok(); ++k) {
      uint32_t offset = in.u32();
      auto value = in.bytes(in.count());
      hints[offset] = std::string(value.begin(), value.end());
    }
  }
  if (!in.ok() || !in.at_end()) return false;
  hints_ = std::move(found);
  return true;
}

bool print_producers(Printer& to, std::span<const uint8_t> bytes, uint64_t origin) {
  ByteReader in(bytes, origin);
  size_t before = to.out().size();
  to.put("(@producers");
  to.indent();
  uint32_t fields = in.count();
  for (uint32_t i = 0; i < fields && in.ok(); ++i) {
    std::string_view field = in.name();
    bool is_known = field == "language" || field == "processed-by" || field == "sdk";
    if (!is_known) in.fail("unknown field");
    uint32_t values = in.count();
    if (values == 0) in.fail("a field without values");
    for (uint32_t k = 0; k < values && in.ok(); ++k) {
      to.line(in.offset());
      to.put("(");
      to.put(field);
      for (int part = 0; part < 2; ++part) {
        to.put(" ");
        append_quoted_name(to.out(), in.name());
      }
      to.put(")");
    }
  }
  to.outdent();
  if (!in.ok() || !in.at_end() || fields == 0) {
    to.out().resize(before);
    return false;
  }
  to.line_without_offset();
  to.put(")");
  return true;
}

}  // namespace tenon::wasm::text
