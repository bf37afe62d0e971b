#pragma once

#include "wasm/binary/byte_writer.h"
#include "wasm/module.h"
#include "wasm/opcode.h"

// Writes types and constant expressions in the binary format.
namespace tenon::wasm {

void write_heap_type(ByteWriter& out, HeapType type);             // wasm: binary-heaptype
void write_val_type(ByteWriter& out, ValType type);               // wasm: binary-valtype
void write_field_type(ByteWriter& out, const FieldType& type);    // wasm: binary-fieldtype
void write_func_type(ByteWriter& out, const FuncType& type);      // wasm: binary-functype
void write_sub_type(ByteWriter& out, const SubType& type);        // wasm: binary-subtype
void write_global_type(ByteWriter& out, const GlobalType& type);  // wasm: binary-globaltype
void write_table_type(ByteWriter& out, const TableType& type);    // wasm: binary-tabletype
void write_memory_type(ByteWriter& out, const MemoryType& type);  // wasm: binary-memtype
void write_tag_type(ByteWriter& out, const TagType& type);        // wasm: binary-tagtype
void write_opcode(ByteWriter& out, Opcode opcode);                // without immediates
void write_const_expr(ByteWriter& out, const ConstExpr& expr);    // wasm: binary-expr

}  // namespace tenon::wasm
