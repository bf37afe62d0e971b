#include "compiler/llvm/thread_dispatch.h"

#include <doctest/doctest.h>
#include <llvm/AsmParser/Parser.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

#include <string>

namespace tenon::compiler::llvm_tier {
namespace {

struct Parsed {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module;
  llvm::Function* function = nullptr;

  explicit Parsed(const std::string& text) {
    llvm::SMDiagnostic problem;
    module = llvm::parseAssemblyString(text, problem, context);
    REQUIRE_MESSAGE(module != nullptr, problem.getMessage().str());
    function = module->getFunction("f");
  }

  bool thread() {
    bool changed = thread_dispatch(*function);
    CHECK_FALSE(llvm::verifyFunction(*function, &llvm::errs()));
    return changed;
  }

  // From how many blocks the only table is reached.
  unsigned ways_to_table() const {
    for (llvm::BasicBlock& block : *function)
      if (llvm::isa<llvm::SwitchInst>(block.getTerminator())) return llvm::pred_size(&block);
    return 0;
  }
};

// Two values change places on each way from state 0 to state 1, and are read after the table.
const std::string swapping = R"(
define i32 @f(i32 %start, i32 %a, i32 %b, i1 %c) {
entry:
  br label %table
table:
  %state = phi i32 [ %start, %entry ], [ 1, %zero ], [ %next, %one ]
  %x = phi i32 [ %a, %entry ], [ %y, %zero ], [ %x, %one ]
  %y = phi i32 [ %b, %entry ], [ %x, %zero ], [ %more, %one ]
  switch i32 %state, label %out [ i32 0, label %zero
                                  i32 1, label %one ]
zero:
  br i1 %c, label %table, label %out
one:
  %more = add i32 %y, 1
  %next = mul i32 %more, %x
  br label %table
out:
  %result = sub i32 %x, %y
  ret i32 %result
}
)";

}  // namespace

TEST_CASE("a jump with a known number goes past the table") {
  Parsed parsed(swapping);
  CHECK(parsed.ways_to_table() == 3);
  CHECK(parsed.thread());
  CHECK(parsed.ways_to_table() == 2);
  CHECK_FALSE(parsed.thread());
}

TEST_CASE("numbers that are not known, and blocks that do more, stay") {
  std::string unknown = swapping;
  unknown.replace(unknown.find("[ 1, %zero ]"), 12, "[ %b, %zero ]");
  CHECK_FALSE(Parsed(unknown).thread());
  std::string busy = swapping;
  busy.insert(busy.find("  switch"), "  %busy = add i32 %x, %y\n");
  CHECK_FALSE(Parsed(busy).thread());
}

TEST_CASE("a jump that the table gives back to itself ends") {
  Parsed parsed(R"(
define i32 @f(i32 %start, i32 %a) {
entry:
  br label %table
table:
  %state = phi i32 [ %start, %entry ], [ 2, %one ], [ %state, %table ]
  %x = phi i32 [ %a, %entry ], [ 7, %one ], [ %x, %table ]
  switch i32 %state, label %out [ i32 1, label %one
                                  i32 2, label %table ]
one:
  br label %table
out:
  ret i32 %x
}
)");
  CHECK(parsed.thread());
}

TEST_CASE("several edges from one block are one jump") {
  Parsed parsed(R"(
define i32 @f(i32 %a, i1 %c) {
entry:
  switch i32 %a, label %table [ i32 5, label %table
                                i32 6, label %out ]
table:
  %state = phi i32 [ 1, %entry ], [ 1, %entry ], [ 0, %one ]
  %x = phi i32 [ %a, %entry ], [ %a, %entry ], [ 9, %one ]
  switch i32 %state, label %out [ i32 1, label %one ]
one:
  br i1 %c, label %table, label %out
out:
  %result = phi i32 [ %a, %entry ], [ %x, %table ], [ %x, %one ]
  ret i32 %result
}
)");
  CHECK(parsed.thread());
}

}  // namespace tenon::compiler::llvm_tier
