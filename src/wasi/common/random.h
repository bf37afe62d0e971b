#pragma once

#include <array>
#include <cstdint>
#include <span>

// A fast generator of numbers that look random (xoshiro256**). Anybody who sees a few of them can
// predict the rest.
namespace tenon::wasi {

class InsecureRandom {
 public:
  explicit InsecureRandom(const std::array<uint64_t, 4>& seed);
  uint64_t next();
  void fill(std::span<uint8_t> bytes);

 private:
  std::array<uint64_t, 4> state_;
};

}  // namespace tenon::wasi
