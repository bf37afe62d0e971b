#pragma once

#include <cstdint>

// The optimizer takes more than linear time for some functions, and their size is up to whoever
// wrote the guest. Above these numbers a function is compiled with less effort.
namespace tenon::compiler::llvm_tier {

// What an instruction on vectors counts for where the processor has none like it.
constexpr uint64_t long_vector_instruction = 12;

// Above any of these a function is not optimized at full effort, but lightly.
constexpr uint64_t max_full_instructions = 50'000;
constexpr uint64_t max_full_blocks = 8'000;

// Above any of these it is not optimized at all, and code is selected instruction by instruction.
constexpr uint64_t max_light_instructions = 80'000;
constexpr uint64_t max_light_blocks = 12'000;
// In a row without a branch: all their results can be live at once, which allocating registers
// takes quadratic time for.
constexpr uint64_t max_light_run = 5'000;

// WebAssembly instructions in one basic block of a function that is not optimized: where code
// cannot be selected instruction by instruction, the rest of the block is selected as a whole.
constexpr uint32_t max_unoptimized_block = 200;

// What copying or filling a small constant number of bytes becomes, for each range of memory, in
// instructions.
constexpr uint32_t max_inline_accesses = 16;

// Clauses of handlers that are looked at for each `throw`, to see whether one of the same function
// takes it.
constexpr uint32_t max_clauses_foreseen = 100;

// Instructions of bodies that stand in place of calls.
constexpr uint32_t max_inlined_in_function = 5'000;
constexpr uint32_t max_inlined_in_chunk = 100'000;

// Values of locals carried to labels, over all branches of a function. Above, locals live in stack
// slots.
constexpr uint64_t max_carried_locals = 2'000'000;

// Locals assigned in loops, summed over all loops. Above, locals live in stack slots.
constexpr uint64_t max_loop_assignments = 1'000'000;

// Operands carried to labels, over all branches of a function. Above, the function is refused: no
// compiler can keep them all.
constexpr uint64_t max_carried_operands = 8'000'000;

// References to objects that a function keeps across its calls, summed over the calls, and what is
// looked at to find them. Above, the function is refused.
constexpr uint64_t max_roots = 1'000'000;
// More than these, and the function is not optimized: each takes the optimizer longer than many
// instructions.
constexpr uint64_t max_light_roots = 100'000;
constexpr uint64_t max_scanned_for_roots = 200'000'000;

}  // namespace tenon::compiler::llvm_tier
