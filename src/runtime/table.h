#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "compiler/contract.h"
#include "os/memory_map.h"
#include "runtime/engine.h"
#include "wasm/types.h"

// A table: elements that never move, in address space of their own or, where there cannot be many,
// in a block of memory. A funcref table is filled from active segments when an element is first
// asked for (docs/contract.md, section 4); until then its pages are zeros that cost nothing.
// Belongs to one store.
namespace tenon::runtime {

class Instance;
class Store;

// The value of a table element: FuncRef* or GcRef, as generated code holds it.
using RefBits = uint64_t;

class Table {
 public:
  // `type` is canonical (TypeRegistry).
  static Result<std::unique_ptr<Table>> create(Store& store, const wasm::TableType& type);

  // Generated code holds pointers to the record; it lies at the start of the Table.
  static Table& of(compiler::TableRecord* record) { return *reinterpret_cast<Table*>(record); }
  compiler::TableRecord* record() { return &record_; }

  Store& store() const { return store_; }
  const wasm::TableType& type() const { return type_; }
  bool is_function_table() const { return is_function_; }
  uint64_t length() const { return record_.length; }
  bool holds(uint64_t index, uint64_t count) const {
    return index <= record_.length && count <= record_.length - index;
  }

  // The indices of all of these must be checked by the caller.
  RefBits get(uint64_t index);
  void set(uint64_t index, RefBits value);
  void fill(uint64_t index, RefBits value, uint64_t count);
  void copy(uint64_t to, Table& from, uint64_t from_index, uint64_t count);
  // All elements, where they are not functions.
  std::span<const compiler::GcRef> references() const;
  // Elements [index, index + count) become those of the instance's segment from `from` on, when
  // first used. The segment is of functions, and the elements are as new: after `create`, `grow` or
  // `reset`.
  void init_lazily(uint64_t index, Instance& instance, uint32_t segment, uint32_t from,
                   uint64_t count);

  void reset(uint64_t index, uint64_t count);

  // wasm: grow-table. The old length; none when maximum, reservation or system do not allow it.
  std::optional<uint64_t> grow(uint64_t count, RefBits value);

  // The element as a call needs it, filled in; null for the null reference.
  compiler::FuncRef* resolve(uint64_t index);

 private:
  struct LazyRange {
    uint64_t begin, end;  // elements
    Instance* instance;
    uint32_t segment;
    uint32_t from;  // in the segment
  };
  // Above this the elements are mapped, which takes three system calls.
  static constexpr uint64_t max_small_bytes = 16 << 10;
  // The first use of an element looks through all of them, and a guest decides how many there are;
  // what further segments hold is written at once.
  static constexpr size_t max_lazy_ranges = 256;

  explicit Table(Store& store) : store_(store) {}
  compiler::FuncRef* functions() { return static_cast<compiler::FuncRef*>(record_.elements); }
  compiler::GcRef* opaque() { return static_cast<compiler::GcRef*>(record_.elements); }

  compiler::TableRecord record_ = {};
  Store& store_;
  wasm::TableType type_;
  bool is_function_ = false;
  uint32_t element_size_ = 0;
  os::MemoryMap map_;                     // holds the elements, or
  std::vector<compiler::FuncRef> small_;  // does: as many as there can be
  uint64_t max_length_ = 0;               // what type and reservation allow
  std::vector<LazyRange> lazy_;           // later ones come before earlier ones
};

}  // namespace tenon::runtime
