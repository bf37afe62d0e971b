#include "wasm/text/printer.h"

#include <fmt/format.h>

#include <algorithm>

#include "wasm/text/keywords.h"

namespace tenon::wasm::text {

void Printer::line(uint64_t offset) {
  out_ += '\n';
  if (options_.offsets) out_ += fmt::format("(;@{:<6x};)", offset);
  indentation();
}

void Printer::line_without_offset() {
  out_ += '\n';
  constexpr size_t offset_width = std::string_view("(;@123456;)").size();
  if (options_.offsets) out_.append(offset_width, ' ');
  indentation();
}

void Printer::indentation() {
  // Deeper lines are not indented further: the text would grow with the square of the depth.
  constexpr uint32_t deepest = 50;
  for (uint32_t i = 0; i < std::min(depth_, deepest); ++i) out_ += options_.indent;
}

void Printer::index(Space space, uint32_t index) {
  if (const PrintedName* name = names_.space(space).find(index)) {
    out_ += name->id;
  } else {
    number(index);
  }
}

void Printer::definition(Space space, uint32_t index) {
  if (const PrintedName* name = names_.space(space).find(index)) {
    out_ += ' ';
    out_ += name->id;
    out_ += name->annotation;
  }
  out_ += " (;";
  number(index);
  out_ += ";)";
}

const NameSpace& Printer::fields(uint32_t type) {
  auto [at, is_new] = fields_.try_emplace(type, "field", true);
  if (is_new && type < module_.types.size()) {
    size_t size = module_.types[TypeIndex(type)].fields.size();
    at->second.assign(names_.fields(type), size);
    if (options_.names_all) at->second.name_all(0, size);
  }
  return at->second;
}

void Printer::field_index(uint32_t type, uint32_t field) {
  if (const PrintedName* name = fields(type).find(field)) {
    out_ += name->id;
  } else {
    number(field);
  }
}

void Printer::heap_type(HeapType type) {
  if (type.is_concrete()) return index(Space::type, type.type().index);
  auto known = std::ranges::find(heap_words, type.abstract(), &HeapWord::type);
  out_ += known->word;
}

void Printer::val_type(ValType type) {
  switch (type.kind()) {
    case ValType::i32: out_ += "i32"; return;
    case ValType::i64: out_ += "i64"; return;
    case ValType::f32: out_ += "f32"; return;
    case ValType::f64: out_ += "f64"; return;
    case ValType::v128: out_ += "v128"; return;
    case ValType::ref: break;
    case ValType::bottom: CHECK(false);
  }
  if (type.is_nullable() && !type.heap().is_concrete()) {
    out_ += std::ranges::find(heap_words, type.heap().abstract(), &HeapWord::type)->reference;
    return;
  }
  out_ += type.is_nullable() ? "(ref null " : "(ref ";
  heap_type(type.heap());
  out_ += ')';
}

void Printer::storage_type(const FieldType& field) {
  if (field.is_mutable) out_ += "(mut ";
  switch (field.packing) {
    case FieldType::Packing::none: val_type(field.type); break;
    case FieldType::Packing::i8: out_ += "i8"; break;
    case FieldType::Packing::i16: out_ += "i16"; break;
  }
  if (field.is_mutable) out_ += ')';
}

void Printer::global_type(const GlobalType& type) {
  if (type.is_mutable) out_ += "(mut ";
  val_type(type.type);
  if (type.is_mutable) out_ += ')';
}

void Printer::limits(const Limits& limits) {
  if (limits.is_64) out_ += "i64 ";
  number(limits.min);
  if (!limits.has_max) return;
  out_ += ' ';
  number(limits.max);
}

void Printer::table_type(const TableType& type) {
  out_ += ' ';
  limits(type.limits);
  out_ += ' ';
  val_type(type.element);
}

void Printer::memory_type(const MemoryType& type, bool names_page_size) {
  out_ += ' ';
  limits(type.limits);
  if (type.is_shared) out_ += " shared";
  if (names_page_size)
    out_ += fmt::format(" (pagesize {:#x})", uint64_t{1} << (type.page_size_log2 & 63));
}

void Printer::sub_type(const SubType& type, uint32_t index) {
  bool is_sub = !type.is_final || !type.supertypes.empty();
  if (is_sub) out_ += type.is_final ? "(sub final " : "(sub ";
  for (TypeIndex super : type.supertypes) {
    this->index(Space::type, super.index);
    out_ += ' ';
  }
  composite(type, index);
  if (is_sub) out_ += ')';
}

void Printer::composite(const SubType& type, uint32_t index) {
  switch (type.kind) {
    case SubType::Kind::struct_: {
      out_ += "(struct";
      const NameSpace& names = fields(index);
      ValueGroup group(*this, "field");
      for (size_t i = 0; i < type.fields.size(); ++i) {
        // Fields stand alone.
        group.end();
        group.begin(names.find(static_cast<uint32_t>(i)));
        storage_type(type.fields[i]);
      }
      group.end();
      break;
    }
    case SubType::Kind::array:
      out_ += "(array ";
      for (const FieldType& field : type.fields) storage_type(field);
      break;
    case SubType::Kind::func: {
      NameSpace names("param", true);
      names.assign(names_.params(index), type.func.params.size());
      out_ += "(func";
      signature(type.func, names);
    }
  }
  out_ += ')';
}

void Printer::type_reference(uint32_t type) {
  out_ += " (type ";
  index(Space::type, type);
  out_ += ')';
}

void Printer::signature(const FuncType& type, const NameSpace& names) {
  ValueGroup params(*this, "param");
  for (size_t i = 0; i < type.params.size(); ++i) {
    params.begin(names.find(static_cast<uint32_t>(i)));
    val_type(type.params[i]);
  }
  params.end();
  ValueGroup results(*this, "result");
  for (ValType result : type.results) {
    results.begin(nullptr);
    val_type(result);
  }
  results.end();
}

void ValueGroup::begin(const PrintedName* name, std::string_view separator) {
  if (is_open_ && !is_named_ && name == nullptr) return to_.put(" ");
  if (is_open_) to_.put(")");
  to_.put(separator);
  to_.put("(");
  to_.put(word_);
  to_.put(" ");
  if (name != nullptr) {
    to_.put(name->id);
    to_.put(name->annotation);
    to_.put(" ");
  }
  is_open_ = true;
  is_named_ = name != nullptr;
}

void ValueGroup::end() {
  if (is_open_) to_.put(")");
  is_open_ = false;
}

}  // namespace tenon::wasm::text
