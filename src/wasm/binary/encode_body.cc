#include <bit>

#include "base/check.h"
#include "wasm/binary/encode.h"

namespace tenon::wasm {

namespace {

uint8_t abstract_byte(HeapType::Abstract type) {
  switch (type) {
    case HeapType::noexn: return 0x74;
    case HeapType::nofunc: return 0x73;
    case HeapType::noextern: return 0x72;
    case HeapType::none: return 0x71;
    case HeapType::func: return 0x70;
    case HeapType::extern_: return 0x6f;
    case HeapType::any: return 0x6e;
    case HeapType::eq: return 0x6d;
    case HeapType::i31: return 0x6c;
    case HeapType::struct_: return 0x6b;
    case HeapType::array: return 0x6a;
    case HeapType::exn: return 0x69;
  }
  CHECK(false);
}

}  // namespace

void write_val_type(ByteWriter& out, ValType type) {
  switch (type.kind()) {
    case ValType::i32: return out.byte(0x7f);
    case ValType::i64: return out.byte(0x7e);
    case ValType::f32: return out.byte(0x7d);
    case ValType::f64: return out.byte(0x7c);
    case ValType::v128: return out.byte(0x7b);
    case ValType::ref: break;
    case ValType::bottom: CHECK(false);
  }
  HeapType heap = type.heap();
  if (type.is_nullable() && !heap.is_concrete()) return out.byte(abstract_byte(heap.abstract()));
  out.byte(type.is_nullable() ? 0x63 : 0x64);
  if (heap.is_concrete()) return out.s64(heap.type().index);
  out.byte(abstract_byte(heap.abstract()));
}

void BlockSpec::write(ByteWriter& out) const {
  constexpr uint8_t empty_byte = 0x40;
  if (type_) return out.s64(type_->index);
  if (result_) return write_val_type(out, *result_);
  out.byte(empty_byte);
}

uint32_t BodyBuilder::local(ValType type) {
  locals_.push_back(type);
  return params_ + static_cast<uint32_t>(locals_.size()) - 1;
}

void BodyBuilder::code(Opcode opcode) {
  const OpcodeInfo& known = info(opcode);
  out_.byte(known.first_byte());
  if (known.is_prefixed()) out_.u32(known.number());
}

BodyBuilder& BodyBuilder::op(Opcode opcode) {
  CHECK(info(opcode).immediate == Immediate::none && opcode != Opcode::end &&
        opcode != Opcode::else_);
  code(opcode);
  return *this;
}

BodyBuilder& BodyBuilder::with_index(Opcode opcode, Immediate kind, uint32_t index) {
  CHECK(info(opcode).immediate == kind);
  code(opcode);
  out_.u32(index);
  return *this;
}

BodyBuilder& BodyBuilder::with_indices(Opcode opcode, Immediate kind, uint32_t first,
                                       uint32_t second) {
  with_index(opcode, kind, first);
  out_.u32(second);
  return *this;
}

BodyBuilder& BodyBuilder::i32_const(int32_t value) {
  code(Opcode::i32_const);
  out_.s64(value);
  return *this;
}

BodyBuilder& BodyBuilder::i64_const(int64_t value) {
  code(Opcode::i64_const);
  out_.s64(value);
  return *this;
}

BodyBuilder& BodyBuilder::f32_const(float value) {
  code(Opcode::f32_const);
  out_.fixed_u32(std::bit_cast<uint32_t>(value));
  return *this;
}

BodyBuilder& BodyBuilder::f64_const(double value) {
  code(Opcode::f64_const);
  out_.fixed_u64(std::bit_cast<uint64_t>(value));
  return *this;
}

BodyBuilder& BodyBuilder::v128_const(const V128& value) {
  code(Opcode::v128_const);
  out_.bytes(value);
  return *this;
}

BodyBuilder& BodyBuilder::local_get(uint32_t local) {
  return with_index(Opcode::local_get, Immediate::local, local);
}
BodyBuilder& BodyBuilder::local_set(uint32_t local) {
  return with_index(Opcode::local_set, Immediate::local, local);
}
BodyBuilder& BodyBuilder::local_tee(uint32_t local) {
  return with_index(Opcode::local_tee, Immediate::local, local);
}

BodyBuilder& BodyBuilder::global_get(GlobalIndex global) {
  return with_index(Opcode::global_get, Immediate::global, global.index);
}

BodyBuilder& BodyBuilder::global_set(GlobalIndex global) {
  return with_index(Opcode::global_set, Immediate::global, global.index);
}

BodyBuilder::Label BodyBuilder::open(Opcode opcode, BlockSpec type) {
  code(opcode);
  type.write(out_);
  return Label{++depth_};
}

BodyBuilder::Label BodyBuilder::block(BlockSpec type) {
  return open(Opcode::block, type);
}
BodyBuilder::Label BodyBuilder::loop(BlockSpec type) {
  return open(Opcode::loop, type);
}
BodyBuilder::Label BodyBuilder::if_(BlockSpec type) {
  return open(Opcode::if_, type);
}

BodyBuilder& BodyBuilder::else_() {
  CHECK(depth_ > 0);
  code(Opcode::else_);
  return *this;
}

BodyBuilder& BodyBuilder::end() {
  CHECK(depth_ > 0);
  --depth_;
  code(Opcode::end);
  return *this;
}

BodyBuilder& BodyBuilder::br(Label label) {
  CHECK(label.depth <= depth_);
  return with_index(Opcode::br, Immediate::label, depth_ - label.depth);
}

BodyBuilder& BodyBuilder::br_if(Label label) {
  CHECK(label.depth <= depth_);
  return with_index(Opcode::br_if, Immediate::label, depth_ - label.depth);
}

BodyBuilder& BodyBuilder::br_table(std::span<const Label> labels, Label otherwise) {
  code(Opcode::br_table);
  out_.size(labels.size());
  auto target = [&](Label label) {
    CHECK(label.depth <= depth_);
    out_.u32(depth_ - label.depth);
  };
  for (Label label : labels) target(label);
  target(otherwise);
  return *this;
}

BodyBuilder& BodyBuilder::select(ValType type) {
  code(Opcode::select_t);
  out_.u32(1);
  write_val_type(out_, type);
  return *this;
}

BodyBuilder& BodyBuilder::call(FuncIndex function) {
  return with_index(Opcode::call, Immediate::func, function.index);
}

BodyBuilder& BodyBuilder::call_indirect(TypeIndex type, TableIndex table) {
  return with_indices(Opcode::call_indirect, Immediate::type_table, type.index, table.index);
}

BodyBuilder& BodyBuilder::return_call(FuncIndex function) {
  return with_index(Opcode::return_call, Immediate::func, function.index);
}

BodyBuilder& BodyBuilder::return_call_indirect(TypeIndex type, TableIndex table) {
  return with_indices(Opcode::return_call_indirect, Immediate::type_table, type.index, table.index);
}

// wasm: binary-memarg
BodyBuilder& BodyBuilder::access(Opcode opcode, MemoryIndex memory, uint64_t offset,
                                 std::optional<uint8_t> align) {
  constexpr uint32_t has_memory_index = 0x40;
  const OpcodeInfo& known = info(opcode);
  CHECK(known.immediate == Immediate::memarg || known.immediate == Immediate::memarg_lane);
  uint32_t flags = align ? *align : known.natural_align();
  CHECK(flags <= known.natural_align());
  code(opcode);
  out_.u32(memory.index == 0 ? flags : flags | has_memory_index);
  if (memory.index != 0) out_.u32(memory.index);
  out_.u64(offset);
  return *this;
}

BodyBuilder& BodyBuilder::access_lane(Opcode opcode, MemoryIndex memory, uint64_t offset,
                                      uint8_t lane) {
  CHECK(info(opcode).immediate == Immediate::memarg_lane);
  access(opcode, memory, offset);
  out_.byte(lane);
  return *this;
}

BodyBuilder& BodyBuilder::lane(Opcode opcode, uint8_t lane) {
  CHECK(info(opcode).immediate == Immediate::lane);
  code(opcode);
  out_.byte(lane);
  return *this;
}

BodyBuilder& BodyBuilder::shuffle(const V128& lanes) {
  code(Opcode::i8x16_shuffle);
  out_.bytes(lanes);
  return *this;
}

BodyBuilder& BodyBuilder::memory_size(MemoryIndex memory) {
  return with_index(Opcode::memory_size, Immediate::memory, memory.index);
}

BodyBuilder& BodyBuilder::memory_grow(MemoryIndex memory) {
  return with_index(Opcode::memory_grow, Immediate::memory, memory.index);
}

BodyBuilder& BodyBuilder::memory_fill(MemoryIndex memory) {
  return with_index(Opcode::memory_fill, Immediate::memory, memory.index);
}

BodyBuilder& BodyBuilder::memory_copy(MemoryIndex to, MemoryIndex from) {
  return with_indices(Opcode::memory_copy, Immediate::memory_memory, to.index, from.index);
}

BodyBuilder& BodyBuilder::memory_init(MemoryIndex to, DataIndex from) {
  return with_indices(Opcode::memory_init, Immediate::data_memory, from.index, to.index);
}

BodyBuilder& BodyBuilder::data_drop(DataIndex data) {
  return with_index(Opcode::data_drop, Immediate::data, data.index);
}

BodyBuilder& BodyBuilder::ref_null(HeapType::Abstract type) {
  code(Opcode::ref_null);
  out_.byte(abstract_byte(type));
  return *this;
}

BodyBuilder& BodyBuilder::ref_func(FuncIndex function) {
  return with_index(Opcode::ref_func, Immediate::func, function.index);
}

BodyBuilder& BodyBuilder::table_get(TableIndex table) {
  return with_index(Opcode::table_get, Immediate::table, table.index);
}

BodyBuilder& BodyBuilder::table_set(TableIndex table) {
  return with_index(Opcode::table_set, Immediate::table, table.index);
}

BodyBuilder& BodyBuilder::table_size(TableIndex table) {
  return with_index(Opcode::table_size, Immediate::table, table.index);
}

BodyBuilder& BodyBuilder::table_grow(TableIndex table) {
  return with_index(Opcode::table_grow, Immediate::table, table.index);
}

BodyBuilder& BodyBuilder::table_fill(TableIndex table) {
  return with_index(Opcode::table_fill, Immediate::table, table.index);
}

BodyBuilder& BodyBuilder::table_copy(TableIndex to, TableIndex from) {
  return with_indices(Opcode::table_copy, Immediate::table_table, to.index, from.index);
}

BodyBuilder& BodyBuilder::table_init(TableIndex to, ElemIndex from) {
  return with_indices(Opcode::table_init, Immediate::elem_table, from.index, to.index);
}

BodyBuilder& BodyBuilder::elem_drop(ElemIndex elem) {
  return with_index(Opcode::elem_drop, Immediate::elem, elem.index);
}

BodyBuilder& BodyBuilder::raw(std::span<const uint8_t> bytes) {
  out_.bytes(bytes);
  return *this;
}

// wasm: binary-func
void BodyBuilder::write(ByteWriter& out) const {
  CHECK(depth_ == 0);
  struct Run {
    uint32_t count;
    ValType type;
  };
  std::vector<Run> runs;
  for (ValType type : locals_) {
    if (runs.empty() || runs.back().type != type) runs.push_back({0, type});
    ++runs.back().count;
  }
  out.size(runs.size());
  for (const Run& run : runs) {
    out.u32(run.count);
    write_val_type(out, run.type);
  }
  out.bytes(out_.view());
  out.byte(info(Opcode::end).first_byte());
}

}  // namespace tenon::wasm
