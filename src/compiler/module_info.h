#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/contract.h"
#include "wasm/module.h"

// What a runtime needs to know of a compiled core module: wasm::Module without bodies and without
// views into the binary. Made by the compiler, stored in the artifact, read back when it is opened.
namespace tenon::compiler {

struct ImportInfo {
  std::string module;
  std::string name;
  wasm::ExternKind kind = wasm::ExternKind::func;
  uint32_t index = 0;  // in the index space of `kind`
};

struct ExportInfo {
  std::string name;
  wasm::ExternKind kind = wasm::ExternKind::func;
  uint32_t index = 0;
};

struct ElemInfo {
  wasm::SegmentMode mode = wasm::SegmentMode::passive;
  wasm::ValType type = wasm::ValType::funcref();
  uint32_t table = 0;
  wasm::ConstExpr offset;
  std::vector<uint32_t> functions;  // when every element is a function index
  std::vector<wasm::ConstExpr> exprs;
  uint64_t size() const { return functions.empty() ? exprs.size() : functions.size(); }
};

struct DataInfo {
  wasm::SegmentMode mode = wasm::SegmentMode::passive;
  uint32_t memory = 0;
  wasm::ConstExpr offset;
  uint64_t bytes_offset = 0;  // of the segment's bytes within the artifact's data section
  uint64_t bytes_size = 0;
  bool in_image = false;  // active, and part of the memory's image: no bytes are kept here
};

// The contents of a defined memory before the start function, page-aligned in the artifact file, so
// that instances map it copy-on-write. Made when all active segments up to the last one folded have
// constant offsets and fit the minimum size.
struct MemoryImage {
  uint32_t memory = 0;
  uint64_t address = 0;       // where in the memory it begins; multiple of the host's page size
  uint64_t image_offset = 0;  // within the artifact's image section; multiple of the page size
  uint64_t size = 0;          // multiple of the page size
};

constexpr uint32_t no_func_ref = 0xffffffff;

struct ModuleInfo {
  std::string name;  // from the name section
  std::vector<wasm::SubType> types;
  std::vector<wasm::RecGroup> rec_groups;
  std::vector<ImportInfo> imports;
  std::vector<ExportInfo> exports;
  std::vector<uint32_t> functions;  // type index of each, imports first
  std::vector<wasm::Table> tables;
  std::vector<wasm::MemoryType> memories;
  std::vector<wasm::Global> globals;
  std::vector<uint32_t> tags;  // type index of each
  std::vector<ElemInfo> elems;
  std::vector<DataInfo> datas;
  std::vector<MemoryImage> images;
  std::optional<uint32_t> start;
  bool needs_heap = false;  // see module_build.h
  uint32_t imported_functions = 0;
  uint32_t imported_tables = 0;
  uint32_t imported_memories = 0;
  uint32_t imported_globals = 0;
  uint32_t imported_tags = 0;

  // Defined functions that can become funcrefs, ascending; FuncRef k is escaping[k].
  std::vector<uint32_t> escaping;
  VmLayout layout;
  // The name section's bytes within the artifact's data section; size 0: none.
  uint64_t names_offset = 0;
  uint64_t names_size = 0;
  // Position of the first defined function in the artifact's table of entries.
  uint32_t first_function = 0;
};

}  // namespace tenon::compiler
