#pragma once

#include "compiler/contract.h"
#include "runtime/gc/heap.h"

// Fields of structs and exceptions, and elements of arrays, as values: in a Slot as generated code
// passes them, packed ones zero-extended.
namespace tenon::runtime {

// Of an object that is new: references that it overwrites are not shown to the collector.
inline void init_field(Heap& heap, GcRef object, uint32_t offset, compiler::Storage storage,
                       const compiler::Slot& value) {
  std::memcpy(heap.base() + object + offset, &value, compiler::size_of(storage));
}

}  // namespace tenon::runtime
