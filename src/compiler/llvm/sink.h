#pragma once

#include <memory>
#include <span>
#include <vector>

#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/IRBuilder.h>

#include "compiler/llvm/chunk.h"
#include "compiler/llvm/inlined_calls.h"
#include "compiler/llvm/locals.h"
#include "compiler/llvm/survey.h"
#include "tenon/trap.h"
#include "wasm/validate/operand_stack.h"
#include "wasm/validate/sink.h"

// The sink that translates one function body to LLVM IR. Operands and locals are SSA values from
// the start; labels become basic blocks with phis. A vector value may have any 128-bit vector type:
// each instruction takes it as what it needs (`as`), and it becomes <2 x i64> where values meet or
// leave the function.
//
// Instructions that can trap, and calls, carry their position as a debug location; nothing else
// does.
namespace tenon::compiler::llvm_tier {

class FunctionSink {
 public:
  using Value = llvm::Value*;
  using Values = std::span<const Value>;
  using Results = std::span<Value>;
  using BlockType = wasm::BlockType;

  struct Branch {
    llvm::BasicBlock* from;
    llvm::SmallVector<Value, 2> values;
  };
  struct Label {
    llvm::BasicBlock* target = nullptr;      // of branches; made by the first
    llvm::BasicBlock* otherwise = nullptr;   // of an `if`: its second arm
    std::vector<Branch> branches;            // not of a loop
    std::vector<llvm::PHINode*> parameters;  // of a loop
    bool is_loop = false;
    Locals::Label locals;
  };
  // What a label is stays in place when the walker moves its frames: handlers keep their targets.
  struct Control {
    std::unique_ptr<Label> label = std::make_unique<Label>();
    Label* operator->() { return label.get(); }
    operator Label&() { return *label; }
  };
  using Catch = wasm::Catch<Control>;

  struct Options {
    bool locals_in_memory = false;
    bool short_blocks = false;     // see max_unoptimized_block
    bool relies_on_vmctx = false;  // calls do, see saved_registers.h
  };
  // `survey` is of the same body.
  FunctionSink(Chunk& chunk, const Survey& survey, Options options);

  // Walks a body of the chunk's module. inline.cc
  Result<void> translate(wasm::FuncIndex index);
  bool too_many_roots() const { return roots_ > max_roots || scanned_ > max_scanned_for_roots; }
  uint64_t roots() const { return roots_; }
  // What was made is of no use; a sink with locals in memory has to do it again.
  bool gave_up() const { return locals_.gave_up(); }
  llvm::Function* function() const { return function_; }

  // control.cc
  void begin_function(wasm::FuncIndex index, const wasm::FuncType& type, Control& control,
                      std::span<const wasm::ValType> locals);
  void end_function();
  void set_position(uint64_t offset) {
    if (call_ != nullptr) return;  // what is inlined is where its call is
    position_ = offset;
    if (options_.short_blocks && ++block_size_ > max_unoptimized_block) split_block();
  }
  void drop(Value) {}
  Value select(wasm::ValType type, Value condition, Value if_not_zero, Value if_zero);
  void block(Control& control, const BlockType& type);
  void loop(Control& control, const BlockType& type, Results parameters);
  void if_(Control& control, const BlockType& type, Value condition);
  void else_(Control& control, const BlockType& type, Values values, bool falls_through);
  void end(Control& control, wasm::FrameKind kind, const BlockType& type, wasm::FrameEnd end,
           Results results);
  void br(Control& control, Values values);
  void br_if(Control& control, Value condition, Values values);
  void br_table(Value index, std::span<Control* const> targets, Values values);
  void return_(Values values);
  void unreachable();
  Value local_get(uint32_t local) { return locals_.get(local); }
  void local_set(uint32_t local, Value value) { locals_.set(local, canonical(value)); }
  Value local_tee(uint32_t local, Value value);

  // numeric.cc, vector.cc
  Value i32_const(int32_t value) { return builder_.getInt32(static_cast<uint32_t>(value)); }
  Value i64_const(int64_t value) { return builder_.getInt64(static_cast<uint64_t>(value)); }
  Value f32_const(uint32_t bits);
  Value f64_const(uint64_t bits);
  Value v128_const(const wasm::V128& bytes);
  Value simple(wasm::Opcode op, Values in, const wasm::Lanes& lanes);
  void wide(wasm::Opcode op, Values in, Results results);

  // memory.cc
  Value load(wasm::Opcode op, const wasm::MemArg& memarg, Value address);
  void store(wasm::Opcode op, const wasm::MemArg& memarg, Value address, Value value);
  Value load_lane(wasm::Opcode op, const wasm::MemArg& memarg, uint8_t lane, Value address,
                  Value vector);
  void store_lane(wasm::Opcode op, const wasm::MemArg& memarg, uint8_t lane, Value address,
                  Value vector);
  Value memory_size(wasm::MemoryIndex memory);
  Value memory_grow(wasm::MemoryIndex memory, Value pages);
  void memory_fill(wasm::MemoryIndex memory, Value to, Value byte, Value size);
  void memory_copy(wasm::MemoryIndex to_memory, wasm::MemoryIndex from_memory, Value to, Value from,
                   Value size);
  void memory_init(wasm::MemoryIndex memory, wasm::DataIndex segment, Value to, Value from,
                   Value size);
  void data_drop(wasm::DataIndex segment);

  // atomics.cc
  Value atomic(wasm::Opcode op, const wasm::MemArg& memarg, Values in);
  void atomic_store(wasm::Opcode op, const wasm::MemArg& memarg, Value address, Value value);
  void atomic_fence();

  // tables.cc
  Value global_get(wasm::GlobalIndex global);
  void global_set(wasm::GlobalIndex global, Value value);
  Value ref_null(wasm::ValType type);
  Value ref_is_null(Value reference);
  Value ref_func(wasm::FuncIndex function);
  Value table_get(wasm::TableIndex table, Value index);
  void table_set(wasm::TableIndex table, Value index, Value value);
  Value table_size(wasm::TableIndex table);
  Value table_grow(wasm::TableIndex table, Value initial, Value count);
  void table_fill(wasm::TableIndex table, Value index, Value value, Value size);
  void table_copy(wasm::TableIndex to_table, wasm::TableIndex from_table, Value to, Value from,
                  Value size);
  void table_init(wasm::TableIndex table, wasm::ElemIndex segment, Value to, Value from,
                  Value size);
  void elem_drop(wasm::ElemIndex segment);

  // casts.cc
  using Ref = wasm::Reference<Value>;
  Value ref_eq(Value left, Value right);
  Value ref_i31(Value value);
  Value i31_get(wasm::Opcode op, const Ref& ref);
  Value any_convert_extern(const Ref& ref) { return ref.value; }
  Value extern_convert_any(const Ref& ref) { return ref.value; }
  Value ref_test(const Ref& ref, wasm::ValType to);
  Value ref_cast(const Ref& ref, wasm::ValType to);
  Value br_on_cast(Control& control, const Ref& ref, wasm::ValType to, Values values);
  Value br_on_cast_fail(Control& control, const Ref& ref, wasm::ValType to, Values values);

  // structs.cc, arrays.cc
  using Field = wasm::Field;
  Value struct_new(wasm::TypeIndex type, std::span<const wasm::FieldType> fields, Values values);
  Value struct_new_default(wasm::TypeIndex type, std::span<const wasm::FieldType> fields);
  Value struct_get(wasm::Opcode op, const Field& field, const Ref& ref);
  void struct_set(const Field& field, const Ref& ref, Value value);
  Value array_new(const Field& field, Value value, Value length);
  Value array_new_default(const Field& field, Value length);
  Value array_new_fixed(const Field& field, Values values);
  Value array_new_data(const Field& field, wasm::DataIndex segment, Value from, Value length);
  Value array_new_elem(const Field& field, wasm::ElemIndex segment, Value from, Value length);
  Value array_get(wasm::Opcode op, const Field& field, const Ref& ref, Value index);
  void array_set(const Field& field, const Ref& ref, Value index, Value value);
  Value array_len(const Ref& ref);
  void array_fill(const Field& field, const Ref& ref, Value index, Value value, Value length);
  void array_copy(const Field& to, const Ref& to_ref, Value to_index, const Field& from,
                  const Ref& from_ref, Value from_index, Value length);
  void array_init_data(const Field& field, wasm::DataIndex segment, const Ref& ref, Value to,
                       Value from, Value length);
  void array_init_elem(const Field& field, wasm::ElemIndex segment, const Ref& ref, Value to,
                       Value from, Value length);
  // exceptions.cc
  void try_table(Control& control, const BlockType& type, std::span<const Catch> catches);
  void throw_(wasm::TagIndex tag, const wasm::FuncType& type, Values values);
  void throw_ref(const wasm::Reference<Value>& exception);

  // references.cc
  Value ref_as_non_null(const Ref& ref);
  Value br_on_null(Control& control, const Ref& ref, Values values);
  void br_on_non_null(Control& control, const Ref& ref, Values values);
  void call_ref(wasm::TypeIndex type, const wasm::FuncType& func, const Ref& ref, Values arguments,
                Results results);
  void return_call_ref(wasm::TypeIndex type, const wasm::FuncType& func, const Ref& ref,
                       Values arguments);

  // calls.cc
  void call(wasm::FuncIndex function, const wasm::FuncType& type, Values arguments,
            Results results);
  void call_indirect(wasm::TypeIndex type, wasm::TableIndex table, const wasm::FuncType& func,
                     Value index, Values arguments, Results results);
  void return_call(wasm::FuncIndex function, const wasm::FuncType& type, Values arguments);
  void return_call_indirect(wasm::TypeIndex type, wasm::TableIndex table,
                            const wasm::FuncType& func, Value index, Values arguments);

 private:
  // A call that is replaced by the body that this sink translates.
  struct InlinedCall {
    const FunctionSink& caller;
    Value vmctx;
    Values arguments;
    llvm::BasicBlock* behind;
    llvm::SmallVector<Branch, 2> returns;
  };
  struct Callee {
    Value code;
    Value vmctx;
    const Signature& signature;
    bool keeps_vmctx = false;  // returns with it in its register
  };

  // inline.cc
  void begin_inlined(std::vector<Value>& parameters);
  void return_inlined(Values values);
  Value callee_vmctx(wasm::FuncIndex function);
  void call_inlined(const InlineBody& body, Value vmctx, Values arguments, Results results);

  // control.cc
  llvm::BasicBlock* new_block();
  void split_block();
  // Goes on in a new block; `stop` is where the code so far goes if `condition` holds, which is
  // unlikely.
  void leave_if(Value condition, llvm::BasicBlock* stop);
  void trap(TrapCode code);
  void trap_if(Value condition, TrapCode code);
  void branch_to(Label& label, llvm::BasicBlock* from, Values values);
  llvm::BasicBlock* target(Label& label);
  void merge(Label& label, const BlockType& type, Results results);
  void branch_if(Control& control, Value condition, Values values);
  // The condition of an `if`, `br_if` or `select`.
  Value truth(Value i32);
  Value bool_to_i32(Value condition) {
    return builder_.CreateZExt(condition, builder_.getInt32Ty());
  }
  static bool is_vector(Value value) { return value->getType()->isVectorTy(); }
  Value canonical(Value value);
  Value as(Value value, llvm::Type* type);
  void locate(llvm::Instruction* instruction);

  // numeric.cc
  Value scalar(wasm::Opcode op, Values in);
  Value integer(wasm::Opcode op, Values in);
  Value floating(wasm::Opcode op, Values in);
  Value conversion(wasm::Opcode op, Values in);
  Value compare(llvm::CmpInst::Predicate predicate, Values in);
  Value unary(llvm::Intrinsic::ID intrinsic, Value value);
  Value binary(llvm::Intrinsic::ID intrinsic, Value left, Value right);
  Value shift_amount(Value value);
  Value divide(llvm::Instruction::BinaryOps op, Value left, Value right);
  Value remainder_signed(Value left, Value right);
  Value quieted(Value value);
  Value float_add(Value left, Value right);
  Value float_subtract(Value left, Value right);
  Value float_multiply(Value left, Value right);
  Value float_divide(Value left, Value right);
  Value float_min_max(llvm::Intrinsic::ID intrinsic, Value left, Value right);
  Value demote(Value value, llvm::Type* to);
  Value truncate(Value value, unsigned bits, bool is_signed);
  Value saturate(Value value, llvm::Type* to, bool is_signed);

  // vector.cc
  Value vector(wasm::Opcode op, Values in, const wasm::Lanes& lanes);
  Value vector_integer(wasm::Opcode op, Values in, llvm::FixedVectorType* shape);
  Value vector_float(wasm::Opcode op, Values in, llvm::FixedVectorType* shape);
  Value vector_lanes(wasm::Opcode op, Values in, const wasm::Lanes& lanes,
                     llvm::FixedVectorType* shape);
  Value vector_compare(llvm::CmpInst::Predicate predicate, Values in, llvm::FixedVectorType* shape);
  Value vector_shift(llvm::Instruction::BinaryOps op, Values in, llvm::FixedVectorType* shape);
  Value vector_convert(wasm::Opcode op, Values in);
  Value vector_extend(wasm::Opcode op, Value value);
  Value vector_multiply_extended(wasm::Opcode op, Values in);
  Value vector_add_pairs(wasm::Opcode op, Value value);
  Value vector_special(wasm::Opcode op, Values in);
  Value extended_half(Value value, llvm::FixedVectorType* from, bool high, bool is_signed);
  Value pairwise_sum(Value value);
  Value lower_half_with_zeros(Value value);

  // memory.cc
  const wasm::MemoryType& memory_type(wasm::MemoryIndex memory) const {
    return input().module.memories[memory];
  }
  llvm::Type* address_type(const wasm::Limits& limits) {
    return limits.is_64 ? builder_.getInt64Ty() : builder_.getInt32Ty();
  }
  Value memory_field(wasm::MemoryIndex memory, uint64_t offset);
  Value load_once(Value& kept, llvm::Type* type, wasm::MemoryIndex memory, uint64_t offset);
  Value host_address(wasm::MemoryIndex memory, Value index, uint64_t offset = 0);
  Value memory_bound(wasm::MemoryIndex memory);
  Value memory_length(wasm::MemoryIndex memory);
  void check_access(const wasm::MemArg& memarg, Value index, uint32_t size);
  Value pointer(const wasm::MemArg& memarg, Value address, uint32_t size);
  Value guest_load(llvm::Type* type, Value address);
  void guest_store(Value value, Value address);
  void check_range(wasm::MemoryIndex memory, Value start, Value size);
  Value atomic_pointer(const wasm::MemArg& memarg, Value address, uint32_t size);
  Value wait_or_notify(wasm::Opcode op, const wasm::MemArg& memarg, Values in);
  bool copy_inline(Value to, Value from, Value size);
  bool fill_inline(Value to, Value byte, Value size);

  // tables.cc
  Value field(Value base, uint64_t offset);
  llvm::LoadInst* load_invariant(llvm::Type* type, Value address);
  Value load_runtime(llvm::Type* type, Value address);
  Value header_field(uint64_t offset) { return field(vmctx_, offset); }
  // `array` is an offset of VmLayout.
  Value vmctx_field(int32_t array, uint64_t offset) {
    return field(vmctx_, static_cast<uint64_t>(int64_t{array}) + offset);
  }
  Value to_u64(Value value);
  Value from_u64(Value value, llvm::Type* type);
  Value table_length(wasm::TableIndex table);
  Value builtin_code(Builtin builtin);
  // Calls a built-in of the runtime; arguments follow the vmctx. References that the instruction
  // needs after the call, and that are on the operand stack no more, are `held`.
  Value call_builtin(Builtin builtin, llvm::Type* result, std::initializer_list<Value> arguments,
                     Values held = {});
  Value global_address(wasm::GlobalIndex global);

  // calls.cc
  Callee direct_callee(wasm::FuncIndex function);
  llvm::LoadInst* load_imported(wasm::FuncIndex function, uint64_t offset);
  Callee indirect_callee(wasm::TypeIndex type, wasm::TableIndex table, Value index);
  bool call_one_of_few(wasm::TypeIndex type, wasm::TableIndex table, const wasm::FuncType& func,
                       Value index, Values arguments, Results results);
  Value checked_position(wasm::TableIndex table, Value index);
  Value resolve_indirect(wasm::TypeIndex type, wasm::TableIndex table, Value position);
  void refuse_element(wasm::TypeIndex type, wasm::TableIndex table, Value position);
  Callee closed_callee(wasm::TypeIndex type, wasm::TableIndex table, Value position);
  Value vmctx_of(Value reference);
  llvm::SmallVector<Value, 16> pass_arguments(const Callee& callee, Values arguments);
  void set_convention(llvm::CallBase* call, const Signature& signature);
  llvm::CallBase* emit_call(const Callee& callee, Values arguments);
  void read_results(llvm::CallBase* call, const Signature& signature, const wasm::FuncType& type,
                    Results results);
  void tail_call(const Callee& callee, Values arguments);
  Value overflow_slot(uint32_t number);
  void read_parameters(const wasm::FuncType& type, std::vector<Value>& parameters);

  // casts.cc
  void check_null(const Ref& ref, TrapCode code);
  Value is_instance(const Ref& ref, wasm::ValType to);
  Value has_type(const Ref& ref, wasm::HeapType to);
  Value is_of_type(Value type_id, wasm::TypeIndex type);
  Value cast_row_entry(Value type_id, uint32_t entry);

  // objects.cc
  struct NewObject {
    wasm::TypeIndex type;
    Value size = nullptr;    // in bytes, 64 bits wide; a multiple of object_alignment
    Value length = nullptr;  // of an array
  };
  // A value that is stored in an object, and how.
  struct Access {
    Storage storage = Storage::i32;
    bool may_fault = false;  // by null
  };
  Value store_context();
  Value heap_base();
  Value object_address(Value object, uint64_t offset);
  Value type_id(wasm::TypeIndex type);
  Value load_window(uint64_t offset);
  void store_window(Value value, uint64_t offset);
  Value load_header(Value object, uint64_t offset);
  Value load_field(Access access, Value address);
  Value extended(wasm::Opcode op, Value value);
  Value narrowed(Storage storage, Value value);
  void store_field(Access access, Value value, Value address);
  void init_field(Storage storage, Value value, Value address);
  void overwrite_field(Access access, Value value, Value address);
  // What `show` does happens while the heap is marking, on a cold path.
  void if_marking(llvm::function_ref<void()> show);
  Value allocate(const NewObject& object, Values held);
  Value call_plain(Builtin builtin, std::initializer_list<Value> arguments);

  // structs.cc
  Value field_address(const Field& field, const Ref& ref, Access& access);

  // arrays.cc
  Value array_length(const Ref& ref);
  Value element_address(const ArrayLayout& layout, Value array, Value index);
  void check_elements(const Ref& ref, Value index, Value count);
  Value new_array(const Field& field, Value length, Values held);
  void fill_elements(Storage storage, Value address, Value value, Value count);
  void show_elements(Storage storage, Value array, Value index, Value count);
  // exceptions.cc
  struct Clause {
    wasm::CatchKind kind;
    wasm::TagIndex tag;
    const wasm::FuncType* type;
    Label* target;
    bool has_reference() const {
      return kind == wasm::CatchKind::catch_ref || kind == wasm::CatchKind::catch_all_ref;
    }
  };
  // An exception on its way through the function: the reference, and the address of its tag.
  struct Exception {
    Value reference;
    Value tag;
  };
  // The clauses of an open `try_table`. What is thrown in its body arrives at `block`.
  struct Handler {
    struct Arrival {
      llvm::BasicBlock* from;
      Exception exception;
    };
    llvm::BasicBlock* block;
    std::vector<Clause> clauses;
    std::vector<Arrival> arrivals;
    Locals::Label locals;
  };
  // While it lives, objects are addressed by a heap base that is loaded where this was made.
  class ColdHeap {
   public:
    explicit ColdHeap(FunctionSink& sink);
    ~ColdHeap() { sink_.heap_base_ = base_; }
    ColdHeap(const ColdHeap&) = delete;
    ColdHeap& operator=(const ColdHeap&) = delete;

   private:
    FunctionSink& sink_;
    Value base_;
  };
  Value load_cold(Value address);
  llvm::BasicBlock* make_landing_pad();
  void end_handler();
  Exception arrived(const Handler& handler);
  void propagate(const Exception& exception);
  void take(const Clause& clause, const Exception& exception);
  bool surely_differ(wasm::TagIndex left, wasm::TagIndex right) const;
  const Clause* surely_taken(wasm::TagIndex tag) const;
  Value tag_address(wasm::TagIndex tag);
  Value new_exception(wasm::TagIndex tag, const wasm::FuncType& type, Values values);

  // references.cc
  Callee referenced_callee(wasm::TypeIndex type, const Ref& ref);

  // safepoints.cc
  llvm::SmallVector<llvm::OperandBundleDef, 1> roots_of_call(size_t arguments, Values held);

  const ChunkInput& input() const { return chunk_.input; }

  Chunk& chunk_;
  const Survey& survey_;
  Options options_;
  llvm::IRBuilder<> builder_;
  Locals locals_;
  const wasm::OperandStack<Value>* operands_ = nullptr;
  uint64_t roots_ = 0;
  uint64_t scanned_ = 0;
  llvm::Function* function_ = nullptr;
  llvm::DISubprogram* scope_ = nullptr;
  const Signature* signature_ = nullptr;
  Value vmctx_ = nullptr;
  llvm::BasicBlock* entry_ = nullptr;
  uint64_t position_ = 0;
  uint32_t block_size_ = 0;               // instructions since the last split
  llvm::DILocation* location_ = nullptr;  // of `location_position_`
  uint64_t location_position_ = 0;
  size_t loops_seen_ = 0;
  std::vector<Value> memory_bases_;   // loaded in the entry block
  std::vector<Value> memory_bounds_;  // the same
  Value heap_base_ = nullptr;         // the same
  std::vector<llvm::BasicBlock*> cold_blocks_;
  std::vector<Handler> handlers_;  // of open frames, innermost last
  InlinedCalls inlined_;
  InlinedCall* call_ = nullptr;  // that this body stands in place of; null: it is a function's own
};
static_assert(wasm::Sink<FunctionSink>);

}  // namespace tenon::compiler::llvm_tier
