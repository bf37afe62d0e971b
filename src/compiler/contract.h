#pragma once

#include <cstddef>
#include <cstdint>

#include "compiler/gc_layout.h"
#include "os/guest_call.h"

// The data that generated code reads and writes, as C++ sees it. docs/contract.md is the page for
// people; every tier and the runtime are built against this file and nothing else of each other.
namespace tenon::compiler {

// Bumped by every change to this file or to docs/contract.md; part of an artifact's key.
constexpr uint32_t contract_version = 9;

// Registers that carry values; the rest travels through StoreContext::overflow.
constexpr uint32_t max_int_params = 6;
constexpr uint32_t max_float_params = 8;
constexpr uint32_t max_int_results = 4;
constexpr uint32_t max_float_results = 4;
constexpr uint32_t max_overflow_slots = 1000;

// Inaccessible bytes behind a guarded memory's 4 GiB. Static offset + access width up to this needs
// no check.
constexpr uint64_t memory_guard_size = uint64_t{32} << 20;
constexpr uint64_t memory_reservation = (uint64_t{4} << 30) + memory_guard_size;

struct alignas(16) Slot {
  uint64_t low;
  uint64_t high;
};

// One per store; the first word of every vmctx points here.
struct StoreContext {
  os::CallState call;
  void* owner;  // the runtime's own object
  // Of the garbage-collected heap (gc_layout.h), or without one an address whose first
  // `null_guard_size` bytes are not accessible. Changes once at most: before an instance runs whose
  // module has struct or array types or tags.
  uint8_t* heap_base;
  AllocationWindow window;   // nothing fits while there is no heap
  const CastRow* cast_rows;  // never changes
  GcRef thrown;              // the exception on its way to a handler, else null
  uint32_t unused[9];
  Slot overflow[max_overflow_slots];
};
static_assert(offsetof(StoreContext, overflow) == 320);

// A function that a guest can hold: the value of type funcref is a FuncRef*, null for the null
// reference. An element of a funcref table is this struct itself, so that an indirect call reads
// one line of cache.
struct FuncRef {
  const void* code;  // swifttailcc entry
  void* vmctx;       // goes to the swiftself register
  uint32_t type_id;  // engine-wide id of the function's type, from 1; 0: this table element is not
                     // filled in
  uint32_t is_null;  // table elements: 1 when null was stored, so that a lazy segment does not fill
                     // it again
  FuncRef* self;     // the record this is, or is a copy of: the identity of the reference
};
static_assert(sizeof(FuncRef) == 32);

// An element of a closed table (closed_tables.h), in read-only data.
struct ClosedElement {
  int32_t code;   // of the function's entry, from the start of the table
  uint32_t type;  // the function's type, as the module's canonical index; UINT32_MAX: null
};
static_assert(sizeof(ClosedElement) == 8);

// Memories and tables of a running store. Neither ever moves; lengths change.
struct MemoryRecord {
  uint64_t byte_length;  // of a shared memory any thread may change it: read with `length`
  uint8_t* base;

  uint64_t length() const { return __atomic_load_n(&byte_length, __ATOMIC_RELAXED); }
};
struct TableRecord {
  uint64_t length;  // in elements
  void* elements;   // FuncRef[], or GcRef[] where elements are not functions
};

// What a vmctx holds for each memory and table of the module's index space, imported or not.
struct MemorySlot {
  uint8_t* base;  // never changes
  MemoryRecord* record;
  uint64_t bound;  // never changes; an access that starts below it lies in the memory, or faults
                   // before memory_guard_size bytes beyond it: for 64-bit memories with a guard
};
struct TableSlot {
  void* elements;  // never changes
  TableRecord* record;
};

// Where a vmctx points. The arrays of VmLayout end where it begins, and behind it begins the
// module's memory 0 if it is one that `follows_header` (tier.h).
struct VmHeader {
  StoreContext* store;
  void* instance;               // the runtime's own object
  const void* const* builtins;  // indexed by Builtin
  const uint32_t* type_ids;     // engine-wide ids, indexed by the module's type index
};
static_assert(sizeof(VmHeader) == 32);

// A core function that C++ implements. It is the `vmctx` of its FuncRef, whose `code` is
// host_call_entry.
struct HostFunc {
  StoreContext* store;
  // Reads its arguments from store->call before anything else, leaves results there, and returns 0;
  // or records a trap in the store and returns 1.
  uint32_t (*function)(HostFunc* self, StoreContext* store);
  void* environment;  // of the function's author; for instance a context or a std::function
  void* instance;     // the instance that imports it, or null
};

// One that takes its arguments in registers: `code` is direct_call_entry (os/guest_call.h).
struct DirectFunc {
  StoreContext* store;
  os::DirectFunction function;
  void* environment;
};
static_assert(offsetof(DirectFunc, function) == offsetof(HostFunc, function));

// One whose FuncRef has `code` light_call_entry (os/guest_call.h).
struct LightFunc {
  HostFunc host;
  os::LightFunction light;
};
static_assert(offsetof(LightFunc, light) == 32);

// Where things lie in front of a VmHeader: an array for each index space, those that code uses most
// next to it. All offsets in bytes from the vmctx, and negative. Both sides compute it from the
// same counts.
constexpr uint32_t vmctx_alignment = 32;
struct VmLayout {
  int32_t globals = 0;             // Slot each, defined globals only
  int32_t memories = 0;            // MemorySlot each
  int32_t tables = 0;              // TableSlot each
  int32_t imported_functions = 0;  // FuncRef each
  int32_t imported_globals = 0;    // Slot* each
  int32_t tags = 0;                // the address of each tag, which is its identity
  int32_t func_refs = 0;  // FuncRef each, one per escaping defined function, filled in on first use
  uint32_t size = 0;      // of all arrays; a multiple of vmctx_alignment

  struct Counts {
    uint32_t memories, tables, imported_functions, imported_globals, defined_globals,
        escaping_functions;
    uint32_t tags = 0;
  };
  static VmLayout of(const Counts& counts);
};

// Functions of the runtime that generated code calls, with the C convention, through
// VmHeader::builtins. The first parameter is always the vmctx (void*); the others are integers as
// wide as named; one result at most. They may trap: then they do not return. (name, result,
// parameters after the vmctx) Indices are of the module; `type_id` is engine-wide. Memory operands
// are i32 zero-extended to u64.
#define TENON_BUILTINS(X)                                                              \
  X(throw_, none, (u32 exception)) /* goes on where the exception lands: section 9 */  \
  X(memory_grow, u64,                                                                  \
    (u32 memory, u64 pages)) /* the old size, or -1 zero-extended to the index type */ \
  X(memory_copy, none, (u32 to_memory, u32 from_memory, u64 to, u64 from, u64 length)) \
  X(memory_fill, none, (u32 memory, u64 to, u32 byte, u64 length))                     \
  X(memory_init, none, (u32 memory, u32 segment, u64 to, u32 from, u32 length))        \
  X(data_drop, none, (u32 segment))                                                    \
  X(table_get, u64, (u32 table, u64 index)) /* FuncRef* or GcRef */                    \
  X(table_set, none, (u32 table, u64 index, u64 value))                                \
  X(table_grow, u64, (u32 table, u64 value, u64 count))                                \
  X(table_fill, none, (u32 table, u64 to, u64 value, u64 count))                       \
  X(table_copy, none, (u32 to_table, u32 from_table, u64 to, u64 from, u64 count))     \
  X(table_init, none, (u32 table, u32 segment, u64 to, u32 from, u32 count))           \
  X(elem_drop, none, (u32 segment))                                                    \
  X(ref_func, u64, (u32 function)) /* the FuncRef*, made on first use */               \
  X(resolve_indirect, u64,                                                             \
    (u32 table, u64 index, u32 type_id)) /* FuncRef* after the fast path failed */     \
  X(raise_trap, none, (u32 trap_code))                                                 \
  /* Objects. Indices and lengths count elements, `from` in a data segment bytes. */   \
  X(gc_alloc_struct, u32, (u32 type_id))                                               \
  X(gc_alloc_array, u32, (u32 type_id, u32 length))                                    \
  X(gc_write_barrier, none, (u32 overwritten)) /* see AllocationWindow::marking */     \
  X(gc_write_barrier_array, none, (u32 array, u32 index, u32 count))                   \
  X(array_new_data, u32, (u32 type_id, u32 segment, u32 from, u32 length))             \
  X(array_new_elem, u32, (u32 type_id, u32 segment, u32 from, u32 length))             \
  X(array_init_data, none, (u32 segment, u32 array, u32 to, u32 from, u32 length))     \
  X(array_init_elem, none, (u32 segment, u32 array, u32 to, u32 from, u32 length))     \
  X(is_subtype, u32, (u32 type_id, u32 super)) /* of CastRow's depths and beyond */    \
  X(memory_wait32, u32, (u32 memory, u64 at, u64 offset, u32 expected, u64 timeout))   \
  X(memory_wait64, u32, (u32 memory, u64 at, u64 offset, u64 expected, u64 timeout))   \
  X(memory_notify, u32, (u32 memory, u64 at, u64 offset, u32 count))

enum class Builtin : uint32_t {
#define X(name, result, params) name,
  TENON_BUILTINS(X)
#undef X
      memmove_,  // plain C memmove(to, from, length) and memset(to, byte, length): no vmctx, never
                 // trap
  memset_,
  // (void* to, u64 count, u32 size, u64 low, u64 high): `count` values of `size` bytes, which are
  // the lowest of the 16 in high:low.
  fill_elements_,
  count,
};

// Whether objects may be collected while it runs.
constexpr bool may_collect(Builtin builtin) {
  using enum Builtin;
  return builtin == gc_alloc_struct || builtin == gc_alloc_array || builtin == array_new_data ||
         builtin == array_new_elem;
}

}  // namespace tenon::compiler
