#pragma once

#include <cstdint>

// The optimizer takes more than linear time for some functions, and their size is up to whoever
// wrote the guest. Above these numbers a function is compiled with less effort.
namespace tenon::compiler::llvm_tier {

// Above any of these a function is not optimized at full effort, but lightly.
constexpr uint64_t max_full_instructions = 40'000;
constexpr uint64_t max_full_blocks = 8'000;

// Above any of these it is not optimized at all, and code is selected instruction by instruction.
constexpr uint64_t max_light_instructions = 120'000;
constexpr uint64_t max_light_blocks = 20'000;

// Values of locals carried to labels, over all branches of a function. Above, locals live in stack
// slots.
constexpr uint64_t max_carried_locals = 2'000'000;

// Locals assigned in loops, summed over all loops. Above, locals live in stack slots.
constexpr uint64_t max_loop_assignments = 1'000'000;

// Operands carried to labels, over all branches of a function. Above, the function is refused: no
// compiler can keep them all.
constexpr uint64_t max_carried_operands = 8'000'000;

}  // namespace tenon::compiler::llvm_tier
