#pragma once

#include <algorithm>
#include <vector>

#include "compiler/llvm/abi.h"
#include "compiler/llvm/access.h"
#include "compiler/llvm/bounds.h"
#include "compiler/llvm/inlined_calls.h"
#include "compiler/llvm/reference_uses.h"
#include "compiler/tier.h"
#include "wasm/validate/null_sink.h"

// What is known of a body before it is translated, from a walk of its own: its size, which decides
// how much effort it gets, and which locals each loop assigns, which decides where they need phis.
namespace tenon::compiler::llvm_tier {

struct Survey {
  uint64_t instructions = 0;
  uint32_t inlined = 0;           // of `instructions`, those of bodies in place of calls
  uint64_t blocks = 0;            // that the translation will have, roughly
  uint64_t longest_run = 0;       // instructions between branches and labels
  uint64_t carried_operands = 0;  // over all branches
  uint64_t loop_assignments = 0;
  std::vector<std::vector<uint32_t>> loops;  // locals assigned in each, in order of their starts
  ReferenceUses references;
  bool catches_references = false;  // exceptions as references

  bool locals_in_memory() const { return loop_assignments > max_loop_assignments; }
};

class SurveySink : public wasm::NullSink {
 public:
  struct Control {
    uint32_t loop = 0;
    size_t arity = 0;
  };
  using BlockType = wasm::BlockType;

  Survey survey;

  // `inline_budget`: instructions that calls may become (InlinedCalls).
  SurveySink(const ChunkInput& input, uint32_t inline_budget)
      : module_(input.module),
        mode_(input.options.memory_mode),
        inlined_(input.inlined, inline_budget) {}

  void begin_function(wasm::FuncIndex, const wasm::FuncType& type, Control& control,
                      std::span<const wasm::ValType> locals) {
    control.arity = type.results.size();
    survey.references.start(object_reference_locals(module_, locals),
                            static_cast<uint32_t>(locals.size()));
  }
  void set_position(uint64_t position) {
    survey.references.set_position(position);
    ++survey.instructions;
    if (survey.blocks != run_block_) {
      run_block_ = survey.blocks;
      run_start_ = survey.instructions;
    }
    survey.longest_run = std::max(survey.longest_run, survey.instructions - run_start_);
  }

  Value simple(wasm::Opcode op, Values, const wasm::Lanes&) {
    if (can_trap(op)) add_checks(2);
    if (is_long(op)) survey.instructions += long_vector_instruction - 1;
    return {};
  }
  Value load(wasm::Opcode op, const wasm::MemArg& memarg, Value) {
    access(op, memarg);
    return {};
  }
  void store(wasm::Opcode op, const wasm::MemArg& memarg, Value, Value) { access(op, memarg); }
  Value load_lane(wasm::Opcode op, const wasm::MemArg& memarg, uint8_t, Value, Value) {
    access(op, memarg);
    return {};
  }
  void store_lane(wasm::Opcode op, const wasm::MemArg& memarg, uint8_t, Value, Value) {
    access(op, memarg);
  }
  Value atomic(wasm::Opcode op, const wasm::MemArg& memarg, Values) {
    add_checks(2);  // the alignment's, and what becomes a loop
    access(op, memarg);
    return {};
  }
  void atomic_store(wasm::Opcode op, const wasm::MemArg& memarg, Value, Value) {
    add_checks(1);
    access(op, memarg);
  }
  void memory_fill(wasm::MemoryIndex, Value, Value, Value) { add_inline_accesses(1); }
  void memory_copy(wasm::MemoryIndex, wasm::MemoryIndex, Value, Value, Value) {
    add_inline_accesses(2);
  }

  void global_set(wasm::GlobalIndex global, Value) {
    wasm::ValType type = module_.globals[global].type.type;
    if (stored_as(module_, {type}) == Storage::ref) add_checks(1);
  }

  Value ref_test(const Ref&, wasm::ValType) { return cast(); }
  Value ref_cast(const Ref&, wasm::ValType) { return cast(); }
  Value br_on_cast(Control& control, const Ref&, wasm::ValType, Values) {
    return branch_on_cast(control);
  }
  Value br_on_cast_fail(Control& control, const Ref&, wasm::ValType, Values) {
    return branch_on_cast(control);
  }
  Value i31_get(wasm::Opcode, const Ref&) { return check(1); }
  Value struct_new(wasm::TypeIndex, std::span<const wasm::FieldType> fields, Values) {
    return allocate(fields.size());
  }
  Value struct_new_default(wasm::TypeIndex, std::span<const wasm::FieldType>) {
    return allocate(0);
  }
  Value struct_get(wasm::Opcode, const wasm::Field&, const Ref&) { return check(1); }
  void struct_set(const wasm::Field&, const Ref&, Value) { check(2); }
  Value array_new(const wasm::Field&, Value, Value) { return allocate(max_inline_accesses); }
  Value array_new_default(const wasm::Field&, Value) { return allocate(0); }
  Value array_new_fixed(const wasm::Field&, Values values) { return allocate(values.size()); }
  Value array_get(wasm::Opcode, const wasm::Field&, const Ref&, Value) { return check(2); }
  void array_set(const wasm::Field&, const Ref&, Value, Value) { check(3); }
  Value array_len(const Ref&) { return check(1); }
  void array_fill(const wasm::Field&, const Ref&, Value, Value, Value) {
    check(3);
    survey.instructions += max_inline_accesses;
  }
  void array_copy(const wasm::Field&, const Ref&, Value, const wasm::Field&, const Ref&, Value,
                  Value) {
    check(5);
  }

  Value local_get(uint32_t local) {
    survey.references.get(local);
    return {};
  }
  void local_set(uint32_t local, Value) { assign(local); }
  Value local_tee(uint32_t local, Value) {
    assign(local);
    return {};
  }

  void block(Control& control, const BlockType& type) {
    ++survey.blocks;
    control.arity = type.results.size();
    survey.references.open_frame();
  }
  void loop(Control& control, const BlockType& type, Results) {
    ++survey.blocks;
    control.arity = type.params.size();
    control.loop = static_cast<uint32_t>(survey.loops.size());
    survey.loops.emplace_back();
    survey.references.open_loop();
    open_loops_.push_back(control.loop);
  }
  void if_(Control& control, const BlockType& type, Value) {
    survey.blocks += 2;
    control.arity = type.results.size();
    survey.references.open_frame();
  }
  void try_table(Control& control, const BlockType& type,
                 std::span<const wasm::Catch<Control>> catches) {
    survey.blocks += 2 * (1 + catches.size());
    control.arity = type.results.size();
    for (const wasm::Catch<Control>& clause : catches) {
      survey.carried_operands += clause.target->arity;
      survey.catches_references |= clause.has_reference();
    }
    ++open_handlers_;
    survey.references.open_frame();
  }
  void else_(Control&, const BlockType&, Values, bool) {}
  void end(Control&, wasm::FrameKind kind, const BlockType& type, wasm::FrameEnd, Results) {
    survey.carried_operands += type.results.size();
    if (kind == wasm::FrameKind::loop) {
      close_loop();
      survey.references.close_loop();
    } else {
      survey.references.close_frame();
    }
    if (kind == wasm::FrameKind::try_table) --open_handlers_;
  }
  void br(Control& control, Values) { survey.carried_operands += control.arity; }
  void br_if(Control& control, Value, Values) {
    ++survey.blocks;
    survey.carried_operands += control.arity;
  }
  void br_table(Value, std::span<Control* const> targets, Values) {
    for (Control* target : targets) survey.carried_operands += target->arity;
  }
  void call(wasm::FuncIndex function, const wasm::FuncType&, Values, Results) {
    const InlineBody* body = inlined_.take(function);
    if (body == nullptr) return add_call();
    survey.inlined += body->instructions;
    survey.instructions += body->instructions;
    survey.blocks += body->blocks;
  }
  void call_indirect(wasm::TypeIndex, wasm::TableIndex, const wasm::FuncType&, Value, Values,
                     Results) {
    add_checks(2);
    add_call();
  }
  void call_ref(wasm::TypeIndex, const wasm::FuncType&, const Ref&, Values, Results) { add_call(); }
  void return_call_indirect(wasm::TypeIndex, wasm::TableIndex, const wasm::FuncType&, Value,
                            Values) {
    add_checks(2);
  }

 private:
  // Each is a branch to a block of its own.
  void add_checks(uint64_t count) { survey.blocks += 2 * count; }

  Value check(uint64_t count) {
    add_checks(count);
    return {};
  }

  Value cast() { return check(3); }

  Value branch_on_cast(const Control& control) {
    survey.carried_operands += control.arity;
    return check(3);
  }

  // Of an object, with stores into it.
  Value allocate(uint64_t stores) {
    survey.instructions += stores;
    return check(1);
  }

  // In the body of a `try_table` a call ends its block, and has a landing pad.
  void add_call() {
    if (open_handlers_ != 0) survey.blocks += 2;
  }

  // Of a constant size, they become instructions one by one.
  void add_inline_accesses(uint64_t ranges) {
    add_checks(ranges);
    survey.instructions += ranges * max_inline_accesses;
  }

  void access(wasm::Opcode op, const wasm::MemArg& memarg) {
    const wasm::MemoryType& type = module_.memories[memarg.memory];
    AccessCheck check = access_check(type, mode_, memarg.offset, wasm::info(op).size);
    if (check != AccessCheck::none) add_checks(1);
  }

  // Whether it becomes many instructions.
  static bool is_long(wasm::Opcode op) {
    using wasm::Opcode;
    switch (op) {
      case Opcode::i8x16_shl:
      case Opcode::i8x16_shr_s:
      case Opcode::i8x16_shr_u:
      case Opcode::i64x2_shr_s:
      case Opcode::i32x4_trunc_sat_f32x4_s:
      case Opcode::i32x4_trunc_sat_f32x4_u:
      case Opcode::i32x4_trunc_sat_f64x2_s_zero:
      case Opcode::i32x4_trunc_sat_f64x2_u_zero:
      case Opcode::i64x2_mul: return true;
      default: return false;
    }
  }

  void assign(uint32_t local) {
    survey.references.set(local);
    if (open_loops_.empty()) return;
    std::vector<uint32_t>& list = survey.loops[open_loops_.back()];
    if (list.empty() || list.back() != local) list.push_back(local);
  }

  void close_loop() {
    std::vector<uint32_t>& list = survey.loops[open_loops_.back()];
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    survey.loop_assignments += list.size();
    open_loops_.pop_back();
    if (open_loops_.empty() || survey.locals_in_memory()) return;
    std::vector<uint32_t>& outer = survey.loops[open_loops_.back()];
    outer.insert(outer.end(), list.begin(), list.end());
  }

  const wasm::Module& module_;
  MemoryMode mode_;
  InlinedCalls inlined_;
  uint32_t open_handlers_ = 0;
  uint64_t run_block_ = 0;
  uint64_t run_start_ = 0;
  std::vector<uint32_t> open_loops_;
};
static_assert(wasm::Sink<SurveySink>);

}  // namespace tenon::compiler::llvm_tier
