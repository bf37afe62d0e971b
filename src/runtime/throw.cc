#include "runtime/throw.h"

#include <cstring>

#include "runtime/code_registry.h"
#include "runtime/module.h"
#include "runtime/store.h"

namespace tenon::runtime {

namespace {

using compiler::SavedRegister;
static_assert(offsetof(os::Landing, rbp) == 8 * static_cast<size_t>(SavedRegister::rbp));
static_assert(offsetof(os::Landing, rbx) == 8 * static_cast<size_t>(SavedRegister::rbx));
static_assert(offsetof(os::Landing, r12) == 8 * static_cast<size_t>(SavedRegister::r12));
static_assert(offsetof(os::Landing, r14) == 8 * static_cast<size_t>(SavedRegister::r14));
static_assert(offsetof(os::Landing, r15) == 8 * static_cast<size_t>(SavedRegister::r15));

uint64_t load(const uint8_t* address) {
  uint64_t word;
  std::memcpy(&word, address, sizeof word);
  return word;
}

// From a call in the frame at hand to the call that made this frame; false where it cannot be.
bool leave_frame(const FrameCache::Entry& entry, const os::GuestStack& stack,
                 os::Landing& landing) {
  const auto* sp = static_cast<const uint8_t*>(landing.sp);
  const auto* base = entry.from_rbp ? reinterpret_cast<const uint8_t*>(landing.rbp) : sp;
  const uint8_t* cfa = base + entry.cfa_offset;
  if (cfa <= sp || !stack.contains(sp) || !stack.contains(cfa - 8)) return false;
  auto* registers = reinterpret_cast<uint8_t*>(&landing);
  for (size_t i = 0; i < entry.saved_below.size(); ++i) {
    uint16_t below = entry.saved_below[i];
    if (below == 0) continue;
    if (cfa - below < sp) return false;
    std::memcpy(registers + 8 * i, cfa - below, 8);
  }
  landing.pc = reinterpret_cast<const void*>(load(cfa - 8));
  landing.sp = const_cast<uint8_t*>(cfa);
  return true;
}

}  // namespace

FrameCache::Entry FrameCache::look_up(const uint8_t* return_address) {
  Entry entry;
  entry.return_address = return_address;
  const uint8_t* call = return_address - 1;
  CodeRange range = find_code(call);
  if (range.code == nullptr) return entry;
  const compiler::Artifact& artifact = range.code->artifact();
  const compiler::CodeTables& tables = artifact.tables();
  auto offset = static_cast<uint32_t>(call - range.text);
  const compiler::UnwindRule* rule = tables.find_unwind(offset);
  if (rule == nullptr || rule->cfa_offset == 0) return entry;
  entry.cfa_offset = rule->cfa_offset;
  entry.from_rbp = rule->from_rbp != 0;
  entry.saved_below = rule->saved_below;
  const compiler::LandingPad* pad = tables.find_landing_pad(offset);
  if (pad != nullptr) entry.pad = range.text + pad->pad;
  if (artifact.plan() != nullptr) {
    const compiler::FunctionEntry* function = tables.find_function(offset);
    entry.is_adapter = function == nullptr || range.code->is_adapter(function->module);
  }
  return entry;
}

WalkEnd find_landing(FrameCache& cache, const os::GuestStack& stack, os::Landing& landing) {
  while (true) {
    const FrameCache::Entry& entry = cache.find(static_cast<const uint8_t*>(landing.pc));
    if (entry.cfa_offset == 0) return WalkEnd::entry;
    if (entry.is_adapter) return WalkEnd::boundary;
    if (entry.pad != nullptr) {
      landing.pc = entry.pad;
      return WalkEnd::landed;
    }
    if (!leave_frame(entry, stack, landing)) return WalkEnd::entry;
  }
}

bool throw_exception(os::CallState* state, os::Landing* landing, uint32_t exception) {
  auto* context = reinterpret_cast<compiler::StoreContext*>(state);
  return Store::of(context).throw_(*landing, exception);
}

}  // namespace tenon::runtime
