#pragma once

#include "base/archive.h"
#include "wasm/module.h"

// How the types of core WebAssembly, and what goes with them, are stored. Whoever stores them
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
