#include <bit>

#include "wasm/binary/encode_types.h"
#include "wasm/text/expr_parser.h"
#include "wasm/text/type_parser.h"

// What follows the name of an instruction.
namespace tenon::wasm::text {

namespace {

// wasm: text-offset, text-align. The value of `KEY=NUMBER`, when this token is one.
std::optional<uint64_t> keyed_number(Cursor& in, std::string_view key) {
  Token token = in.peek();
  if (token.kind != Token::Kind::keyword || !token.text.starts_with(key)) return std::nullopt;
  auto value = parse_unsigned(token.text.substr(key.size()), 64);
  if (!value) {
    if (value.error() == NumberFault::out_of_range) {
      in.fail_at(token, "i64 constant out of range");
    } else {
      in.fail_at(token, "unknown operator " + std::string(token.text));
    }
    return std::nullopt;
  }
  in.take();
  return *value;
}

}  // namespace

void ExprParser::plain(ByteWriter& out, Opcode opcode) {
  // Those whose code depends on what follows.
  if (opcode == Opcode::select) return select(out);
  if (opcode == Opcode::ref_test || opcode == Opcode::ref_cast) return reference_test(out, opcode);
  write_opcode(out, opcode);
  immediate(out, opcode);
}

void ExprParser::immediate(ByteWriter& out, Opcode opcode) {
  switch (info(opcode).immediate) {
    case Immediate::none: return;
    case Immediate::zero: return out.byte(0);
    case Immediate::label: return out.u32(label());
    case Immediate::labels: return labels(out);
    case Immediate::func: return out.u32(context_.index(Space::func));
    case Immediate::type: return out.u32(context_.index(Space::type));
    case Immediate::tag: return out.u32(context_.index(Space::tag));
    case Immediate::local: return out.u32(local());
    case Immediate::global: return out.u32(context_.index(Space::global));
    case Immediate::table: return out.u32(context_.optional_index(Space::table));
    case Immediate::memory: return out.u32(context_.optional_index(Space::memory));
    case Immediate::elem: return out.u32(context_.index(Space::elem));
    case Immediate::data:
      context_.parts.uses_data_count = true;
      return out.u32(context_.index(Space::data));
    case Immediate::type_table: {
      uint32_t table = context_.optional_index(Space::table);
      out.u32(parse_type_use(context_, nullptr).type.index);
      return out.u32(table);
    }
    case Immediate::type_field: {
      uint32_t type = context_.index(Space::type);
      out.u32(type);
      return out.u32(context_.field_index(type));
    }
    case Immediate::type_count: out.u32(context_.index(Space::type)); return out.u32(in_.u32());
    case Immediate::type_type:
      out.u32(context_.index(Space::type));
      return out.u32(context_.index(Space::type));
    case Immediate::type_data:
      context_.parts.uses_data_count = true;
      out.u32(context_.index(Space::type));
      return out.u32(context_.index(Space::data));
    case Immediate::type_elem:
      out.u32(context_.index(Space::type));
      return out.u32(context_.index(Space::elem));
    case Immediate::table_table: return two_of(out, Space::table);
    case Immediate::memory_memory: return two_of(out, Space::memory);
    case Immediate::elem_table: return table_and_elem(out);
    case Immediate::data_memory: return memory_and_data(out);
    case Immediate::memarg: return memory_access(out, opcode, false);
    case Immediate::memarg_lane: return memory_access(out, opcode, true);
    case Immediate::lane: return out.byte(static_cast<uint8_t>(in_.unsigned_number(8)));
    case Immediate::lanes: return lanes(out);
    case Immediate::i32:
    case Immediate::i64:
    case Immediate::f32:
    case Immediate::f64: return number(out, opcode);
    case Immediate::v128: return vector(out);
    case Immediate::heap_type: {
      ValType type = ValType::reference(parse_heap_type(context_), true);
      return write_heap_type(out, type.heap());
    }
    case Immediate::cast: return cast(out);
    // Structured instructions and `select` have their own ways.
    case Immediate::block_type:
    case Immediate::try_table:
    case Immediate::val_types: CHECK(false);
  }
}

void ExprParser::number(ByteWriter& out, Opcode opcode) {
  switch (info(opcode).immediate) {
    case Immediate::i32:
      return out.s64(static_cast<int32_t>(static_cast<uint32_t>(in_.integer(32))));
    case Immediate::i64: return out.s64(static_cast<int64_t>(in_.integer(64)));
    case Immediate::f32: return out.fixed_u32(in_.f32());
    default: return out.fixed_u64(in_.f64());
  }
}

void ExprParser::labels(ByteWriter& out) {
  std::vector<uint32_t> targets;
  while (in_.peek().is_index()) targets.push_back(label());
  if (!in_.ok()) return;
  if (targets.empty()) return in_.unexpected("a label");
  out.size(targets.size() - 1);
  for (uint32_t target : targets) out.u32(target);
}

// wasm: text-memarg
void ExprParser::memory_access(ByteWriter& out, Opcode opcode, bool has_lane) {
  constexpr uint32_t has_memory_index = 1u << 6;
  uint32_t memory = 0;
  std::optional<uint8_t> lane;
  if (in_.peek().is_index()) {
    Token first = in_.peek();
    const Token& second = in_.peek_second();
    // A single number in front of neither `offset=` nor `align=` nor another number is the lane.
    bool is_lane = has_lane && first.kind == Token::Kind::number && !second.is_index() &&
                   !second.text.starts_with("offset=") && !second.text.starts_with("align=");
    if (is_lane) {
      lane = static_cast<uint8_t>(in_.unsigned_number(8));
    } else {
      memory = context_.index(Space::memory);
    }
  }
  uint64_t offset = 0;
  uint32_t align = info(opcode).natural_align();
  if (!lane) {
    offset = keyed_number(in_, "offset=").value_or(0);
    Token token = in_.peek();
    auto written = keyed_number(in_, "align=");
    if (written && !std::has_single_bit(*written))
      in_.fail_at(token, "alignment must be a power of two");
    if (written) align = static_cast<uint32_t>(std::countr_zero(*written));
  }
  out.u32(align | (memory == 0 ? 0 : has_memory_index));
  if (memory != 0) out.u32(memory);
  out.u64(offset);
  if (has_lane) out.byte(lane ? *lane : static_cast<uint8_t>(in_.unsigned_number(8)));
}

// Both indices, or none of them.
void ExprParser::two_of(ByteWriter& out, Space space) {
  bool given = in_.peek().is_index();
  out.u32(given ? context_.index(space) : 0);
  out.u32(given ? context_.index(space) : 0);
}

// `table.init $table? $elem`; the binary format has them the other way round.
void ExprParser::table_and_elem(ByteWriter& out) {
  bool names_table = in_.peek().is_index() && in_.peek_second().is_index();
  uint32_t table = names_table ? context_.index(Space::table) : 0;
  out.u32(context_.index(Space::elem));
  out.u32(table);
}

void ExprParser::memory_and_data(ByteWriter& out) {
  context_.parts.uses_data_count = true;
  bool names_memory = in_.peek().is_index() && in_.peek_second().is_index();
  uint32_t memory = names_memory ? context_.index(Space::memory) : 0;
  out.u32(context_.index(Space::data));
  out.u32(memory);
}

void ExprParser::lanes(ByteWriter& out) {
  constexpr int count = 16;
  for (int i = 0; i < count && in_.ok(); ++i) {
    if (!in_.at(Token::Kind::number)) {
      Token token = in_.peek();
      return in_.fail_at(token, "invalid lane length: 16 lane indices are needed");
    }
    out.byte(static_cast<uint8_t>(in_.unsigned_number(8)));
  }
  if (in_.at(Token::Kind::number))
    in_.fail_at(Token(in_.peek()), "invalid lane length: 16 lane indices are needed");
}

// wasm: text-instr-vec. The constant, after its shape.
void ExprParser::vector(ByteWriter& out) {
  struct Shape {
    std::string_view word;
    int lanes;
    bool is_float;
  };
  constexpr Shape shapes[] = {{"i8x16", 16, false}, {"i16x8", 8, false}, {"i32x4", 4, false},
                              {"i64x2", 2, false},  {"f32x4", 4, true},  {"f64x2", 2, true}};
  const Shape* shape = nullptr;
  for (const Shape& known : shapes) {
    if (in_.at_keyword(known.word)) shape = &known;
  }
  if (shape == nullptr) return in_.unexpected("the shape of a vector");
  in_.take();
  int bits = 128 / shape->lanes;
  for (int i = 0; i < shape->lanes && in_.ok(); ++i) {
    Token token = in_.peek();
    if (token.is(Token::Kind::close) || token.is(Token::Kind::open))
      return in_.fail_at(token, "wrong number of lane literals");
    uint64_t lane = !shape->is_float ? in_.integer(bits) : bits == 32 ? in_.f32() : in_.f64();
    for (int shift = 0; shift < bits; shift += 8) out.byte(static_cast<uint8_t>(lane >> shift));
  }
  if (in_.at(Token::Kind::number)) in_.fail_at(Token(in_.peek()), "wrong number of lane literals");
}

void ExprParser::reference_test(ByteWriter& out, Opcode opcode) {
  ValType type = parse_ref_type(context_);
  if (type.is_nullable())
    opcode = opcode == Opcode::ref_test ? Opcode::ref_test_null : Opcode::ref_cast_null;
  write_opcode(out, opcode);
  write_heap_type(out, type.heap());
}

// wasm: binary-castop
void ExprParser::cast(ByteWriter& out) {
  uint32_t target = label();
  ValType from = parse_ref_type(context_);
  ValType to = parse_ref_type(context_);
  out.byte(static_cast<uint8_t>((from.is_nullable() ? 1 : 0) | (to.is_nullable() ? 2 : 0)));
  out.u32(target);
  write_heap_type(out, from.heap());
  write_heap_type(out, to.heap());
}

void ExprParser::select(ByteWriter& out) {
  if (!in_.at_open("result")) return write_opcode(out, Opcode::select);
  std::vector<ValType> types = parse_results(context_);
  write_opcode(out, Opcode::select_t);
  out.size(types.size());
  for (ValType type : types) write_val_type(out, type);
}

// wasm: text-catch
void ExprParser::catches(ByteWriter& out) {
  struct Clause {
    std::string_view word;
    uint8_t code;
    bool has_tag;
  };
  constexpr Clause clauses[] = {{"catch", 0, true},
                                {"catch_ref", 1, true},
                                {"catch_all", 2, false},
                                {"catch_all_ref", 3, false}};
  ByteWriter entries;
  uint32_t count = 0;
  while (in_.at(Token::Kind::open)) {
    const Clause* clause = nullptr;
    for (const Clause& known : clauses) {
      if (in_.take_open(known.word)) clause = &known;
      if (clause != nullptr) break;
    }
    if (clause == nullptr) break;
    entries.byte(clause->code);
    if (clause->has_tag) entries.u32(context_.index(Space::tag));
    entries.u32(label());
    in_.expect_close();
    ++count;
  }
  out.u32(count);
  out.bytes(entries.view());
}

}  // namespace tenon::wasm::text
