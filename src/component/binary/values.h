#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/result.h"
#include "component/types.h"
#include "tenon/value.h"

// component: Binary.md#-value-definitions (val). Reads the bytes of a value that a component
// defines. Pure functions.
namespace tenon::component {

// The value type that an id stands for; in what is decoded but not validated, an index.
using TypeOf = std::function<const Type&(TypeId)>;

// What values may still take in memory, with the names in them. Reading takes off what it uses.
struct ValueRoom {
  uint64_t bytes;
  ValueRoom();  // limits::max_component_value_bytes
};

// The value that all of `bytes` are, whose offset in the binary is for errors. Fails for types
// without an expression: handles, streams, futures, error contexts, maps and lists of fixed length.
Result<Value> decode_value(std::span<const uint8_t> bytes, uint64_t offset, ValType type,
                           const TypeOf& type_of, ValueRoom& room);

}  // namespace tenon::component
