#include "runtime/backtrace.h"

#include <cstring>
#include <map>
#include <optional>

#include "runtime/code_registry.h"
#include "runtime/module.h"
#include "wasm/binary/names.h"

namespace tenon::runtime {

namespace {

const uint8_t* instruction(const RawFrame& frame) {
  return frame.is_return_address ? frame.pc - 1 : frame.pc;
}

// Walks frames from the inside out. Reads nothing but the guest stack and what entries left on it
// or before it.
class Walker {
 public:
  Walker(const os::CallState& state, const os::GuestStack& stack, RawTrap& trap)
      : activation_(static_cast<const os::Activation*>(state.activation)),
        stack_(stack),
        trap_(trap) {}

  void walk(Registers registers, bool is_return_address) {
    registers_ = registers;
    is_return_address_ = is_return_address;
    do {
      while (trap_.frame_count < max_backtrace_frames && step()) {
      }
    } while (trap_.frame_count < max_backtrace_frames && next_entry());
  }

 private:
  std::optional<uint64_t> load(const void* address) const {
    auto value = reinterpret_cast<uintptr_t>(address);
    if (value % 8 != 0 || !stack_.contains(address)) return std::nullopt;
    uint64_t word;
    std::memcpy(&word, address, sizeof(word));
    return word;
  }

  // Notes the guest frame at hand and goes to its caller; false where guest code ends.
  bool step() {
    RawFrame frame{registers_.pc, is_return_address_};
    CodeRange range = find_code(instruction(frame));
    if (range.code == nullptr) return false;
    auto offset = static_cast<uint32_t>(instruction(frame) - range.text);
    trap_.frames[trap_.frame_count++] = frame;
    const compiler::UnwindRule* rule = range.code->artifact().tables().find_unwind(offset);
    if (rule == nullptr) return false;
    auto* base = static_cast<const uint8_t*>(rule->from_rbp != 0 ? registers_.fp : registers_.sp);
    const uint8_t* cfa = base + rule->cfa_offset;
    if (cfa <= registers_.sp) return false;
    auto return_address = load(cfa - 8);
    if (!return_address) return false;
    uint32_t rbp_below = rule->saved_below[static_cast<size_t>(compiler::SavedRegister::rbp)];
    if (rbp_below != 0) {
      auto fp = load(cfa - rbp_below);
      if (!fp) return false;
      registers_.fp = reinterpret_cast<const void*>(*fp);
    }
    registers_.pc = reinterpret_cast<const uint8_t*>(*return_address);
    registers_.sp = cfa;
    is_return_address_ = true;
    return true;
  }

  // From the outermost frame of an entry to the guest code that called the C++ that entered.
  bool next_entry() {
    if (activation_ == nullptr || activation_->outer == nullptr) return false;
    registers_ = {static_cast<const uint8_t*>(activation_->outer_exit_pc),
                  activation_->outer_exit_sp, activation_->outer_exit_fp};
    is_return_address_ = true;
    activation_ = activation_->outer;
    return registers_.pc != nullptr;
  }

  const os::Activation* activation_;
  const os::GuestStack& stack_;
  RawTrap& trap_;
  Registers registers_ = {};
  bool is_return_address_ = false;
};

// Calls between components go through functions that no guest wrote.
bool is_adapter(const compiler::Artifact& artifact, uint32_t module) {
  const component::Plan* plan = artifact.plan();
  return plan != nullptr && plan->modules[component::ModuleId(module)].is_adapter();
}

wasm::Names names_of(const Module& module) {
  return wasm::Names(module.code().artifact().name_section(module.info()),
                     static_cast<uint32_t>(module.info().functions.size()));
}

}  // namespace

void walk_from_fault(const os::CallState& state, const os::GuestStack& stack,
                     const Registers& registers, RawTrap& trap) {
  Walker(state, stack, trap).walk(registers, false);
}

void walk_from_exit(const os::CallState& state, const os::GuestStack& stack, RawTrap& trap) {
  Walker(state, stack, trap)
      .walk({static_cast<const uint8_t*>(state.exit_pc), state.exit_sp, state.exit_fp}, true);
}

std::vector<Frame> name_frames(const RawTrap& trap) {
  std::map<const Module*, wasm::Names> names;
  std::vector<Frame> frames;
  for (uint32_t i = 0; i < trap.frame_count; ++i) {
    const uint8_t* pc = instruction(trap.frames[i]);
    CodeRange range = find_code(pc);
    if (range.code == nullptr) continue;
    const compiler::Artifact& artifact = range.code->artifact();
    const compiler::CodeTables& tables = artifact.tables();
    auto offset = static_cast<uint32_t>(pc - range.text);
    const compiler::FunctionEntry* entry = tables.find_function(offset);
    if (entry == nullptr || entry->module >= range.code->module_count()) continue;
    if (is_adapter(artifact, entry->module)) continue;
    const Module& module = range.code->module(entry->module);
    auto known = names.find(&module);
    if (known == names.end()) known = names.emplace(&module, names_of(module)).first;
    Frame frame;
    frame.module = module.info().name;
    frame.function = known->second.function(wasm::FuncIndex(entry->function));
    frame.function_index = entry->function;
    if (auto position = tables.find_position(offset)) frame.offset = *position;
    frames.push_back(std::move(frame));
  }
  return frames;
}

}  // namespace tenon::runtime
