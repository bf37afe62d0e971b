#pragma once

#include "base/archive.h"
#include "compiler/module_info.h"

// How ModuleInfo and the core types in it are stored in an artifact. Whoever stores core types
// includes this.
namespace tenon::wasm {

template <typename Archive>
void serialize(Archive& ar, FuncType& t) {
  ar(t.params, t.results);
}
template <typename Archive>
void serialize(Archive& ar, FieldType& t) {
  ar(t.type, t.packing, t.is_mutable);
}
template <typename Archive>
void serialize(Archive& ar, SubType& t) {
  ar(t.kind, t.is_final, t.supertypes, t.func, t.fields);
}
template <typename Archive>
void serialize(Archive& ar, RecGroup& t) {
  ar(t.first, t.size);
}
template <typename Archive>
void serialize(Archive& ar, Limits& t) {
  ar(t.min, t.max, t.has_max, t.is_64);
}
template <typename Archive>
void serialize(Archive& ar, TableType& t) {
  ar(t.limits, t.element);
}
template <typename Archive>
void serialize(Archive& ar, MemoryType& t) {
  ar(t.limits, t.is_shared, t.page_size_log2);
}
template <typename Archive>
void serialize(Archive& ar, GlobalType& t) {
  ar(t.type, t.is_mutable);
}
template <typename Archive>
void serialize(Archive& ar, TagType& t) {
  ar(t.type);
}
template <typename Archive>
void serialize(Archive& ar, ConstOp& op) {
  ar(op.kind, op.type, op.bits, op.high);
}
template <typename Archive>
void serialize(Archive& ar, Table& table) {
  ar(table.type, table.init);
}
template <typename Archive>
void serialize(Archive& ar, Global& global) {
  ar(global.type, global.init);
}

}  // namespace tenon::wasm

namespace tenon::compiler {

template <typename Archive>
void serialize(Archive& ar, ImportInfo& i) {
  ar(i.module, i.name, i.kind, i.index);
}
template <typename Archive>
void serialize(Archive& ar, ExportInfo& e) {
  ar(e.name, e.kind, e.index);
}
template <typename Archive>
void serialize(Archive& ar, ElemInfo& e) {
  ar(e.mode, e.type, e.table, e.offset, e.functions, e.exprs);
}
template <typename Archive>
void serialize(Archive& ar, DataInfo& d) {
  ar(d.mode, d.memory, d.offset, d.bytes_offset, d.bytes_size, d.in_image);
}
template <typename Archive>
void serialize(Archive& ar, MemoryImage& i) {
  ar(i.memory, i.address, i.image_offset, i.size);
}
template <typename Archive>
void serialize(Archive& ar, VmLayout& l) {
  ar(l.memories, l.tables, l.imported_functions, l.imported_globals, l.globals, l.tags, l.func_refs,
     l.size);
}
template <typename Archive>
void serialize(Archive& ar, ModuleInfo& m) {
  ar(m.name, m.types, m.rec_groups, m.imports, m.exports, m.functions, m.tables, m.memories,
     m.globals, m.tags, m.elems, m.datas, m.images, m.start, m.needs_heap, m.imported_functions,
     m.imported_tables, m.imported_memories, m.imported_globals, m.imported_tags, m.escaping,
     m.layout, m.names_offset, m.names_size, m.first_function);
}

}  // namespace tenon::compiler
