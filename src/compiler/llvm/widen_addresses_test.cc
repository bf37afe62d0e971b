#include "compiler/llvm/widen_addresses.h"

#include <doctest/doctest.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

namespace tenon::compiler::llvm_tier {
namespace {

using llvm::BasicBlock;

// Follows a list in memory to its end and gives the last address plus `unused` work on it: the
// address is a phi that is extended in another block than its load.
struct List {
  llvm::LLVMContext context;
  llvm::Module module{"list", context};
  llvm::Function* function = nullptr;
  BasicBlock* loop = nullptr;
  BasicBlock* body = nullptr;

  List() {
    llvm::IRBuilder<> builder(context);
    llvm::Type* i32 = builder.getInt32Ty();
    auto* type = llvm::FunctionType::get(i32, {builder.getPtrTy(), i32}, false);
    function = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, "last", module);
    auto* entry = BasicBlock::Create(context, "entry", function);
    loop = BasicBlock::Create(context, "loop", function);
    body = BasicBlock::Create(context, "body", function);
    auto* done = BasicBlock::Create(context, "done", function);
    builder.SetInsertPoint(entry);
    builder.CreateBr(loop);
    builder.SetInsertPoint(loop);
    llvm::PHINode* address = builder.CreatePHI(i32, 2);
    llvm::PHINode* before = builder.CreatePHI(i32, 2);
    builder.CreateCondBr(builder.CreateIsNull(address), done, body);
    builder.SetInsertPoint(body);
    llvm::Value* wide = builder.CreateZExt(address, builder.getInt64Ty());
    llvm::Value* next =
        builder.CreateLoad(i32, builder.CreatePtrAdd(function->getArg(0), wide), true);
    builder.CreateBr(loop);
    builder.SetInsertPoint(done);
    builder.CreateRet(before);
    address->addIncoming(function->getArg(1), entry);
    address->addIncoming(next, body);
    before->addIncoming(builder.getInt32(0), entry);
    before->addIncoming(address, body);
  }
};

TEST_CASE("addresses that cross blocks are extended where they are made") {
  List list;
  REQUIRE_FALSE(llvm::verifyFunction(*list.function, &llvm::errs()));
  widen_addresses(*list.function);
  CHECK_FALSE(llvm::verifyFunction(*list.function, &llvm::errs()));
  uint32_t extended_loads = 0;
  for (const llvm::Instruction& instruction : *list.body) {
    if (!llvm::isa<llvm::ZExtInst>(instruction)) continue;
    CHECK(llvm::isa<llvm::LoadInst>(instruction.getOperand(0)));
    extended_loads++;
  }
  CHECK(extended_loads == 1);
  uint32_t wide_phis = 0;
  for (const llvm::PHINode& phi : list.loop->phis()) wide_phis += phi.getType()->isIntegerTy(64);
  CHECK(wide_phis == 1);
  // Only the value that is no address is still narrow.
  CHECK(std::distance(list.loop->phis().begin(), list.loop->phis().end()) == 2);
}

}  // namespace
}  // namespace tenon::compiler::llvm_tier
