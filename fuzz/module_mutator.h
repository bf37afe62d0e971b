#pragma once

#include <cstddef>
#include <cstdint>

// Mutations of a core module that keep most of its structure: what a LLVMFuzzerCustomMutator and a
// LLVMFuzzerCustomCrossOver do. Sizes of sections and bodies are always right, so that a change of
// a few bytes reaches what lies behind them; now and then bytes are changed blindly, too.
namespace tenon::fuzz {

// Changes `data` in place, of at most `max_size` bytes; the new size.
size_t mutate_module(uint8_t* data, size_t size, size_t max_size, uint32_t seed);
// Writes a mixture of two to `out`; its size.
size_t cross_modules(const uint8_t* data1, size_t size1, const uint8_t* data2, size_t size2,
                     uint8_t* out, size_t max_size, uint32_t seed);

}  // namespace tenon::fuzz
