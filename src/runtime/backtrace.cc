#include "runtime/backtrace.h"

#include <map>

#include "runtime/code_registry.h"
#include "runtime/component/trap_place.h"
#include "runtime/frames.h"
#include "runtime/module.h"
#include "wasm/binary/names.h"

namespace tenon::runtime {

namespace {

// Of the frame, or the call in it.
const uint8_t* instruction(const RawFrame& frame) {
  return frame.is_return_address ? frame.pc - 1 : frame.pc;
}

// Notes frames, innermost first, until there is no room.
auto keep_in(RawTrap& trap) {
  return [&trap](const Registers& registers, bool is_return_address, const CodeRange&) {
    trap.frames[trap.frame_count++] = {registers.pc, is_return_address};
    return trap.frame_count < max_backtrace_frames;
  };
}

wasm::Names names_of(const Module& module) {
  return wasm::Names(module.code().artifact().name_section(module.info()),
                     static_cast<uint32_t>(module.info().functions.size()));
}

}  // namespace

void walk_from_fault(const os::CallState& state, const os::GuestStack& stack,
                     const Registers& registers, RawTrap& trap) {
  walk_frames(state.activation, stack, registers, false, keep_in(trap));
}

void walk_from_exit(const os::CallState& state, const os::GuestStack& stack, RawTrap& trap) {
  walk_frames(state.activation, stack, exit_registers(state), true, keep_in(trap));
}

std::vector<Frame> name_frames(const RawTrap& trap) {
  std::map<const Module*, wasm::Names> names;
  std::map<const LoadedCode*, ModulePlaces> places;
  std::vector<Frame> frames;
  size_t call = 0;  // the first frame of the call at hand
  for (uint32_t i = 0; i < trap.frame_count; ++i) {
    const uint8_t* pc = instruction(trap.frames[i]);
    CodeRange range = find_code(pc);
    if (range.code == nullptr) continue;
    const compiler::Artifact& artifact = range.code->artifact();
    const compiler::CodeTables& tables = artifact.tables();
    auto offset = static_cast<uint32_t>(pc - range.text);
    const compiler::FunctionEntry* entry = tables.find_function(offset);
    if (entry == nullptr || entry->module >= range.code->module_count()) continue;
    const component::Plan* plan = artifact.plan();
    component::ModuleId in_plan(entry->module);
    if (range.code->is_adapter(entry->module)) {
      if (const component::Lift* lift = plan->adapted(in_plan, entry->function)) {
        close_call(frames, call, plan->path_of(lift->instance), lift->name);
        call = frames.size();
      }
      continue;
    }
    const Module& module = range.code->module(entry->module);
    auto known = names.find(&module);
    if (known == names.end()) known = names.emplace(&module, names_of(module)).first;
    Frame frame;
    frame.module = module.info().name;
    frame.function = known->second.function(wasm::FuncIndex(entry->function));
    frame.function_index = entry->function;
    if (auto position = tables.find_position(offset)) frame.offset = *position;
    if (plan)
      frame.component = places.try_emplace(range.code, *plan).first->second.path_of(in_plan);
    frames.push_back(std::move(frame));
  }
  return frames;
}

}  // namespace tenon::runtime
