#pragma once

#include <cstring>
#include <optional>

#include "os/guest_call.h"
#include "os/guest_stack.h"
#include "runtime/backtrace.h"
#include "runtime/code_registry.h"
#include "runtime/module.h"

// The walk over the frames of guest code on one stack, from the inside out, by the unwind tables of
// artifacts and through every entry that is live there. Reads nothing but the guest stack, what
// entries left on it or before it, and mapped tables: it may run in a signal handler.
namespace tenon::runtime {

// The guest code that called the C++ at hand (CallState), or the C++ where a stack is parked
// (StackState).
template <typename State>
Registers exit_registers(const State& state) {
  return {static_cast<const uint8_t*>(state.exit_pc), state.exit_sp, state.exit_fp};
}

class FrameWalker {
 public:
  FrameWalker(const void* activation, const os::GuestStack& stack, const Registers& start,
              bool is_return_address)
      : activation_(static_cast<const os::Activation*>(activation)),
        stack_(stack),
        registers_(start),
        is_return_address_(is_return_address) {}

  const Registers& registers() const { return registers_; }
  bool is_return_address() const { return is_return_address_; }
  // Of the instruction at hand; of a return address, the call before it. Null: no guest's code.
  CodeRange code() const { return find_code(registers_.pc - (is_return_address_ ? 1 : 0)); }

  // To the frame's caller, within one entry; false where guest code ends.
  bool leave(const CodeRange& range) {
    auto offset = static_cast<uint32_t>(registers_.pc - (is_return_address_ ? 1 : 0) - range.text);
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

 private:
  std::optional<uint64_t> load(const void* address) const {
    auto value = reinterpret_cast<uintptr_t>(address);
    if (value % 8 != 0 || !stack_.contains(address)) return std::nullopt;
    uint64_t word;
    std::memcpy(&word, address, sizeof word);
    return word;
  }

  const os::Activation* activation_;
  const os::GuestStack& stack_;
  Registers registers_;
  bool is_return_address_;
};

// Calls `visit(registers, is_return_address, code_range)` for each frame until it returns false.
// `activation` is the innermost entry on the stack.
template <typename Visit>
void walk_frames(const void* activation, const os::GuestStack& stack, const Registers& start,
                 bool is_return_address, Visit visit) {
  if (start.pc == nullptr) return;
  FrameWalker walker(activation, stack, start, is_return_address);
  do {
    while (true) {
      CodeRange range = walker.code();
      if (range.code == nullptr) break;
      if (!visit(walker.registers(), walker.is_return_address(), range)) return;
      if (!walker.leave(range)) break;
    }
  } while (walker.next_entry());
}

}  // namespace tenon::runtime
