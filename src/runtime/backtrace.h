#pragma once

#include <cstdint>
#include <vector>

#include "compiler/contract.h"
#include "os/guest_stack.h"
#include "tenon/trap.h"

// Frames of guest code: walked by the unwind tables of artifacts, through every entry that is live
// in a store, and named later.
namespace tenon::runtime {

// Frames that a trap keeps, innermost first.
constexpr uint32_t max_backtrace_frames = 20;

struct RawFrame {
  const uint8_t* pc;
  bool is_return_address;  // the instruction is the one before
};

// A trap as the signal handler writes it: nothing here is allocated.
struct RawTrap {
  TrapCode code = TrapCode::unreachable;
  bool is_image_fault = false;  // the file behind a memory's image ends before the address
  uint64_t address = 0;         // memory_out_of_bounds by a fault: offset in the memory
  uint64_t memory_length = 0;   // and the memory's length
  bool has_address = false;
  uint32_t frame_count = 0;
  RawFrame frames[max_backtrace_frames];
};

// A frame: where it is, and what it is reached by. `sp` is the stack pointer at that point: for a
// call, as it was before the return address was pushed.
struct Registers {
  const uint8_t* pc;
  const void* sp;
  const void* fp;
};

// Fills in the frames, from a fault or (`walk_from_exit`) from the guest code that called the host
// function or built-in at hand. Async-signal-safe: reads the stack and mapped tables only.
void walk_from_fault(const os::CallState& state, const os::GuestStack& stack,
                     const Registers& registers, RawTrap& trap);
void walk_from_exit(const os::CallState& state, const os::GuestStack& stack, RawTrap& trap);

// Frames with names and offsets. Frames of adapters, and of code that is not loaded any more, are
// left out.
std::vector<Frame> name_frames(const RawTrap& trap);

}  // namespace tenon::runtime
