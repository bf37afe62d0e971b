#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "tenon/trap.h"

// The package wasi:random@0.2.12 in C++.
namespace tenon::wasi::p2::random {

// wasi: wasi:random/random
struct Random {
  virtual ~Random() = default;
  virtual CallResult<std::vector<uint8_t>> get_random_bytes(uint64_t len) = 0;
  virtual CallResult<uint64_t> get_random_u64() = 0;
};

// wasi: wasi:random/insecure
struct Insecure {
  virtual ~Insecure() = default;
  virtual CallResult<std::vector<uint8_t>> get_insecure_random_bytes(uint64_t len) = 0;
  virtual CallResult<uint64_t> get_insecure_random_u64() = 0;
};

// wasi: wasi:random/insecure-seed
struct InsecureSeed {
  virtual ~InsecureSeed() = default;
  virtual CallResult<std::tuple<uint64_t, uint64_t>> insecure_seed() = 0;
};

}  // namespace tenon::wasi::p2::random
