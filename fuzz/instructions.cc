#include "fuzz/instructions.h"

#include <algorithm>
#include <array>

#include "wasm/binary/encode_types.h"

namespace tenon::fuzz {

namespace {

using wasm::ByteWriter;
using wasm::Immediate;
using wasm::Opcode;
using wasm::Reader;

void skip_block_type(Reader& in) {
  if (in.peek() == 0x40) {
    in.byte();
  } else if (Reader::starts_val_type(in.peek())) {
    in.val_type();
  } else {
    in.s33();
  }
}

void skip_catches(Reader& in) {
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    if (in.byte() < 2) in.u32();
    in.u32();
  }
}

void skip_memarg(Reader& in) {
  constexpr uint32_t has_memory_index = 1u << 6;
  if (in.u32() & has_memory_index) in.u32();
  in.u64();
}

void skip_immediates(Reader& in, Opcode opcode) {
  switch (info(opcode).immediate) {
    case Immediate::none: return;
    case Immediate::block_type: return skip_block_type(in);
    case Immediate::try_table: skip_block_type(in); return skip_catches(in);
    case Immediate::labels:
      for (uint32_t n = in.count(); n > 0 && in.ok(); --n) in.u32();
      in.u32();
      return;
    case Immediate::type_table:
    case Immediate::type_field:
    case Immediate::type_count:
    case Immediate::type_type:
    case Immediate::type_data:
    case Immediate::type_elem:
    case Immediate::table_table:
    case Immediate::elem_table:
    case Immediate::memory_memory:
    case Immediate::data_memory:
      in.u32();
      in.u32();
      return;
    case Immediate::memarg: return skip_memarg(in);
    case Immediate::memarg_lane: skip_memarg(in); [[fallthrough]];
    case Immediate::zero:
    case Immediate::lane: in.byte(); return;
    case Immediate::lanes:
    case Immediate::v128: in.bytes(16); return;
    case Immediate::i32: in.s32(); return;
    case Immediate::i64: in.s64(); return;
    case Immediate::f32: in.bytes(4); return;
    case Immediate::f64: in.bytes(8); return;
    case Immediate::heap_type: in.heap_type(); return;
    case Immediate::val_types:
      for (uint32_t n = in.count(); n > 0 && in.ok(); --n) in.val_type();
      return;
    case Immediate::cast:
      in.byte();
      in.u32();
      in.heap_type();
      in.heap_type();
      return;
    default: in.u32(); return;
  }
}

void write_block_type(ByteWriter& out, Random& random) {
  constexpr uint8_t types[] = {0x40, 0x40, 0x7f, 0x7e, 0x7d, 0x7c,
                               0x7b, 0x70, 0x6f, 0x69, 0x00, 0x01};
  out.byte(types[random.below(std::size(types))]);
}

void write_bytes(ByteWriter& out, size_t n, Random& random) {
  for (size_t i = 0; i < n; ++i) out.byte(static_cast<uint8_t>(random.next() >> 24));
}

void write_immediates(ByteWriter& out, Opcode opcode, Random& random) {
  auto small = [&] { out.u32(static_cast<uint32_t>(random.below(4))); };
  switch (info(opcode).immediate) {
    case Immediate::none: return;
    case Immediate::block_type: return write_block_type(out, random);
    case Immediate::try_table:
      write_block_type(out, random);
      out.byte(1);
      out.byte(2);  // catch_all
      return small();
    case Immediate::labels:
      out.byte(1);
      small();
      return small();
    case Immediate::memarg:
    case Immediate::memarg_lane:
      out.u32(static_cast<uint32_t>(
          random.below(info(opcode).size == 0 ? 1 : info(opcode).natural_align() + 1)));
      out.u64(random.one_in(4) ? interesting(random) : random.below(32));
      if (info(opcode).immediate == Immediate::memarg_lane) out.byte(0);
      return;
    case Immediate::zero: return out.byte(0);
    case Immediate::lane: return out.byte(static_cast<uint8_t>(random.below(4)));
    case Immediate::lanes:
      for (int i = 0; i < 16; ++i) out.byte(static_cast<uint8_t>(random.below(32)));
      return;
    case Immediate::v128: return write_bytes(out, 16, random);
    case Immediate::i32: return out.s64(static_cast<int32_t>(interesting(random)));
    case Immediate::i64: return out.s64(static_cast<int64_t>(interesting(random)));
    case Immediate::f32: return write_bytes(out, 4, random);
    case Immediate::f64: return write_bytes(out, 8, random);
    case Immediate::heap_type: return out.byte(static_cast<uint8_t>(0x69 + random.below(12)));
    case Immediate::val_types:
      out.byte(1);
      return out.byte(static_cast<uint8_t>(0x7b + random.below(5)));
    case Immediate::cast:
      out.byte(static_cast<uint8_t>(random.below(4)));
      small();
      out.byte(static_cast<uint8_t>(0x69 + random.below(12)));
      return out.byte(static_cast<uint8_t>(0x69 + random.below(12)));
    default: break;
  }
  small();
  Immediate kind = info(opcode).immediate;
  bool has_two = kind == Immediate::type_table || kind == Immediate::type_field ||
                 kind == Immediate::type_count || kind == Immediate::type_type ||
                 kind == Immediate::type_data || kind == Immediate::type_elem ||
                 kind == Immediate::table_table || kind == Immediate::elem_table ||
                 kind == Immediate::memory_memory || kind == Immediate::data_memory;
  if (has_two) small();
}

Opcode any_opcode(Random& random) {
  return static_cast<Opcode>(random.below(wasm::opcode_count));
}

bool have_same_type(Opcode a, Opcode b) {
  const auto& x = info(a).signature;
  const auto& y = info(b).signature;
  return info(a).op_class == info(b).op_class && x.param_count == y.param_count &&
         x.result == y.result && std::ranges::equal(x.params, y.params);
}

}  // namespace

uint64_t interesting(Random& random) {
  constexpr uint64_t values[] = {0,
                                 1,
                                 2,
                                 3,
                                 7,
                                 0x7f,
                                 0x80,
                                 0xff,
                                 0xffff,
                                 0x10000,
                                 0x7fffffff,
                                 0x80000000,
                                 0xffffffff,
                                 0x100000000,
                                 ~uint64_t{0},
                                 uint64_t{1} << 63};
  uint64_t value = values[random.below(std::size(values))];
  return random.one_in(4) ? value + random.below(5) - 2 : value;
}

std::vector<uint32_t> instruction_starts(std::span<const uint8_t> body) {
  Reader in(body, 0, wasm::Features::validated());
  uint32_t groups = in.count();
  for (uint32_t i = 0; i < groups && in.ok(); ++i) {
    in.u32();
    in.val_type();
  }
  std::vector<uint32_t> starts;
  while (in.ok() && !in.at_end()) {
    starts.push_back(static_cast<uint32_t>(in.offset()));
    skip_immediates(in, in.opcode());
  }
  if (!in.ok()) return {};
  starts.push_back(static_cast<uint32_t>(body.size()));
  return starts;
}

Opcode similar(Opcode opcode, Random& random) {
  bool same_type = !random.one_in(4);
  constexpr int attempts = 200;
  for (int i = 0; i < attempts; ++i) {
    Opcode other = any_opcode(random);
    if (info(other).immediate == info(opcode).immediate &&
        (!same_type || have_same_type(other, opcode)))
      return other;
  }
  return opcode;
}

void write_any(ByteWriter& out, Random& random) {
  Opcode opcode = any_opcode(random);
  write_opcode(out, opcode);
  write_immediates(out, opcode, random);
}

void write_neutral(ByteWriter& out, Random& random) {
  constexpr Opcode consts[] = {Opcode::i32_const, Opcode::i64_const, Opcode::f32_const,
                               Opcode::f64_const, Opcode::v128_const};
  auto constant = [&](Opcode opcode) {
    write_opcode(out, opcode);
    write_immediates(out, opcode, random);
  };
  switch (random.below(5)) {
    case 0: return write_opcode(out, Opcode::nop);
    case 1:
      constant(consts[random.below(std::size(consts))]);
      return write_opcode(out, Opcode::drop);
    case 2:
      write_opcode(out, random.one_in(2) ? Opcode::block : Opcode::loop);
      out.byte(0x40);
      return write_opcode(out, Opcode::end);
    case 3:
      constant(Opcode::i32_const);
      write_opcode(out, Opcode::if_);
      out.byte(0x40);
      write_opcode(out, Opcode::else_);
      return write_opcode(out, Opcode::end);
    default:
      constant(Opcode::i32_const);
      write_opcode(out, Opcode::i32_eqz);
      return write_opcode(out, Opcode::drop);
  }
}

}  // namespace tenon::fuzz
