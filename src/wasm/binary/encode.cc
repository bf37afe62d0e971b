#include "wasm/binary/encode.h"

#include <algorithm>

#include "base/check.h"
#include "wasm/binary/codes.h"
#include "wasm/binary/encode_types.h"

namespace tenon::wasm {

namespace {

ConstOp const_op(ConstOp::Kind kind, uint64_t bits) {
  ConstOp op;
  op.kind = kind;
  op.bits = bits;
  return op;
}

constexpr ValType func_not_null = ValType::reference(HeapType::func, false);

ElemSegment segment_of(SegmentMode mode, std::span<const FuncIndex> functions) {
  ElemSegment segment;
  segment.mode = mode;
  segment.type = func_not_null;
  segment.functions.assign(functions.begin(), functions.end());
  return segment;
}

void write_section(ByteWriter& out, uint8_t id, const ByteWriter& content) {
  out.byte(id);
  out.sized(content);
}

// A section of `count` entries, unless there are none.
void write_entries(ByteWriter& out, uint8_t id, size_t count, const ByteWriter& entries) {
  if (count == 0) return;
  ByteWriter content;
  content.size(count);
  content.bytes(entries.view());
  write_section(out, id, content);
}

}  // namespace

ConstExpr const_i32(int32_t value) {
  return {const_op(ConstOp::Kind::i32_const, static_cast<uint32_t>(value))};
}
ConstExpr const_i64(int64_t value) {
  return {const_op(ConstOp::Kind::i64_const, static_cast<uint64_t>(value))};
}
ConstExpr const_global(GlobalIndex global) {
  return {const_op(ConstOp::Kind::global_get, global.index)};
}
ConstExpr const_ref_func(FuncIndex function) {
  return {const_op(ConstOp::Kind::ref_func, function.index)};
}

ConstExpr const_ref_null(HeapType type) {
  ConstOp op = const_op(ConstOp::Kind::ref_null, 0);
  op.type = ValType::reference(type, true);
  return {op};
}

TypeIndex ModuleBuilder::type(FuncType type) {
  SubType defined;
  defined.func = std::move(type);
  for (const RecGroup& group : groups_) {
    if (group.size == 1 && types_[group.first.index] == defined) return group.first;
  }
  return types({std::move(defined)});
}

TypeIndex ModuleBuilder::types(std::vector<SubType> group) {
  TypeIndex first = next_type();
  groups_.push_back({first, static_cast<uint32_t>(group.size())});
  std::ranges::move(group, std::back_inserter(types_));
  return first;
}

void ModuleBuilder::import(std::string_view module, std::string_view name, ExternKind kind,
                           bool has_defined) {
  CHECK(!has_defined);
  imports_.out.name(module);
  imports_.out.name(name);
  imports_.out.byte(static_cast<uint8_t>(kind));
  ++imports_.count;
}

FuncIndex ModuleBuilder::import_function(std::string_view module, std::string_view name,
                                         TypeIndex type) {
  import(module, name, ExternKind::func, !functions_.empty());
  imports_.out.u32(type.index);
  function_types_.push_back(type);
  return FuncIndex(function_types_.size() - 1);
}

TableIndex ModuleBuilder::import_table(std::string_view module, std::string_view name,
                                       const TableType& type) {
  import(module, name, ExternKind::table, tables_.count != 0);
  write_table_type(imports_.out, type);
  return TableIndex(table_count_++);
}

MemoryIndex ModuleBuilder::import_memory(std::string_view module, std::string_view name,
                                         const MemoryType& type) {
  import(module, name, ExternKind::memory, memories_.count != 0);
  write_memory_type(imports_.out, type);
  return MemoryIndex(memory_count_++);
}

GlobalIndex ModuleBuilder::import_global(std::string_view module, std::string_view name,
                                         const GlobalType& type) {
  import(module, name, ExternKind::global, globals_.count != 0);
  write_global_type(imports_.out, type);
  return GlobalIndex(global_count_++);
}

TagIndex ModuleBuilder::import_tag(std::string_view module, std::string_view name, TypeIndex type) {
  import(module, name, ExternKind::tag, tags_.count != 0);
  write_tag_type(imports_.out, {type});
  return TagIndex(tag_count_++);
}

FuncIndex ModuleBuilder::function(TypeIndex type, std::string name) {
  CHECK(type.index < types_.size());
  FuncIndex index(function_types_.size());
  function_types_.push_back(type);
  auto params = static_cast<uint32_t>(types_[type.index].func.params.size());
  functions_.push_back({index, type, std::move(name), BodyBuilder(params)});
  return index;
}

BodyBuilder& ModuleBuilder::body(FuncIndex function) {
  size_t imported = function_types_.size() - functions_.size();
  CHECK(function.index >= imported && function.index < function_types_.size());
  return functions_[function.index - imported].body;
}

// wasm: binary-tablesec
TableIndex ModuleBuilder::table(const TableType& type, const ConstExpr& init) {
  constexpr std::array<uint8_t, 2> with_init = {table_with_init, 0};
  if (!init.empty()) tables_.out.bytes(with_init);
  write_table_type(tables_.out, type);
  if (!init.empty()) write_const_expr(tables_.out, init);
  ++tables_.count;
  return TableIndex(table_count_++);
}

MemoryIndex ModuleBuilder::memory(const MemoryType& type) {
  write_memory_type(memories_.out, type);
  ++memories_.count;
  return MemoryIndex(memory_count_++);
}

GlobalIndex ModuleBuilder::global(const GlobalType& type, ConstExpr init) {
  write_global_type(globals_.out, type);
  write_const_expr(globals_.out, init);
  ++globals_.count;
  return GlobalIndex(global_count_++);
}

TagIndex ModuleBuilder::tag(TypeIndex type) {
  write_tag_type(tags_.out, {type});
  ++tags_.count;
  return TagIndex(tag_count_++);
}

void ModuleBuilder::add_export(std::string_view name, ExternKind kind, uint32_t index) {
  exports_.out.name(name);
  exports_.out.byte(static_cast<uint8_t>(kind));
  exports_.out.u32(index);
  ++exports_.count;
}

// wasm: binary-elem
ElemIndex ModuleBuilder::elem(const ElemSegment& segment) {
  constexpr uint8_t func_kind = 0;
  bool is_active = segment.mode == SegmentMode::active;
  bool of_exprs = !segment.exprs.empty() || segment.type != func_not_null;
  // Without a table and a type, they are table 0 and the type that each form stands for.
  bool is_short =
      is_active && segment.table.index == 0 && (!of_exprs || segment.type == ValType::funcref());
  uint32_t flags = of_exprs ? elem_flag::has_exprs : 0;
  if (!is_active) flags |= elem_flag::not_active;
  if (segment.mode == SegmentMode::declarative || (is_active && !is_short))
    flags |= elem_flag::declarative_or_table;
  elems_.out.u32(flags);
  if (is_active && !is_short) elems_.out.u32(segment.table.index);
  if (is_active) write_const_expr(elems_.out, segment.offset);
  if (!is_short && of_exprs) write_val_type(elems_.out, segment.type);
  if (!is_short && !of_exprs) elems_.out.byte(func_kind);
  elems_.out.size(segment.size());
  for (FuncIndex function : segment.functions) {
    if (of_exprs) {
      write_const_expr(elems_.out, const_ref_func(function));
    } else {
      elems_.out.u32(function.index);
    }
  }
  for (const ConstExpr& expr : segment.exprs) write_const_expr(elems_.out, expr);
  return ElemIndex(elems_.count++);
}

ElemIndex ModuleBuilder::active_elem(TableIndex table, ConstExpr offset,
                                     std::span<const FuncIndex> functions) {
  ElemSegment segment = segment_of(SegmentMode::active, functions);
  segment.table = table;
  segment.offset = std::move(offset);
  return elem(segment);
}

ElemIndex ModuleBuilder::passive_elem(std::span<const FuncIndex> functions) {
  return elem(segment_of(SegmentMode::passive, functions));
}

ElemIndex ModuleBuilder::declare_elem(std::span<const FuncIndex> functions) {
  return elem(segment_of(SegmentMode::declarative, functions));
}

// wasm: binary-data
DataIndex ModuleBuilder::active_data(MemoryIndex memory, ConstExpr offset,
                                     std::span<const uint8_t> bytes) {
  datas_.out.u32(memory.index == 0 ? 0 : 2);
  if (memory.index != 0) datas_.out.u32(memory.index);
  write_const_expr(datas_.out, offset);
  datas_.out.size(bytes.size());
  datas_.out.bytes(bytes);
  return DataIndex(datas_.count++);
}

DataIndex ModuleBuilder::passive_data(std::span<const uint8_t> bytes) {
  datas_.out.u32(1);
  datas_.out.size(bytes.size());
  datas_.out.bytes(bytes);
  return DataIndex(datas_.count++);
}

void ModuleBuilder::custom(std::string name, std::span<const uint8_t> bytes) {
  ByteWriter content;
  content.name(name);
  content.bytes(bytes);
  write_section(customs_, section_id::custom, content);
}

// wasm: binary-typesec
void ModuleBuilder::write_types(ByteWriter& out) const {
  ByteWriter entries;
  for (const RecGroup& group : groups_) {
    if (group.size != 1) {
      entries.byte(type_code::rec);
      entries.u32(group.size);
    }
    for (uint32_t i = 0; i < group.size; ++i)
      write_sub_type(entries, types_[group.first.index + i]);
  }
  write_entries(out, section_id::type, groups_.size(), entries);
}

void ModuleBuilder::write_functions(ByteWriter& out) const {
  ByteWriter entries;
  for (const Function& function : functions_) entries.u32(function.type.index);
  write_entries(out, section_id::function, functions_.size(), entries);
}

void ModuleBuilder::write_code(ByteWriter& out) const {
  ByteWriter entries;
  for (const Function& function : functions_) {
    ByteWriter body;
    function.body.write(body);
    entries.sized(body);
  }
  write_entries(out, section_id::code, functions_.size(), entries);
}

// wasm: binary-namesec
void ModuleBuilder::write_names(ByteWriter& out) const {
  ByteWriter content;
  content.name("name");
  if (!module_name_.empty()) {
    ByteWriter name;
    name.name(module_name_);
    content.byte(0);
    content.sized(name);
  }
  uint32_t named = 0;
  ByteWriter entries;
  for (const Function& function : functions_) {
    if (function.name.empty()) continue;
    entries.u32(function.index.index);
    entries.name(function.name);
    ++named;
  }
  if (named != 0) write_entries(content, 1, named, entries);
  if (named != 0 || !module_name_.empty()) write_section(out, section_id::custom, content);
}

// wasm: binary-module
std::vector<uint8_t> ModuleBuilder::finish() const {
  ByteWriter out;
  constexpr std::array<uint8_t, 8> preamble = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00};
  out.bytes(preamble);
  write_types(out);
  write_entries(out, section_id::import, imports_.count, imports_.out);
  write_functions(out);
  write_entries(out, section_id::table, tables_.count, tables_.out);
  write_entries(out, section_id::memory, memories_.count, memories_.out);
  write_entries(out, section_id::tag, tags_.count, tags_.out);
  write_entries(out, section_id::global, globals_.count, globals_.out);
  write_entries(out, section_id::export_, exports_.count, exports_.out);
  if (start_) {
    ByteWriter start;
    start.u32(start_->index);
    write_section(out, section_id::start, start);
  }
  write_entries(out, section_id::elem, elems_.count, elems_.out);
  if (datas_.count != 0) {
    ByteWriter count;
    count.u32(datas_.count);
    write_section(out, section_id::data_count, count);
  }
  write_code(out);
  write_entries(out, section_id::data, datas_.count, datas_.out);
  out.bytes(customs_.view());
  write_names(out);
  return out.take();
}

}  // namespace tenon::wasm
