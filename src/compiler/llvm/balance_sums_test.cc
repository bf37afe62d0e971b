#include "compiler/llvm/balance_sums.h"

#include <doctest/doctest.h>
#include <llvm/AsmParser/Parser.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

#include <string>

namespace tenon::compiler::llvm_tier {
namespace {

// A loop over `x`, and a counter, whose body is given and makes `%next`.
struct Loop {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module;
  llvm::Function* function = nullptr;

  explicit Loop(const std::string& body) {
    std::string text = R"(
define i32 @f(i32 %a, i32 %b, i32 %c, ptr %p) {
entry:
  br label %loop
loop:
  %x = phi i32 [ %a, %entry ], [ %next, %loop ]
  %i = phi i32 [ 0, %entry ], [ %more, %loop ]
  %more = add i32 %i, 1
)" + body + R"(
  %done = icmp eq i32 %more, %b
  br i1 %done, label %out, label %loop
out:
  ret i32 %next
}
)";
    llvm::SMDiagnostic problem;
    module = llvm::parseAssemblyString(text, problem, context);
    REQUIRE_MESSAGE(module != nullptr, problem.getMessage().str());
    function = module->getFunction("f");
  }

  bool balance() {
    llvm::DominatorTree tree(*function);
    bool changed = balance_sums(llvm::LoopInfo(tree));
    CHECK_FALSE(llvm::verifyFunction(*function, &llvm::errs()));
    return changed;
  }

  // How many operations lie between `x` of one turn and that of the next.
  int chain() const {
    llvm::BasicBlock& block = *std::next(function->begin());
    llvm::DenseMap<const llvm::Value*, int> length{{&*block.begin(), 0}};
    for (const llvm::Instruction& instruction : block) {
      if (llvm::isa<llvm::PHINode>(instruction)) continue;
      for (const llvm::Value* operand : instruction.operands()) {
        auto found = length.find(operand);
        if (found != length.end())
          length[&instruction] = std::max(length.lookup(&instruction), found->second + 1);
      }
    }
    return length.lookup(llvm::cast<llvm::PHINode>(block.begin())->getIncomingValue(1));
  }
};

TEST_CASE("what comes from the turn before is added last") {
  Loop loop(R"(
  %s1 = xor i32 %x, 5
  %s2 = mul i32 %s1, %c
  %t1 = add i32 %s2, %a
  %t2 = add i32 %t1, %i
  %t3 = add i32 %t2, %b
  %next = add i32 %t3, %c
)");
  CHECK(loop.chain() == 6);
  CHECK(loop.balance());
  CHECK(loop.chain() == 3);
  CHECK_FALSE(loop.balance());
}

TEST_CASE("loads wait for their addresses alone") {
  // The first load is there long before, the second takes its address from the turn before.
  const std::string body = R"(
  %place = zext i32 %i to i64
  %early.p = getelementptr i32, ptr %p, i64 %place
  %early = load volatile i32, ptr %early.p
  %wide = zext i32 %x to i64
  %late.p = getelementptr i32, ptr %p, i64 %wide
  %late = load volatile i32, ptr %late.p
  %t1 = add i32 %late, %early
  %next = add i32 %t1, %i
)";
  Loop loop(body);
  int before = loop.chain();
  CHECK(loop.balance());
  CHECK(loop.chain() == before - 1);
}

TEST_CASE("sums whose order does not matter stay") {
  // Complete long before the next turn starts.
  CHECK_FALSE(Loop(R"(
  %t1 = add i32 %i, %a
  %t2 = add i32 %t1, %b
  %t3 = add i32 %t2, %c
  store volatile i32 %t3, ptr %p
  %s1 = mul i32 %x, %c
  %next = mul i32 %s1, %x
)")
                  .balance());
  // Used in between.
  CHECK_FALSE(Loop(R"(
  %t1 = add i32 %x, %a
  store volatile i32 %t1, ptr %p
  %t2 = add i32 %t1, %b
  store volatile i32 %t2, ptr %p
  %next = add i32 %t2, %c
)")
                  .balance());
  // Of floats, whose sums depend on the order.
  CHECK_FALSE(Loop(R"(
  %f = uitofp i32 %x to float
  %g = uitofp i32 %a to float
  %t1 = fadd float %f, %g
  %t2 = fadd float %t1, 1.0
  %t3 = fadd float %t2, %g
  %next = fptoui float %t3 to i32
)")
                  .balance());
  // Of too many parts.
  std::string many = "  %t0 = add i32 %x, %a\n";
  for (int i = 1; i < 10; i++)
    many += "  %t" + std::to_string(i) + " = add i32 %t" + std::to_string(i - 1) + ", %b\n";
  CHECK_FALSE(Loop(many + "  %next = add i32 %t9, %c\n").balance());
}

}  // namespace
}  // namespace tenon::compiler::llvm_tier
