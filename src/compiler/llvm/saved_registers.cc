#include "compiler/llvm/saved_registers.h"

#include <llvm/CodeGen/MachineFunction.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineRegisterInfo.h>
#include <llvm/CodeGen/TargetRegisterInfo.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>
#include <llvm/IR/Function.h>

#include <algorithm>
#include <string_view>

#include "base/check.h"

namespace tenon::compiler::llvm_tier {

namespace {

using llvm::MachineFunction;
using llvm::MCPhysReg;
using llvm::TargetRegisterInfo;

constexpr llvm::CallingConv::ID guest_convention = llvm::CallingConv::SwiftTail;

MCPhysReg find_register(const TargetRegisterInfo& registers, std::string_view name) {
  for (unsigned i = 1; i < registers.getNumRegs(); ++i) {
    if (registers.getName(i) == name) return static_cast<MCPhysReg>(i);
  }
  CHECK(false);
}

class SaveR14 : public llvm::MachineFunctionPass {
 public:
  SaveR14() : MachineFunctionPass(id) {}

  bool runOnMachineFunction(MachineFunction& function) override {
    const TargetRegisterInfo& registers = *function.getSubtarget().getRegisterInfo();
    if (r14_ == 0) r14_ = find_register(registers, "R14");
    rely_in_calls(function, registers);
    if (function.getFunction().getCallingConv() == guest_convention) save(function);
    return true;
  }

  void getAnalysisUsage(llvm::AnalysisUsage& usage) const override {
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }

 private:
  void rely_in_calls(MachineFunction& function, const TargetRegisterInfo& registers) const {
    const uint32_t* usual = registers.getCallPreservedMask(function, guest_convention);
    uint32_t* mask = nullptr;  // made for the first call
    for (llvm::MachineBasicBlock& block : function) {
      for (llvm::MachineInstr& instruction : block) {
        for (llvm::MachineOperand& operand : instruction.operands()) {
          if (!operand.isRegMask() || operand.getRegMask() != usual) continue;
          if (mask == nullptr) mask = with_r14(function, registers, usual);
          operand.setRegMask(mask);
        }
      }
    }
  }

  uint32_t* with_r14(MachineFunction& function, const TargetRegisterInfo& registers,
                     const uint32_t* usual) const {
    uint32_t* mask = function.allocateRegMask();
    std::copy_n(usual, llvm::MachineOperand::getRegMaskSize(registers.getNumRegs()), mask);
    for (MCPhysReg part : registers.subregs_inclusive(r14_))
      mask[part / 32] |= uint32_t{1} << part % 32;
    return mask;
  }

  void save(MachineFunction& function) const {
    llvm::MachineRegisterInfo& info = function.getRegInfo();
    llvm::SmallVector<MCPhysReg, 8> saved;
    for (const MCPhysReg* each = info.getCalleeSavedRegs(); *each != 0; ++each)
      saved.push_back(*each);
    saved.push_back(r14_);
    info.setCalleeSavedRegs(saved);
  }

  static char id;
  MCPhysReg r14_ = 0;
};
char SaveR14::id = 0;

}  // namespace

llvm::Pass* save_r14() {
  return new SaveR14;
}

}  // namespace tenon::compiler::llvm_tier
