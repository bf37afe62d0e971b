#pragma once

#include "wasm/binary/reader.h"

// One function per section of the binary format, each given a reader over the section's contents.
// Failures stay in the reader. Used by decode_module, and where single items are listed.
namespace tenon::wasm {

void decode_type_section(Reader& in, Module& module);
void decode_import_section(Reader& in, Module& module);
void decode_function_section(Reader& in, Module& module);
void decode_table_section(Reader& in, Module& module);
void decode_memory_section(Reader& in, Module& module);
void decode_tag_section(Reader& in, Module& module);
void decode_global_section(Reader& in, Module& module);
void decode_export_section(Reader& in, Module& module);
void decode_start_section(Reader& in, Module& module);
void decode_elem_section(Reader& in, Module& module);
void decode_data_count_section(Reader& in, Module& module);
void decode_code_section(Reader& in, Module& module);
void decode_data_section(Reader& in, Module& module);

SubType decode_sub_type(Reader& in);  // wasm: binary-subtype
// wasm: binary-rectype. The types of a group, or one that stands alone.
std::vector<SubType> decode_rec_type(Reader& in);

// wasm: binary-expr, restricted to what valid-constant allows; up to and with its `end`.
ConstExpr decode_const_expr(Reader& in);

}  // namespace tenon::wasm
