#include "compiler/llvm/saved_registers.h"

#include <llvm/CodeGen/MachineFunction.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineRegisterInfo.h>
#include <llvm/CodeGen/TargetRegisterInfo.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/Instructions.h>

#include <algorithm>
#include <string_view>

#include "base/check.h"

namespace tenon::compiler::llvm_tier {

namespace {

using llvm::MachineFunction;
using llvm::MachineOperand;
using llvm::MCPhysReg;
using llvm::TargetRegisterInfo;

constexpr llvm::CallingConv::ID guest_convention = llvm::CallingConv::SwiftTail;
constexpr const char* keeps_vmctx = "tenon-keeps-vmctx";
// An attribute that LLVM knows for calls in interrupt handlers: it reaches machine code, as a mask
// of registers that no convention of guests has.
constexpr const char* call_mark = "no_caller_saved_registers";

MCPhysReg find_register(const TargetRegisterInfo& registers, std::string_view name) {
  for (unsigned i = 1; i < registers.getNumRegs(); ++i) {
    if (registers.getName(i) == name) return static_cast<MCPhysReg>(i);
  }
  CHECK(false);
}

class SaveRegisters : public llvm::MachineFunctionPass {
 public:
  SaveRegisters() : MachineFunctionPass(id) {}

  bool runOnMachineFunction(MachineFunction& function) override {
    const TargetRegisterInfo& registers = *function.getSubtarget().getRegisterInfo();
    if (r14_ == 0) {
      r11_ = find_register(registers, "R11");
      r13_ = find_register(registers, "R13");
      r14_ = find_register(registers, "R14");
    }
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
    uint32_t* with_r14 = nullptr;  // each is made for the first call
    uint32_t* with_both = nullptr;
    for (llvm::MachineBasicBlock& block : function) {
      for (llvm::MachineInstr& instruction : block) {
        for (MachineOperand& operand : instruction.operands()) {
          if (!operand.isRegMask()) continue;
          if (operand.getRegMask() == usual) {
            if (with_r14 == nullptr) with_r14 = extended(function, registers, usual, {r14_});
            operand.setRegMask(with_r14);
          } else if (!operand.clobbersPhysReg(r11_)) {
            if (with_both == nullptr)
              with_both = extended(function, registers, usual, {r13_, r14_});
            operand.setRegMask(with_both);
          }
        }
      }
    }
  }

  static uint32_t* extended(MachineFunction& function, const TargetRegisterInfo& registers,
                            const uint32_t* usual, std::initializer_list<MCPhysReg> with) {
    uint32_t* mask = function.allocateRegMask();
    std::copy_n(usual, MachineOperand::getRegMaskSize(registers.getNumRegs()), mask);
    for (MCPhysReg each : with) {
      for (MCPhysReg part : registers.subregs_inclusive(each))
        mask[part / 32] |= uint32_t{1} << part % 32;
    }
    return mask;
  }

  void save(MachineFunction& function) const {
    llvm::MachineRegisterInfo& info = function.getRegInfo();
    llvm::SmallVector<MCPhysReg, 8> saved;
    for (const MCPhysReg* each = info.getCalleeSavedRegs(); *each != 0; ++each)
      saved.push_back(*each);
    saved.push_back(r14_);
    if (function.getFunction().hasFnAttribute(keeps_vmctx)) saved.push_back(r13_);
    info.setCalleeSavedRegs(saved);
  }

  static char id;
  MCPhysReg r11_ = 0;
  MCPhysReg r13_ = 0;
  MCPhysReg r14_ = 0;
};
char SaveRegisters::id = 0;

}  // namespace

void keep_vmctx(llvm::Function& function) {
  function.addFnAttr(keeps_vmctx);
}

void rely_on_vmctx(llvm::CallBase& call) {
  if (!llvm::isa<llvm::CallInst>(call) || call.hasOperandBundles()) return;
  call.addFnAttr(llvm::Attribute::get(call.getContext(), call_mark));
}

llvm::Pass* save_registers() {
  return new SaveRegisters;
}

}  // namespace tenon::compiler::llvm_tier
