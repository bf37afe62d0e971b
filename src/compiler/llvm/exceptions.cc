#include <llvm/ADT/STLExtras.h>
#include <llvm/IR/Constants.h>

#include "compiler/llvm/bounds.h"
#include "compiler/llvm/sink.h"

// Exceptions (docs/contract.md, section 9). A call in the body of a `try_table` has a landing pad,
// where the runtime goes on with the exception's reference and tag in registers. Landing pads of
// one `try_table` lead to one chain of comparisons, for its clauses in order; what fits none goes
// on to the enclosing one, or back to the runtime. What the body throws itself goes there directly.
//
// The path that does not throw pays nothing. Each call has a landing pad of its own, so that values
// which differ between them meet behind the pads, and are copied there; and what handlers read is
// read in them, by loads that nothing moves to where the function begins.
namespace tenon::compiler::llvm_tier {

using wasm::CatchKind;
using wasm::FuncType;
using wasm::TagIndex;

void FunctionSink::try_table(Control& control, const BlockType&, std::span<const Catch> catches) {
  locals_.open(control->locals);
  Handler& handler = handlers_.emplace_back();
  handler.block = new_block();
  for (const Catch& clause : catches)
    handler.clauses.push_back({clause.kind, clause.tag, clause.type, clause.target->label.get()});
  locals_.open(handler.locals);
}

llvm::BasicBlock* FunctionSink::make_landing_pad() {
  if (!function_->hasPersonalityFn()) function_->setPersonalityFn(chunk_.personality());
  llvm::BasicBlock* block = new_block();
  cold_blocks_.push_back(block);
  llvm::IRBuilder<>::InsertPointGuard guard(builder_);
  builder_.SetInsertPoint(block);
  auto* type = llvm::StructType::get(builder_.getInt64Ty(), builder_.getPtrTy());
  llvm::LandingPadInst* pad = builder_.CreateLandingPad(type, 0);
  pad->setCleanup(true);
  Value reference =
      builder_.CreateTrunc(builder_.CreateExtractValue(pad, 0), builder_.getInt32Ty());
  propagate({reference, builder_.CreateExtractValue(pad, 1)});
  return block;
}

// From where the builder stands to the innermost handler, or out of the function.
void FunctionSink::propagate(const Exception& exception) {
  if (handlers_.empty()) {
    call_builtin(Builtin::throw_, builder_.getVoidTy(), {exception.reference});
    builder_.CreateUnreachable();
    return;
  }
  Handler& handler = handlers_.back();
  llvm::BasicBlock* from = builder_.GetInsertBlock();
  handler.arrivals.push_back({from, exception});
  locals_.branch(handler.locals, from);
  builder_.CreateBr(handler.block);
}

// What arrives at a handler, where the builder stands.
FunctionSink::Exception FunctionSink::arrived(const Handler& handler) {
  llvm::Type* reference_type = builder_.getInt32Ty();
  llvm::Type* tag_type = builder_.getPtrTy();
  if (handler.arrivals.empty())
    return {llvm::PoisonValue::get(reference_type), llvm::PoisonValue::get(tag_type)};
  auto count = static_cast<unsigned>(handler.arrivals.size());
  llvm::PHINode* reference = builder_.CreatePHI(reference_type, count);
  llvm::PHINode* tag = builder_.CreatePHI(tag_type, count);
  for (const Handler::Arrival& arrival : handler.arrivals) {
    reference->addIncoming(arrival.exception.reference, arrival.from);
    tag->addIncoming(arrival.exception.tag, arrival.from);
  }
  return {reference, tag};
}

// At the end of a `try_table`: its clauses.
void FunctionSink::end_handler() {
  Handler handler = std::move(handlers_.back());
  handlers_.pop_back();
  builder_.SetInsertPoint(handler.block);
  Exception exception = arrived(handler);
  locals_.merge(handler.locals, handler.block);
  ColdHeap cold(*this);
  for (const Clause& clause : handler.clauses) {
    if (clause.type == nullptr) return take(clause, exception);
    llvm::BasicBlock* taken = new_block();
    llvm::BasicBlock* next = new_block();
    builder_.CreateCondBr(builder_.CreateICmpEQ(exception.tag, tag_address(clause.tag)), taken,
                          next);
    builder_.SetInsertPoint(taken);
    take(clause, exception);
    builder_.SetInsertPoint(next);
  }
  propagate(exception);
}

// Branches to the clause's label with the values of an exception of its tag.
void FunctionSink::take(const Clause& clause, const Exception& exception) {
  llvm::SmallVector<Value, 4> values;
  if (clause.type != nullptr) {
    StructLayout layout = exception_layout(chunk_.storages(clause.type->params));
    for (size_t i = 0; i < clause.type->params.size(); ++i) {
      Access access{chunk_.storage({.type = clause.type->params[i]})};
      values.push_back(
          load_field(access, object_address(exception.reference, layout.offsets[i + 1])));
    }
  }
  if (clause.has_reference()) values.push_back(exception.reference);
  branch_to(*clause.target, builder_.GetInsertBlock(), values);
  builder_.CreateBr(target(*clause.target));
}

// Only two imports can be the same tag under two indices.
bool FunctionSink::surely_differ(TagIndex left, TagIndex right) const {
  uint32_t imported = input().module.imported_tags;
  return left != right && (left.index >= imported || right.index >= imported);
}

// The clause of this function that an exception thrown here meets, where that is certain.
const FunctionSink::Clause* FunctionSink::surely_taken(TagIndex tag) const {
  uint32_t seen = 0;
  for (const Handler& handler : llvm::reverse(handlers_)) {
    for (const Clause& clause : handler.clauses) {
      if (clause.type == nullptr || clause.tag == tag) return &clause;
      if (!surely_differ(clause.tag, tag) || ++seen == max_clauses_foreseen) return nullptr;
    }
  }
  return nullptr;
}

FunctionSink::Value FunctionSink::load_cold(Value address) {
  return builder_.CreateAlignedLoad(builder_.getPtrTy(), address, llvm::Align(8));
}

FunctionSink::Value FunctionSink::tag_address(TagIndex tag) {
  return load_cold(vmctx_field(input().layout.tags, tag.index * sizeof(void*)));
}

FunctionSink::ColdHeap::ColdHeap(FunctionSink& sink) : sink_(sink), base_(sink.heap_base_) {
  Value store = sink.load_cold(sink.header_field(offsetof(VmHeader, store)));
  sink.heap_base_ = sink.load_cold(sink.field(store, offsetof(StoreContext, heap_base)));
}

FunctionSink::Value FunctionSink::new_exception(TagIndex tag, const FuncType& type, Values values) {
  ColdHeap cold(*this);
  std::vector<Storage> storages = chunk_.storages(type.params);
  StructLayout layout = exception_layout(storages);
  llvm::SmallVector<Value, 4> held;
  for (size_t i = 0; i < values.size(); ++i)
    if (storages[i] == Storage::ref) held.push_back(values[i]);
  Value object = allocate(
      {.type = input().module.tags[tag].type, .size = builder_.getInt64(layout.size)}, held);
  builder_.CreateAlignedStore(tag_address(tag), object_address(object, exception_tag_offset),
                              llvm::Align(8));
  for (size_t i = 0; i < values.size(); ++i)
    init_field(storages[i], values[i], object_address(object, layout.offsets[i + 1]));
  return object;
}

// wasm: exec-throw
void FunctionSink::throw_(TagIndex tag, const FuncType& type, Values values) {
  const Clause* clause = surely_taken(tag);
  if (clause == nullptr) return propagate({new_exception(tag, type, values), tag_address(tag)});
  llvm::SmallVector<Value, 4> carried;
  Value reference = clause->has_reference() ? new_exception(tag, type, values) : nullptr;
  if (clause->type != nullptr) carried.append(values.begin(), values.end());
  if (reference != nullptr) carried.push_back(reference);
  branch_to(*clause->target, builder_.GetInsertBlock(), carried);
  builder_.CreateBr(target(*clause->target));
}

// wasm: exec-throw_ref
void FunctionSink::throw_ref(const Ref& exception) {
  if (exception.type.is_nullable())
    trap_if(builder_.CreateIsNull(exception.value), TrapCode::null_reference);
  Value tag = nullptr;  // nobody asks for it outside of handlers
  if (!handlers_.empty()) {
    ColdHeap cold(*this);
    tag = load_cold(object_address(exception.value, exception_tag_offset));
  }
  propagate({exception.value, tag});
}

}  // namespace tenon::compiler::llvm_tier
