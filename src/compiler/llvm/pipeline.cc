#include "compiler/llvm/pipeline.h"

#include <llvm/ADT/SmallVector.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/CodeGen/MachineFrameInfo.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineModuleInfo.h>
#include <llvm/CodeGen/Passes.h>
#include <llvm/CodeGen/TargetPassConfig.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/GVN.h>
#include <llvm/Transforms/Scalar/IndVarSimplify.h>
#include <llvm/Transforms/Scalar/LICM.h>
#include <llvm/Transforms/Scalar/LoopRotation.h>
#include <llvm/Transforms/Scalar/Reassociate.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>

#include "compiler/llvm/balance_sums.h"
#include "compiler/llvm/saved_registers.h"
#include "compiler/llvm/thread_dispatch.h"
#include "compiler/llvm/widen_addresses.h"

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

struct BalanceSums : llvm::PassInfoMixin<BalanceSums> {
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
    bool changed = balance_sums(analyses.getResult<llvm::LoopAnalysis>(function));
    return changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
  }
};

struct ThreadDispatch : llvm::PassInfoMixin<ThreadDispatch> {
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager&) {
    bool changed = thread_dispatch(function);
    return changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
  }
};

// Guests come from optimizing compilers: what pays is what they could not see in their terms, the
// machine's addresses and checks.
void add_full_passes(FunctionPassManager& passes) {
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::EarlyCSEPass());
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::SimplifyCFGPass());
  // Before loops are put in order, which joins the jumps to a table in one block.
  passes.addPass(ThreadDispatch());
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::ReassociatePass());
  llvm::LoopPassManager loops;
  loops.addPass(llvm::LoopRotatePass());
  loops.addPass(llvm::LICMPass(llvm::LICMOptions()));
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(std::move(loops), /*UseMemorySSA=*/true));
  llvm::LoopPassManager induction;
  induction.addPass(llvm::IndVarSimplifyPass());
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(std::move(induction)));
  // Guests' accesses are volatile, so that following memory finds nothing.
  passes.addPass(llvm::GVNPass(llvm::GVNOptions().setLoadPRE(false).setMemDep(false)));
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::SimplifyCFGPass(late_simplification()));
  // What reorders sums comes before.
  passes.addPass(BalanceSums());
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

// Selects code for functions of light effort instruction by instruction, and for others by blocks.
class ChooseSelector : public llvm::FunctionPass {
 public:
  explicit ChooseSelector(llvm::TargetMachine& machine) : FunctionPass(id), machine_(machine) {}
  bool runOnFunction(llvm::Function& function) override {
    machine_.setFastISel(function.hasFnAttribute(light_effort));
    return false;
  }
  void getAnalysisUsage(llvm::AnalysisUsage& usage) const override { usage.setPreservesAll(); }

 private:
  static char id;
  llvm::TargetMachine& machine_;
};
char ChooseSelector::id = 0;

// The last step before code is selected.
class WidenAddresses : public llvm::FunctionPass {
 public:
  WidenAddresses() : FunctionPass(id) {}
  bool runOnFunction(llvm::Function& function) override {
    if (function.hasFnAttribute(light_effort)) return false;
    widen_addresses(function);
    return true;
  }

 private:
  static char id;
};
char WidenAddresses::id = 0;

// Passes on machine code that were measured to bring nothing to code that a compiler optimized
// before.
void drop_idle_passes(llvm::TargetPassConfig& config, llvm::CodeGenOptLevel level) {
  for (llvm::AnalysisID pass :
       {&llvm::LiveDebugValuesID, &llvm::RemoveRedundantDebugValuesID,  // there are no variables
        &llvm::MachineSchedulerID, &llvm::PostRASchedulerID, &llvm::EarlyTailDuplicateLegacyID,
        &llvm::EarlyIfConverterLegacyID, &llvm::MachineCombinerID, &llvm::OptimizePHIsLegacyID,
        &llvm::LocalStackSlotAllocationID, &llvm::StackColoringLegacyID, &llvm::StackSlotColoringID,
        &llvm::RenameIndependentSubregsID, &llvm::LiveRangeShrinkID,
        &llvm::MachineLateInstrsCleanupID})
    config.disablePass(pass);
  if (level == llvm::CodeGenOptLevel::Default) return;
  for (llvm::AnalysisID pass : {&llvm::MachineCSELegacyID, &llvm::MachineSinkingLegacyID,
                                &llvm::EarlyMachineLICMID, &llvm::MachineLICMID})
    config.disablePass(pass);
}

// The part of code generation that works on IR, as addISelPasses does it, without strength
// reduction, hoisting of constants, and what lowers what guests cannot contain.
bool add_selection(llvm::legacy::PassManager& passes, llvm::TargetPassConfig& config,
                   llvm::TargetMachine& machine) {
  passes.add(llvm::createTargetTransformInfoWrapperPass(machine.getTargetIRAnalysis()));
  passes.add(llvm::createPreISelIntrinsicLoweringPass());
  passes.add(llvm::createExpandIRInstsPass(machine.getOptLevel()));
  passes.add(llvm::createAtomicExpandLegacyPass());
  passes.add(llvm::createUnreachableBlockEliminationPass());
  if (machine.getOptLevel() != llvm::CodeGenOptLevel::None)
    passes.add(llvm::createCodeGenPrepareLegacyPass());
  passes.add(new WidenAddresses);
  config.addISelPrepare();
  passes.add(new ChooseSelector(machine));
  if (config.addInstSelector()) return false;
  passes.add(llvm::Pass::createPass(&llvm::FinalizeISelID));
  passes.add(new AlignFrames);
  passes.add(save_registers());
  return true;
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
  if (level != OptLevel::full) function.addFnAttr(light_effort);
  if (level == OptLevel::none) return;
  (level == OptLevel::light ? state_->light : state_->full).run(function, state_->functions);
  // Analyses of a finished function are of no further use.
  state_->functions.clear(function, function.getName());
}

Result<std::vector<uint8_t>> emit_object(llvm::Module& module, llvm::TargetMachine& machine) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  passes.add(new llvm::TargetLibraryInfoWrapperPass(no_library(machine.getTargetTriple())));
  llvm::TargetPassConfig* config = machine.createPassConfig(passes);
  config->setDisableVerify(true);
  drop_idle_passes(*config, machine.getOptLevel());
  passes.add(config);
  auto* machine_module = new llvm::MachineModuleInfoWrapperPass(&machine);
  passes.add(machine_module);
  bool complete = add_selection(passes, *config, machine);
  config->addMachinePasses();
  config->setInitialized();
  complete =
      complete && !machine.addAsmPrinter(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile,
                                         machine_module->getMMI().getContext());
  if (!complete)
    return fail(ErrorCode::internal, "the compiler cannot write objects for this machine");
  passes.add(llvm::createFreeMachineFunctionPass());
  passes.run(module);
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

}  // namespace tenon::compiler::llvm_tier
