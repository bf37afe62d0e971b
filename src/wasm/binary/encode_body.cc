#include <bit>

#include "base/check.h"
#include "wasm/binary/codes.h"
#include "wasm/binary/encode.h"
#include "wasm/binary/encode_types.h"

namespace tenon::wasm {

void BlockSpec::write(ByteWriter& out) const {
  if (type_) return out.s64(type_->index);
  if (result_) return write_val_type(out, *result_);
  out.byte(type_code::empty);
}

uint32_t BodyBuilder::local(ValType type) {
  locals_.push_back(type);
  return params_ + static_cast<uint32_t>(locals_.size()) - 1;
}

void BodyBuilder::code(Opcode opcode) {
  write_opcode(out_, opcode);
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

uint32_t BodyBuilder::depth_of(Label label) const {
  CHECK(label.depth <= depth_);
  return depth_ - label.depth;
}

BodyBuilder& BodyBuilder::branch(Opcode opcode, Label label) {
  return with_index(opcode, Immediate::label, depth_of(label));
}

// wasm: binary-castop
BodyBuilder& BodyBuilder::br_on_cast(Opcode opcode, Label label, ValType from, ValType to) {
  CHECK(info(opcode).immediate == Immediate::cast && from.is_ref() && to.is_ref());
  code(opcode);
  out_.byte(static_cast<uint8_t>((from.is_nullable() ? 1 : 0) | (to.is_nullable() ? 2 : 0)));
  out_.u32(depth_of(label));
  write_heap_type(out_, from.heap());
  write_heap_type(out_, to.heap());
  return *this;
}

// wasm: binary-catch
BodyBuilder::Label BodyBuilder::try_table(BlockSpec type, std::span<const CatchSpec> catches) {
  code(Opcode::try_table);
  type.write(out_);
  out_.size(catches.size());
  for (const CatchSpec& clause : catches) {
    out_.byte(static_cast<uint8_t>(clause.kind));
    if (clause.kind == CatchKind::catch_ || clause.kind == CatchKind::catch_ref)
      out_.u32(clause.tag.index);
    out_.u32(depth_of(clause.target));
  }
  return Label{++depth_};
}

BodyBuilder& BodyBuilder::br_table(std::span<const Label> labels, Label otherwise) {
  code(Opcode::br_table);
  out_.size(labels.size());
  for (Label label : labels) out_.u32(depth_of(label));
  out_.u32(depth_of(otherwise));
  return *this;
}

BodyBuilder& BodyBuilder::select(ValType type) {
  code(Opcode::select_t);
  out_.u32(1);
  write_val_type(out_, type);
  return *this;
}

// wasm: binary-memarg
BodyBuilder& BodyBuilder::access(Opcode opcode, MemoryIndex memory, uint64_t offset,
                                 std::optional<uint8_t> align) {
  const OpcodeInfo& known = info(opcode);
  CHECK(known.immediate == Immediate::memarg || known.immediate == Immediate::memarg_lane);
  uint32_t flags = align ? *align : known.natural_align();
  CHECK(flags <= known.natural_align());
  code(opcode);
  out_.u32(memory.index == 0 ? flags : flags | memarg_has_memory);
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

BodyBuilder& BodyBuilder::atomic_fence() {
  code(Opcode::atomic_fence);
  out_.byte(0);
  return *this;
}

BodyBuilder& BodyBuilder::ref_null(HeapType type) {
  code(Opcode::ref_null);
  write_heap_type(out_, type);
  return *this;
}

BodyBuilder& BodyBuilder::ref_test(ValType to) {
  code(to.is_nullable() ? Opcode::ref_test_null : Opcode::ref_test);
  write_heap_type(out_, to.heap());
  return *this;
}

BodyBuilder& BodyBuilder::ref_cast(ValType to) {
  code(to.is_nullable() ? Opcode::ref_cast_null : Opcode::ref_cast);
  write_heap_type(out_, to.heap());
  return *this;
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
  write_opcode(out, Opcode::end);
}

}  // namespace tenon::wasm
