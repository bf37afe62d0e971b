#pragma once

#include "compiler/module_info.h"
#include "wasm/archive.h"

// How ModuleInfo is stored in an artifact.
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
