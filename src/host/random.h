#pragma once

#include "host/io.h"

namespace tenon::host {

// A source of random bytes that nobody can predict.
class Random {
 public:
  virtual ~Random() = default;
  virtual Io<void> fill(std::span<uint8_t> bytes) = 0;
};

}  // namespace tenon::host
