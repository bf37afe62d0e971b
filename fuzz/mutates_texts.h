#pragma once

#include "fuzz/text_mutator.h"

// Included by the one file of a target whose inputs are texts: the fuzzer calls these.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return tenon::fuzz::mutate_text(data, size, max_size, seed);
}
extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* data1, size_t size1,
                                            const uint8_t* data2, size_t size2, uint8_t* out,
                                            size_t max_size, unsigned seed) {
  return tenon::fuzz::cross_texts(data1, size1, data2, size2, out, max_size, seed);
}
