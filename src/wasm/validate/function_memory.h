#pragma once

#include "wasm/validate/function.h"

// Member functions of BodyWalker: memories and data segments.
namespace tenon::wasm {

template <Sink S>
bool BodyWalker<S>::memory_index(MemoryIndex& memory) {
  memory = MemoryIndex(in_.u32());
  if (module_.memories.contains(memory)) return true;
  fail_unknown("memory", memory.index);
  return false;
}

// wasm: valid-memarg
template <Sink S>
bool BodyWalker<S>::memarg(Opcode op, MemArg& memarg) {
  uint32_t flags = in_.u32();
  if (flags & memarg_has_memory) [[unlikely]] {
    if (!in_.require(Feature::multi_memory, "a memory index in an access", at_)) return false;
    flags &= ~memarg_has_memory;
    memarg.memory = MemoryIndex(in_.u32());
  }
  memarg.offset = in_.u64();
  bool fits = flags <= types_of(op).natural_align && module_.memories.contains(memarg.memory) &&
              (memarg.offset <= UINT32_MAX || module_.memories[memarg.memory].limits.is_64);
  if (!fits) [[unlikely]]
    return bad_memarg(op, memarg.memory, flags);
  memarg.align = static_cast<uint8_t>(flags);
  return true;
}

template <Sink S>
bool BodyWalker<S>::bad_memarg(Opcode op, MemoryIndex memory, uint32_t align) {
  constexpr uint32_t first_unknown_flag = 0x40;
  if (align >= first_unknown_flag) {
    in_.fail_at("malformed memop flags", at_);
  } else if (!module_.memories.contains(memory)) {
    fail_unknown("memory", memory.index);
  } else if (align > types_of(op).natural_align) {
    fail_text("alignment must not be larger than natural");
  } else {
    fail_text("offset out of range");
  }
  return false;
}

// wasm: binary-laneidx
template <Sink S>
bool BodyWalker<S>::lane(Opcode op, uint8_t& lane) {
  lane = in_.byte();
  if (lane < types_of(op).lane_count) return true;
  fail_lane(lane);
  return false;
}

// wasm: valid-load-val
template <Sink S>
void BodyWalker<S>::load(Opcode op) {
  MemArg where;
  if (!memarg(op, where)) return;
  Value address = pop(address_type(where.memory));
  push(types_of(op).result, live_ ? sink_.load(op, where, address) : Value{});
}

// wasm: valid-store-val
template <Sink S>
void BodyWalker<S>::store(Opcode op) {
  MemArg where;
  if (!memarg(op, where)) return;
  Value value = pop(types_of(op).params[1]);
  Value address = pop(address_type(where.memory));
  if (live_) sink_.store(op, where, address, value);
}

// wasm: valid-vload_lane
template <Sink S>
void BodyWalker<S>::load_lane(Opcode op) {
  MemArg where;
  uint8_t index = 0;
  if (!memarg(op, where) || !lane(op, index)) return;
  Value vector = pop(ValType::v128);
  Value address = pop(address_type(where.memory));
  push(ValType::v128, live_ ? sink_.load_lane(op, where, index, address, vector) : Value{});
}

// wasm: valid-vstore_lane
template <Sink S>
void BodyWalker<S>::store_lane(Opcode op) {
  MemArg where;
  uint8_t index = 0;
  if (!memarg(op, where) || !lane(op, index)) return;
  Value vector = pop(ValType::v128);
  Value address = pop(address_type(where.memory));
  if (live_) sink_.store_lane(op, where, index, address, vector);
}

// Instructions of the threads proposal.
template <Sink S>
void BodyWalker<S>::atomic(Opcode op) {
  const OpTypes& types = types_of(op);
  MemArg where;
  if (!memarg(op, where)) return;
  if (where.align != types.natural_align) return fail_text("alignment must be natural");
  ValType address = address_type(where.memory);
  bool has_result = info(op).signature.result != 0;
  Value result{};
  bool fits = consume(
      types.param_count, [&](size_t i) { return i == 0 ? address : types.params[i]; },
      [&](auto values) {
        if (has_result) {
          result = sink_.atomic(op, where, values);
        } else {
          sink_.atomic_store(op, where, values[0], values[1]);
        }
      });
  if (fits && has_result) push(types.result, result);
}

template <Sink S>
void BodyWalker<S>::atomic_fence() {
  if (in_.byte() != 0) return fail_malformed("zero byte expected");
  if (live_) sink_.atomic_fence();
}

template <Sink S>
bool BodyWalker<S>::known_data(DataIndex data) {
  if (!module_.data_count) {
    in_.fail_at("data count section required", at_);
    return false;
  }
  if (data.index < *module_.data_count) return true;
  fail_unknown("data segment", data.index);
  return false;
}

// wasm: valid-memory.size
// wasm: valid-memory.grow
// wasm: valid-memory.fill
// wasm: valid-memory.copy
// wasm: valid-memory.init
// wasm: valid-data.drop
template <Sink S>
void BodyWalker<S>::memory_instruction(Opcode op) {
  MemoryIndex memory;
  DataIndex data;
  if (op == Opcode::data_drop || op == Opcode::memory_init) data = DataIndex(in_.u32());
  if (op == Opcode::data_drop) {
    if (known_data(data) && live_) sink_.data_drop(data);
    return;
  }
  if (!memory_index(memory)) return;
  ValType type = address_type(memory);
  switch (op) {
    case Opcode::memory_size: return push(type, live_ ? sink_.memory_size(memory) : Value{});
    case Opcode::memory_grow: {
      Value delta = pop(type);
      return push(type, live_ ? sink_.memory_grow(memory, delta) : Value{});
    }
    case Opcode::memory_fill: {
      Value size = pop(type);
      Value byte = pop(ValType::i32);
      Value to = pop(type);
      if (live_) sink_.memory_fill(memory, to, byte, size);
      return;
    }
    case Opcode::memory_init: {
      if (!known_data(data)) return;
      Value size = pop(ValType::i32);
      Value from = pop(ValType::i32);
      Value to = pop(type);
      if (live_) sink_.memory_init(memory, data, to, from, size);
      return;
    }
    default: break;
  }
  MemoryIndex source;
  if (!memory_index(source)) return;
  ValType source_type = address_type(source);
  // The size has the smaller of the two address types.
  Value size = pop(type == ValType::i64 ? source_type : type);
  Value from = pop(source_type);
  Value to = pop(type);
  if (live_) sink_.memory_copy(memory, source, to, from, size);
}

}  // namespace tenon::wasm
