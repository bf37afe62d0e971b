#pragma once

#include <cstddef>
#include <cstdint>

// Mutations of a text made of tokens and parentheses, token by token and form by form, with words
// of the text format; what a LLVMFuzzerCustomMutator and a LLVMFuzzerCustomCrossOver do. Now and
// then bytes are changed blindly, too.
namespace tenon::fuzz {

// Changes `data` in place, of at most `max_size` bytes; the new size.
size_t mutate_text(uint8_t* data, size_t size, size_t max_size, uint32_t seed);
// Writes a mixture of two to `out`; its size.
size_t cross_texts(const uint8_t* data1, size_t size1, const uint8_t* data2, size_t size2,
                   uint8_t* out, size_t max_size, uint32_t seed);

}  // namespace tenon::fuzz
