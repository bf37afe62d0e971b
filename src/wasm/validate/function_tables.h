#pragma once

#include "wasm/validate/function.h"

// Member functions of BodyWalker: tables and element segments.
namespace tenon::wasm {

template <Sink S>
bool BodyWalker<S>::table_index(TableIndex& table) {
  table = TableIndex(in_.u32());
  if (module_.tables.contains(table)) return true;
  fail_unknown("table", table.index);
  return false;
}

template <Sink S>
bool BodyWalker<S>::known_elem(ElemIndex elem) {
  if (module_.elems.contains(elem)) return true;
  fail_unknown("elem segment", elem.index);
  return false;
}

// wasm: valid-table.get
// wasm: valid-table.set
// wasm: valid-table.size
// wasm: valid-table.grow
template <Sink S>
void BodyWalker<S>::table_instruction(Opcode op) {
  TableIndex table;
  if (!table_index(table)) return;
  ValType type = address_type(table);
  ValType element = module_.tables[table].type.element;
  switch (op) {
    case Opcode::table_get: {
      Value index = pop(type);
      return push(element, live_ ? sink_.table_get(table, index) : Value{});
    }
    case Opcode::table_set: {
      Value value = pop(element);
      Value index = pop(type);
      if (live_) sink_.table_set(table, index, value);
      return;
    }
    case Opcode::table_grow: {
      Value delta = pop(type);
      Value initial = pop(element);
      return push(type, live_ ? sink_.table_grow(table, initial, delta) : Value{});
    }
    default: return push(type, live_ ? sink_.table_size(table) : Value{});
  }
}

// wasm: valid-table.fill
// wasm: valid-table.copy
// wasm: valid-table.init
// wasm: valid-elem.drop
template <Sink S>
void BodyWalker<S>::table_bulk_instruction(Opcode op) {
  TableIndex table;
  ElemIndex elem;
  if (op == Opcode::elem_drop || op == Opcode::table_init) elem = ElemIndex(in_.u32());
  if (op == Opcode::elem_drop) {
    if (known_elem(elem) && live_) sink_.elem_drop(elem);
    return;
  }
  if (!table_index(table)) return;
  ValType type = address_type(table);
  ValType element = module_.tables[table].type.element;
  auto expect_elements = [&](ValType found) {
    if (val_matches(module_, found, element)) return true;
    fail_types(element, found);
    return false;
  };
  if (op == Opcode::table_fill) {
    Value size = pop(type);
    Value value = pop(element);
    Value to = pop(type);
    if (live_) sink_.table_fill(table, to, value, size);
  } else if (op == Opcode::table_init) {
    if (!known_elem(elem) || !expect_elements(module_.elems[elem].type)) return;
    Value size = pop(ValType::i32);
    Value from = pop(ValType::i32);
    Value to = pop(type);
    if (live_) sink_.table_init(table, elem, to, from, size);
  } else {
    TableIndex source;
    if (!table_index(source) || !expect_elements(module_.tables[source].type.element)) return;
    ValType source_type = address_type(source);
    Value size = pop(type == ValType::i64 ? source_type : type);
    Value from = pop(source_type);
    Value to = pop(type);
    if (live_) sink_.table_copy(table, source, to, from, size);
  }
}

}  // namespace tenon::wasm
