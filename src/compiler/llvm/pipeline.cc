#include "compiler/llvm/pipeline.h"

#include <llvm/ADT/SmallVector.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/CodeGen/MachineFrameInfo.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/Passes.h>
#include <llvm/CodeGen/TargetPassConfig.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/RegisterTargetPassConfigCallback.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/ADCE.h>
#include <llvm/Transforms/Scalar/BDCE.h>
#include <llvm/Transforms/Scalar/CorrelatedValuePropagation.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/GVN.h>
#include <llvm/Transforms/Scalar/IndVarSimplify.h>
#include <llvm/Transforms/Scalar/JumpThreading.h>
#include <llvm/Transforms/Scalar/LICM.h>
#include <llvm/Transforms/Scalar/LoopRotation.h>
#include <llvm/Transforms/Scalar/Reassociate.h>
#include <llvm/Transforms/Scalar/SCCP.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>

namespace tenon::compiler::llvm_tier {

using llvm::FunctionPassManager;

namespace {

// Guests carry their own library; nothing in them may be taken for a function of C's.
llvm::TargetLibraryInfoImpl no_library(const llvm::Triple& triple) {
  llvm::TargetLibraryInfoImpl library(triple);
  library.disableAllFunctions();
  return library;
}

llvm::SimplifyCFGOptions late_simplification() {
  return llvm::SimplifyCFGOptions()
      .hoistCommonInsts(true)
      .sinkCommonInsts(true)
      .convertSwitchRangeToICmp(true);
}

void add_light_passes(FunctionPassManager& passes) {
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::EarlyCSEPass());
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::SimplifyCFGPass());
}

void add_full_passes(FunctionPassManager& passes) {
  add_light_passes(passes);
  passes.addPass(llvm::JumpThreadingPass());
  passes.addPass(llvm::CorrelatedValuePropagationPass());
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::ReassociatePass());
  llvm::LoopPassManager loops;
  loops.addPass(llvm::LoopRotatePass());
  loops.addPass(llvm::LICMPass(llvm::LICMOptions()));
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(std::move(loops), /*UseMemorySSA=*/true));
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::InstCombinePass());
  llvm::LoopPassManager induction;
  induction.addPass(llvm::IndVarSimplifyPass());
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(std::move(induction)));
  passes.addPass(llvm::GVNPass());
  passes.addPass(llvm::SCCPPass());
  passes.addPass(llvm::BDCEPass());
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::SimplifyCFGPass(late_simplification()));
}

// Frames are a multiple of eight bytes, as the unwind table counts them; a function without calls
// and with small spill slots only could have others.
class AlignFrames : public llvm::MachineFunctionPass {
 public:
  AlignFrames() : MachineFunctionPass(id) {}
  bool runOnMachineFunction(llvm::MachineFunction& function) override {
    function.getFrameInfo().ensureMaxAlignment(llvm::Align(8));
    return true;
  }
  void getAnalysisUsage(llvm::AnalysisUsage& usage) const override {
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }

 private:
  static char id;
};
char AlignFrames::id = 0;

// LLVM offers no other way into the passes of addPassesToEmitFile than one hook for the process.
void install_code_generation_passes() {
  static const llvm::RegisterTargetPassConfigCallback hook(
      [](llvm::TargetMachine&, llvm::PassManagerBase&, llvm::TargetPassConfig* config) {
        config->insertPass(&llvm::FinalizeISelID, new AlignFrames);
        // There are line numbers, but no variables.
        config->disablePass(&llvm::LiveDebugValuesID);
        config->disablePass(&llvm::RemoveRedundantDebugValuesID);
      });
}

}  // namespace

struct Optimizer::State {
  llvm::PassBuilder builder;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  FunctionPassManager light;
  FunctionPassManager full;

  explicit State(llvm::TargetMachine& machine) : builder(&machine) {
    functions.registerPass(
        [&] { return llvm::TargetLibraryAnalysis(no_library(machine.getTargetTriple())); });
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
    add_light_passes(light);
    add_full_passes(full);
  }
};

Optimizer::Optimizer(llvm::TargetMachine& machine) : state_(std::make_unique<State>(machine)) {}

Optimizer::~Optimizer() = default;

void Optimizer::run(llvm::Function& function, OptLevel level) {
  if (level == OptLevel::none) return;
  (level == OptLevel::light ? state_->light : state_->full).run(function, state_->functions);
  // Analyses of a finished function are of no further use.
  state_->functions.clear(function, function.getName());
}

Result<std::vector<uint8_t>> emit_object(llvm::Module& module, llvm::TargetMachine& machine) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  install_code_generation_passes();
  llvm::legacy::PassManager passes;
  passes.add(new llvm::TargetLibraryInfoWrapperPass(no_library(machine.getTargetTriple())));
  if (machine.addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile,
                                  /*DisableVerify=*/true))
    return fail(ErrorCode::internal, "the compiler cannot write objects for this machine");
  passes.run(module);
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

}  // namespace tenon::compiler::llvm_tier
