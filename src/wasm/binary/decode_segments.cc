#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "wasm/binary/codes.h"
#include "wasm/binary/sections.h"

// Element and data segments.
namespace tenon::wasm {

namespace {

constexpr ValType func_not_null = ValType::reference(HeapType::func, false);

void decode_elem_functions(Reader& in, ElemSegment& segment) {
  uint32_t n = in.count_to(limits::max_table_elements, "elements");
  segment.functions.reserve(n);
  for (uint32_t i = 0; i < n && in.ok(); ++i) segment.functions.push_back(FuncIndex(in.u32()));
}

bool is_one_function(const ConstExpr& expr) {
  return expr.size() == 1 && expr[0].kind == ConstOp::Kind::ref_func;
}

// Expressions that only name functions are kept as such.
void decode_elem_exprs(Reader& in, ElemSegment& segment) {
  uint32_t n = in.count_to(limits::max_table_elements, "elements");
  bool only_functions = true;
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    ConstExpr expr = decode_const_expr(in);
    if (only_functions && is_one_function(expr)) {
      segment.functions.push_back(FuncIndex(static_cast<uint32_t>(expr[0].bits)));
      continue;
    }
    if (only_functions) {
      only_functions = false;
      for (FuncIndex function : segment.functions) {
        ConstOp op;
        op.kind = ConstOp::Kind::ref_func;
        op.bits = function.index;
        segment.exprs.push_back({op});
      }
      segment.functions.clear();
      segment.functions.shrink_to_fit();
    }
    segment.exprs.push_back(std::move(expr));
  }
}

// wasm: binary-elem
void decode_elem(Reader& in, Module& module) {
  ElemSegment segment;
  uint64_t start = in.offset();
  uint32_t flags = in.u32();
  if (flags > 7) in.fail_at("malformed elements segment kind", start);
  if (flags != 0) in.require(Feature::bulk_memory, "this kind of element segment", start);
  bool names_table = (flags & (elem_flag::not_active | elem_flag::declarative_or_table)) ==
                     elem_flag::declarative_or_table;
  bool is_active = (flags & elem_flag::not_active) == 0;
  segment.mode = is_active                                   ? SegmentMode::active
                 : (flags & elem_flag::declarative_or_table) ? SegmentMode::declarative
                                                             : SegmentMode::passive;
  if (names_table) segment.table = TableIndex(in.u32());
  if (is_active) segment.offset = decode_const_expr(in);

  bool names_type = names_table || !is_active;
  if (flags & elem_flag::has_exprs) {
    segment.type = names_type ? in.ref_type() : ValType::funcref();
    decode_elem_exprs(in, segment);
  } else {
    segment.type = func_not_null;
    uint64_t kind_start = in.offset();
    if (names_type && in.byte() != 0) in.fail_at("malformed element kind", kind_start);
    decode_elem_functions(in, segment);
  }
  if (in.ok()) module.elems.push_back(std::move(segment));
}

// wasm: binary-data
void decode_data(Reader& in, Module& module) {
  DataSegment segment;
  uint64_t start = in.offset();
  uint32_t kind = in.u32();
  if (kind > 2) in.fail_at("malformed data segment kind", start);
  if (kind != 0) in.require(Feature::bulk_memory, "this kind of data segment", start);
  segment.mode = kind == 1 ? SegmentMode::passive : SegmentMode::active;
  if (kind == 2) segment.memory = MemoryIndex(in.u32());
  if (segment.mode == SegmentMode::active) segment.offset = decode_const_expr(in);
  uint32_t size = in.u32();
  segment.bytes = in.bytes(size);
  if (in.ok()) module.datas.push_back(std::move(segment));
}

}  // namespace

// wasm: binary-elemsec
void decode_elem_section(Reader& in, Module& module) {
  uint32_t n = in.count_to(limits::max_segments, "element segments");
  uint64_t elements = 0;  // of all segments: they are for tables, which hold no more
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    uint64_t start = in.offset();
    decode_elem(in, module);
    if (in.ok()) elements += module.elems.items().back().size();
    if (elements <= limits::max_table_elements) continue;
    return in.refuse(
        ErrorCode::limit,
        fmt::format("more than {} elements in all segments together", limits::max_table_elements),
        start);
  }
}

// wasm: binary-datasec
void decode_data_section(Reader& in, Module& module) {
  uint32_t n = in.count_to(limits::max_segments, "data segments");
  for (uint32_t i = 0; i < n && in.ok(); ++i) decode_data(in, module);
}

}  // namespace tenon::wasm
