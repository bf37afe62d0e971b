#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "wasm/binary/codes.h"
#include "wasm/binary/sections.h"

// The sections that define and name functions, tables, memories, globals and tags.
namespace tenon::wasm {

namespace {

// Imports and definitions share each index space, and its limit.
template <typename Space>
bool has_room(Reader& in, const Space& space, uint32_t limit, const char* what) {
  if (space.size() < limit) return true;
  in.refuse(ErrorCode::limit, fmt::format("more than {} {}", limit, what), in.offset());
  return false;
}

void add_function(Reader& in, Module& module) {
  uint32_t type = in.u32();
  if (has_room(in, module.functions, limits::max_functions, "functions"))
    module.functions.push_back(TypeIndex(type));
}

void add_table(Reader& in, Module& module, Table table) {
  if (!module.tables.empty()) in.require(Feature::reference_types, "a second table", in.offset());
  if (has_room(in, module.tables, limits::max_tables, "tables"))
    module.tables.push_back(std::move(table));
}

void add_memory(Reader& in, Module& module) {
  uint64_t start = in.offset();
  MemoryType type = in.memory_type();
  if (!module.memories.empty()) in.require(Feature::multi_memory, "a second memory", start);
  if (has_room(in, module.memories, limits::max_memories, "memories"))
    module.memories.push_back(type);
}

void add_global(Reader& in, Module& module, bool imported) {
  uint64_t start = in.offset();
  Global global;
  global.type = in.global_type();
  if (imported && global.type.is_mutable)
    in.require(Feature::mutable_globals, "an imported mutable global", start);
  if (!imported) global.init = decode_const_expr(in);
  if (has_room(in, module.globals, limits::max_globals, "globals"))
    module.globals.push_back(std::move(global));
}

void add_tag(Reader& in, Module& module) {
  TagType type = in.tag_type();
  if (has_room(in, module.tags, limits::max_tags, "tags")) module.tags.push_back(type);
}

constexpr uint8_t last_extern_kind = static_cast<uint8_t>(ExternKind::tag);

// wasm: binary-importdesc
void decode_import(Reader& in, Module& module) {
  Import import;
  import.module = in.bounded_name();
  import.name = in.bounded_name();
  uint64_t start = in.offset();
  uint8_t kind = in.byte();
  if (kind > last_extern_kind) in.fail_at("malformed import kind", start);
  if (!in.ok()) return;
  import.kind = static_cast<ExternKind>(kind);
  auto place = [&](const auto& space) { import.index = static_cast<uint32_t>(space.size()); };
  switch (import.kind) {
    case ExternKind::func:
      place(module.functions);
      add_function(in, module);
      ++module.imported_functions;
      break;
    case ExternKind::table:
      place(module.tables);
      add_table(in, module, Table{in.table_type(), {}});
      ++module.imported_tables;
      break;
    case ExternKind::memory:
      place(module.memories);
      add_memory(in, module);
      ++module.imported_memories;
      break;
    case ExternKind::global:
      place(module.globals);
      add_global(in, module, true);
      ++module.imported_globals;
      break;
    case ExternKind::tag:
      place(module.tags);
      add_tag(in, module);
      ++module.imported_tags;
      break;
  }
  module.imports.push_back(import);
}

}  // namespace

// wasm: binary-importsec
void decode_import_section(Reader& in, Module& module) {
  uint32_t n = in.count_to(limits::max_imports, "imports");
  module.imports.reserve(std::min<size_t>(n, in.left() / 4));
  for (uint32_t i = 0; i < n && in.ok(); ++i) decode_import(in, module);
}

// wasm: binary-funcsec
void decode_function_section(Reader& in, Module& module) {
  uint32_t n = in.count_to(limits::max_functions, "functions");
  module.functions.reserve(module.functions.size() + n);
  for (uint32_t i = 0; i < n && in.ok(); ++i) add_function(in, module);
}

// wasm: binary-tablesec
void decode_table_section(Reader& in, Module& module) {
  uint32_t n = in.count_to(limits::max_tables, "tables");
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    uint64_t start = in.offset();
    Table table;
    bool has_init = in.peek() == table_with_init;
    if (has_init) {
      in.require(Feature::function_references, "a table with an initializer", start);
      in.byte();
      if (in.byte() != 0) in.fail_at("malformed table", start);
    }
    table.type = in.table_type();
    if (has_init) table.init = decode_const_expr(in);
    // Further on, no instructions stand for no expression.
    if (has_init && table.init.empty())
      in.refuse(ErrorCode::invalid, "type mismatch: an initializer without a value", start);
    add_table(in, module, std::move(table));
  }
}

// wasm: binary-memsec
void decode_memory_section(Reader& in, Module& module) {
  uint32_t n = in.count_to(limits::max_memories, "memories");
  for (uint32_t i = 0; i < n && in.ok(); ++i) add_memory(in, module);
}

// wasm: binary-tagsec
void decode_tag_section(Reader& in, Module& module) {
  uint32_t n = in.count_to(limits::max_tags, "tags");
  for (uint32_t i = 0; i < n && in.ok(); ++i) add_tag(in, module);
}

// wasm: binary-globalsec
void decode_global_section(Reader& in, Module& module) {
  uint32_t n = in.count_to(limits::max_globals, "globals");
  for (uint32_t i = 0; i < n && in.ok(); ++i) add_global(in, module, false);
}

// wasm: binary-exportsec
void decode_export_section(Reader& in, Module& module) {
  uint32_t n = in.count_to(limits::max_exports, "exports");
  module.exports.reserve(std::min<size_t>(n, in.left() / 3));
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    Export item;
    item.name = in.bounded_name();
    uint64_t start = in.offset();
    uint8_t kind = in.byte();
    if (kind > last_extern_kind) in.fail_at("malformed export kind", start);
    item.kind = static_cast<ExternKind>(kind);
    item.index = in.u32();
    if (in.ok()) module.exports.push_back(item);
  }
}

// wasm: binary-startsec
void decode_start_section(Reader& in, Module& module) {
  module.start = FuncIndex(in.u32());
}

// wasm: binary-datacntsec
void decode_data_count_section(Reader& in, Module& module) {
  module.data_count = in.u32();
}

// wasm: binary-codesec
void decode_code_section(Reader& in, Module& module) {
  uint32_t n = in.count_to(limits::max_functions, "bodies");
  module.bodies.reserve(std::min<size_t>(n, in.left() / 3));
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    uint64_t start = in.offset();
    uint32_t size = in.u32();
    if (size > limits::max_function_bytes) {
      auto message = fmt::format("a body of {} bytes, at most {} are allowed", size,
                                 limits::max_function_bytes);
      if (size <= in.left()) return in.refuse(ErrorCode::limit, std::move(message), start);
    }
    FunctionBody body;
    body.offset = in.offset();
    body.bytes = in.bytes(size);
    if (in.ok()) module.bodies.push_back(body);
  }
}

}  // namespace tenon::wasm
