#pragma once

#include <cstddef>
#include <cstdint>

// Choices of a mutator, which follow from the seed that the fuzzer gives.
namespace tenon::fuzz {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}

  uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  // Below `n`, which is not 0.
  size_t below(size_t n) { return static_cast<size_t>(next() >> 16) % n; }
  bool one_in(size_t n) { return below(n) == 0; }

 private:
  uint64_t state_;
};

}  // namespace tenon::fuzz
