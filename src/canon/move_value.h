#pragma once

#include <cstdint>
#include <memory>

#include "canon/values.h"

// Values from one guest's memory to another's: load on one side joined with store on the other,
// without a value in between.
namespace tenon::canon {

struct MemoryPlace {
  const abi::Options& options;
  uint64_t pointer;
};

// `count` values that lie one after the other; both ranges have been checked. May call the
// destination's realloc. The trap when a value is not valid.
std::unique_ptr<Trap> move_values(const ValueTypes& types, component::ValType type, uint64_t count,
                                  MemoryPlace from, MemoryPlace to);

}  // namespace tenon::canon
