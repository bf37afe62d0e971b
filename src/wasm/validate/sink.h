#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <span>

#include "wasm/module.h"
#include "wasm/opcode.h"

// The contract between the walker of function bodies (validate/function.h) and what consumes them:
// the compiler tiers, or NullSink for validation alone. The walker decodes and validates an
// instruction, then tells the sink, so a sink sees only typed instructions.
//
// Values. `Value` is a small trivially copyable handle that the sink chooses; the walker keeps an
// operand stack of them beside the types and passes operands in order of their pushes. A span is
// valid during the call only, and so is a `Control&`.
//
// Control. `Control` is the sink's own data for one label: the walker makes it (value-initialised)
// when a frame opens and passes it back at each branch and at the frame's end. The body itself is a
// frame of kind `function`, whose label is the return.
//
// Merges. Values that flow to a label are given at each branch (`br`, `br_if`, `br_table`) and at
// the fall through (`else_`, `end`); the sink writes the values that hold behind the merge into the
// span of `end`. Branches to a loop carry its parameters, to anything else its results.
//
// Exceptions. The clauses of a `try_table` are branches, too: each carries the values of its tag to
// its label, then the exception itself (a reference that is not null) where the clause asks for it.
// The sink makes these values. The clauses are in force from `try_table` to the `end` of its frame,
// inside of those of enclosing frames; in order, the first that fits is taken.
//
// References come with their static type, which may be more exact than what the instruction asks
// for. Casts and null checks that the type decides are passed on all the same.
//
// Reachability. After `br`, `br_table`, `return_`, `unreachable`, throws and tail calls the rest of
// the frame is validated, and nothing of it is passed on: no instructions, no frames opened in it,
// no `set_position`. Calls resume with the `else_` or `end` of the innermost frame that was opened
// reachable; each of those gets its `end` in every case. Behind `end` code is reachable if the end
// falls through or, unless it is a loop's, if something branched to it, the first arm of an `if`
// included; else the enclosing frame stays silent too, up to its own `else_` or `end`. An `if`
// always gets an `else_`: where the body has none, the walker adds it directly before the `end`.
//
// The order for one body: begin_function, instructions, end (kind `function`), return_ with the
// results if that end continues, end_function. After a validation error the calls just stop.
namespace tenon::wasm {

enum class FrameKind : uint8_t { function, block, loop, if_, try_table };

// wasm: syntax-blocktype. The spans live as long as the Module and the walker.
struct BlockType {
  std::span<const ValType> params;
  std::span<const ValType> results;
};

// wasm: syntax-memarg
struct MemArg {
  MemoryIndex memory;
  uint8_t align = 0;  // power of two, at most the natural alignment
  uint64_t offset = 0;
};

// Little-endian bytes of a v128 constant, or the lanes of a shuffle.
using V128 = std::array<uint8_t, 16>;

// Immediates of a `simple` instruction: the one lane, or the sixteen of i8x16.shuffle.
struct Lanes {
  V128 lane{};
};

// What is known when a frame ends.
struct FrameEnd {
  bool falls_through = false;  // the end is reached from above; the span given holds those values
  // Some reachable branch goes to this label (a loop: back to its start), or the first arm of this
  // `if` falls through.
  bool branched_to = false;
};

// An operand that is a reference, with its static type.
template <typename Value>
struct Reference {
  Value value{};
  ValType type;
};

// wasm: syntax-catch. In the order of the binary format.
enum class CatchKind : uint8_t { catch_, catch_ref, catch_all, catch_all_ref };

// One clause of a `try_table`. It carries the parameters of `type`, which is null for `catch_all`
// and `catch_all_ref`, then for `catch_ref` and `catch_all_ref` a (ref exn).
template <typename Control>
struct Catch {
  CatchKind kind = CatchKind::catch_;
  TagIndex tag;
  const FuncType* type = nullptr;
  Control* target = nullptr;
  bool has_reference() const {
    return kind == CatchKind::catch_ref || kind == CatchKind::catch_all_ref;
  }
};

// A field of a struct type, or the elements of an array type (then `index` is 0).
struct Field {
  TypeIndex of;
  uint32_t index = 0;
  FieldType type;
};

// clang-format off
template <typename S>
concept SinkTypes = std::is_trivially_copyable_v<typename S::Value> && std::default_initializable<typename S::Value> &&
                    std::default_initializable<typename S::Control> && std::movable<typename S::Control>;

template <typename S>
concept ValueSink = SinkTypes<S> && requires(S s, typename S::Value v, typename S::Control& c,
                                            std::span<const typename S::Value> in,
                                            std::span<typename S::Value> out, Opcode op, const FuncType& func,
                                            uint32_t local, std::span<const ValType> locals) {
  // Start of a body. `locals` are the types of all locals, parameters first.
  s.begin_function(FuncIndex{}, func, c, locals);
  s.end_function();
  // Before each instruction that is passed on: its offset in the outermost binary. By it a sink that wants
  // hints for branches finds them (binary/branch_hints.h).
  s.set_position(uint64_t{});

  // Constants. Floats come as bits, so that NaN payloads survive.
  { s.i32_const(int32_t{}) } -> std::same_as<typename S::Value>;
  { s.i64_const(int64_t{}) } -> std::same_as<typename S::Value>;
  { s.f32_const(uint32_t{}) } -> std::same_as<typename S::Value>;
  { s.f64_const(uint64_t{}) } -> std::same_as<typename S::Value>;
  { s.v128_const(V128{}) } -> std::same_as<typename S::Value>;

  // Every instruction of OpClass::simple: one to three operands, one result, types by info(op).signature.
  { s.simple(op, in, Lanes{}) } -> std::same_as<typename S::Value>;

  // i64.add128 and sub128 (four operands), mul_wide_s and mul_wide_u (two); two results; the low half first.
  s.wide(op, in, out);

  // Variables. The sink keeps the values of locals; those that are not parameters start as zero or null. Locals
  // of a type without default start with no value, and are set before they are read.
  { s.local_get(local) } -> std::same_as<typename S::Value>;
  s.local_set(local, v);
  { s.local_tee(local, v) } -> std::same_as<typename S::Value>;
  { s.global_get(GlobalIndex{}) } -> std::same_as<typename S::Value>;
  s.global_set(GlobalIndex{}, v);

  // Parametric. `select` takes the operands' type, which is exact for a reachable instruction.
  s.drop(v);
  { s.select(ValType{}, /*condition*/ v, /*if not zero*/ v, /*if zero*/ v) } -> std::same_as<typename S::Value>;
};

template <typename S>
concept MemorySink = SinkTypes<S> && requires(S s, typename S::Value v, std::span<const typename S::Value> in,
                                             Opcode op, const MemArg& memarg, uint8_t lane) {
  // Memory. The address (and size, for the bulk instructions) has the type of the memory.
  { s.load(op, memarg, v) } -> std::same_as<typename S::Value>;
  s.store(op, memarg, /*address*/ v, /*value*/ v);
  { s.load_lane(op, memarg, lane, /*address*/ v, /*vector*/ v) } -> std::same_as<typename S::Value>;
  s.store_lane(op, memarg, lane, /*address*/ v, /*vector*/ v);
  { s.memory_size(MemoryIndex{}) } -> std::same_as<typename S::Value>;
  { s.memory_grow(MemoryIndex{}, v) } -> std::same_as<typename S::Value>;
  s.memory_fill(MemoryIndex{}, /*address*/ v, /*byte*/ v, /*size*/ v);
  s.memory_copy(/*to*/ MemoryIndex{}, /*from*/ MemoryIndex{}, /*to*/ v, /*from*/ v, /*size*/ v);
  s.memory_init(MemoryIndex{}, DataIndex{}, /*to*/ v, /*from*/ v, /*size*/ v);
  s.data_drop(DataIndex{});

  // Atomic accesses. Operands of `atomic` by opcodes.def, the address first. What the instruction touches lies
  // at a multiple of its size, else it traps.
  { s.atomic(op, memarg, in) } -> std::same_as<typename S::Value>;
  s.atomic_store(op, memarg, /*address*/ v, /*value*/ v);
  s.atomic_fence();
};

template <typename S>
concept ReferenceSink = SinkTypes<S> && requires(S s, typename S::Value v, Opcode op,
                                                const Reference<typename S::Value>& ref) {
  // References and tables.
  { s.ref_null(ValType{}) } -> std::same_as<typename S::Value>;
  { s.ref_is_null(v) } -> std::same_as<typename S::Value>;
  { s.ref_func(FuncIndex{}) } -> std::same_as<typename S::Value>;
  { s.ref_as_non_null(ref) } -> std::same_as<typename S::Value>;
  { s.ref_eq(v, v) } -> std::same_as<typename S::Value>;
  { s.ref_test(ref, /*to*/ ValType{}) } -> std::same_as<typename S::Value>;
  { s.ref_cast(ref, /*to*/ ValType{}) } -> std::same_as<typename S::Value>;
  { s.any_convert_extern(ref) } -> std::same_as<typename S::Value>;
  { s.extern_convert_any(ref) } -> std::same_as<typename S::Value>;
  { s.ref_i31(v) } -> std::same_as<typename S::Value>;
  { s.i31_get(op, ref) } -> std::same_as<typename S::Value>;
  { s.table_get(TableIndex{}, /*index*/ v) } -> std::same_as<typename S::Value>;
  s.table_set(TableIndex{}, /*index*/ v, /*value*/ v);
  { s.table_size(TableIndex{}) } -> std::same_as<typename S::Value>;
  { s.table_grow(TableIndex{}, /*initial*/ v, /*by*/ v) } -> std::same_as<typename S::Value>;
  s.table_fill(TableIndex{}, /*index*/ v, /*value*/ v, /*size*/ v);
  s.table_copy(/*to*/ TableIndex{}, /*from*/ TableIndex{}, /*to*/ v, /*from*/ v, /*size*/ v);
  s.table_init(TableIndex{}, ElemIndex{}, /*to*/ v, /*from*/ v, /*size*/ v);
  s.elem_drop(ElemIndex{});
};

template <typename S>
concept ObjectSink = SinkTypes<S> && requires(S s, typename S::Value v, std::span<const typename S::Value> in,
                                             Opcode op, const Reference<typename S::Value>& ref, const Field& field,
                                             std::span<const FieldType> fields) {
  // Structs and arrays. Values of packed fields are i32; `op` tells how the getters extend them. Indices and
  // lengths are i32, and count elements, but for the start within a data segment, which counts bytes.
  { s.struct_new(TypeIndex{}, fields, in) } -> std::same_as<typename S::Value>;
  { s.struct_new_default(TypeIndex{}, fields) } -> std::same_as<typename S::Value>;
  { s.struct_get(op, field, ref) } -> std::same_as<typename S::Value>;
  s.struct_set(field, ref, /*value*/ v);
  { s.array_new(field, /*value*/ v, /*length*/ v) } -> std::same_as<typename S::Value>;
  { s.array_new_default(field, /*length*/ v) } -> std::same_as<typename S::Value>;
  { s.array_new_fixed(field, in) } -> std::same_as<typename S::Value>;
  { s.array_new_data(field, DataIndex{}, /*from*/ v, /*length*/ v) } -> std::same_as<typename S::Value>;
  { s.array_new_elem(field, ElemIndex{}, /*from*/ v, /*length*/ v) } -> std::same_as<typename S::Value>;
  { s.array_get(op, field, ref, /*index*/ v) } -> std::same_as<typename S::Value>;
  s.array_set(field, ref, /*index*/ v, /*value*/ v);
  { s.array_len(ref) } -> std::same_as<typename S::Value>;
  s.array_fill(field, ref, /*index*/ v, /*value*/ v, /*length*/ v);
  s.array_copy(/*to*/ field, ref, /*index*/ v, /*from*/ field, ref, /*index*/ v, /*length*/ v);
  s.array_init_data(field, DataIndex{}, ref, /*to*/ v, /*from*/ v, /*length*/ v);
  s.array_init_elem(field, ElemIndex{}, ref, /*to*/ v, /*from*/ v, /*length*/ v);
};

template <typename S>
concept ControlSink = SinkTypes<S> && requires(S s, typename S::Value v, typename S::Control& c,
                                              std::span<const typename S::Value> in,
                                              std::span<typename S::Value> out, const BlockType& type,
                                              const FuncType& func, const Reference<typename S::Value>& ref,
                                              std::span<typename S::Control* const> targets,
                                              std::span<const Catch<typename S::Control>> catches) {
  // Frames. `loop` may replace its parameters in place (by phis). The arms of an `if` both start with the
  // parameters given to `if_`. `else_` gets the values that fall out of the first arm.
  s.block(c, type);
  s.loop(c, type, out);
  s.if_(c, type, /*condition*/ v);
  s.else_(c, type, in, /*falls_through*/ bool{});
  s.try_table(c, type, catches);
  s.end(c, FrameKind{}, type, FrameEnd{}, out);

  // Branches. `br_if` leaves the values on the stack. The last target of `br_table` is the default; a label
  // may occur more than once.
  s.br(c, in);
  s.br_if(c, /*condition*/ v, in);
  s.br_table(/*index*/ v, targets, in);
  s.return_(in);
  s.unreachable();
  s.throw_(TagIndex{}, func, in);
  s.throw_ref(ref);

  // Branches on a reference. Where they do not branch they give the reference that goes on (`br_on_null`: it
  // is not null; `br_on_cast`: it is not of type `to`; `br_on_cast_fail`: it is). `in` is what a branch carries;
  // but for `br_on_null` its last value is the reference.
  { s.br_on_null(c, ref, in) } -> std::same_as<typename S::Value>;
  s.br_on_non_null(c, ref, in);
  { s.br_on_cast(c, ref, /*to*/ ValType{}, in) } -> std::same_as<typename S::Value>;
  { s.br_on_cast_fail(c, ref, /*to*/ ValType{}, in) } -> std::same_as<typename S::Value>;

  // Calls. Results are written to `out`, which is as long as the type's results.
  s.call(FuncIndex{}, func, in, out);
  s.call_indirect(TypeIndex{}, TableIndex{}, func, /*index*/ v, in, out);
  s.call_ref(TypeIndex{}, func, ref, in, out);
  s.return_call(FuncIndex{}, func, in);
  s.return_call_indirect(TypeIndex{}, TableIndex{}, func, /*index*/ v, in);
  s.return_call_ref(TypeIndex{}, func, ref, in);
};

template <typename S>
concept Sink = ValueSink<S> && MemorySink<S> && ReferenceSink<S> && ObjectSink<S> && ControlSink<S>;
// clang-format on

}  // namespace tenon::wasm
