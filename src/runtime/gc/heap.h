#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "compiler/gc_layout.h"
#include "runtime/gc/block_space.h"
#include "runtime/gc/extern_table.h"
#include "runtime/gc/marker.h"
#include "runtime/gc/object_types.h"
#include "runtime/gc/roots.h"

// The garbage-collected heap of a store: structs, arrays, exceptions, and what stands for objects
// of the host. A mark-region collector that never moves an object: new ones are laid side by side
// into runs of free lines (block_space.h); a collection marks what is reachable from exact roots,
// and lines in which nothing was marked are free again. Objects above `max_small_size` get blocks
// of their own.
//
// Any allocation may collect first. What the caller holds then must be reported by a RootSource, or
// kept in `roots()`; memory of a new object is zero but for its header and an array's length.
// Running out of memory is the value `null_ref`; a guest traps then. A collection that frees less
// than a 32nd of what lives counts as running out, so that a guest near its limit does not spend
// all its time collecting.
//
// A heap belongs to one thread at a time, like its store.
namespace tenon::runtime {

constexpr uint64_t default_heap_limit = uint64_t{4} << 30;

struct HeapConfig {
  // Bytes of blocks in use; small blocks count whole.
  uint64_t limit = default_heap_limit;
  // Address space; halved until there is as much.
  uint64_t reservation = uint64_t{4} << 30;

  // How marking is done. In steps, each a part of some allocation, it takes no long pause; whoever
  // overwrites a reference must then keep the write barrier (compiler::AllocationWindow::marking).
  enum class Marking : uint8_t { at_once, in_steps };
  Marking marking = Marking::at_once;

  // A collection begins when as many bytes have been allocated since the last one as it left
  // alive, but at least this many.
  uint64_t min_growth = 8 << 20;

  // For tests. Every allocation collects (`collect`), or goes a small step further in a collection
  // that never rests (`step`); memory that is freed is overwritten with 0xdb.
  enum class Stress : uint8_t { none, collect, step };
  Stress stress = Stress::none;
};

struct HeapStatistics {
  uint64_t collections = 0;      // completed
  uint64_t live_bytes = 0;       // after the last one: lines and blocks with something alive
  uint64_t allocated_bytes = 0;  // handed out since creation, as lines and blocks
  uint64_t longest_pause = 0;    // nanoseconds
};

class Heap {
 public:
  // `types` and `window` must outlive the heap; compiled code allocates from `window`.
  static Result<std::unique_ptr<Heap>> create(const ObjectTypes& types,
                                              compiler::AllocationWindow& window,
                                              const HeapConfig& config = {});
  // Runs the finalisers of all host objects. No Root may be left.
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  // `source` must outlive the heap.
  void add_root_source(RootSource& source) { sources_.push_back(&source); }
  RootTable& roots() { return roots_; }

  // Null when there is no memory for it. The type has been added to the ObjectTypes; an exception's
  // is that of its tag.
  GcRef allocate_struct(uint32_t type_id) { return allocate(type_id, types_[type_id].size); }
  GcRef allocate_array(uint32_t type_id, uint32_t length);
  // Null too when there are too many whose finalisers have not run.
  GcRef allocate_extern(void* data, ExternTable::Destroy destroy);
  void* extern_data(GcRef object) const;

  uint8_t* base() const { return space_->base(); }
  uint32_t type_id(GcRef object) const { return load<uint32_t>(object, 0); }
  uint32_t array_length(GcRef array) const {
    return load<uint32_t>(array, compiler::array_length_offset);
  }
  template <typename T>
  T load(GcRef object, uint32_t offset) const {
    T value;
    std::memcpy(&value, base() + object + offset, sizeof value);
    return value;
  }
  // Not for references.
  template <typename T>
  void store(GcRef object, uint32_t offset, T value) {
    std::memcpy(base() + object + offset, &value, sizeof value);
  }
  void store_reference(GcRef object, uint32_t offset, GcRef value) {
    if (window_.marking != 0) write_barrier(load<GcRef>(object, offset));
    store(object, offset, value);
  }
  // Before these are overwritten, while `marking` is not zero. Any references may be shown.
  void write_barrier(GcRef overwritten) { marker_.visit(overwritten); }
  void write_barrier(std::span<const GcRef> overwritten) { marker_.visit(overwritten); }

  // Frees all that is unreachable now.
  void collect();
  // Goes on with a collection, or begins one, for about `budget` bytes of work. True when that
  // ended it. For idle time; needs the write barrier as marking in steps does.
  bool step(uint64_t budget);

  // Calls the embedder for host objects found dead. Never called by the heap itself but from its
  // destructor: the store calls it where host code may run.
  void run_finalisers() { externs_.run_finalisers(); }
  uint32_t dead_externs() const { return externs_.queued(); }

  const HeapStatistics& statistics() const { return statistics_; }
  // Bytes of blocks in use.
  uint64_t used_bytes() const { return uint64_t{space_->used()} * block_size; }

 private:
  // Where a collection is. The allocator takes lines only of blocks that the last collection has
  // swept, so that sweeping can go in steps, too.
  enum class Phase : uint8_t { idle, marking, finalising, sweeping, returning };

  // A run of free lines from which small objects are taken; `cursor` = `limit` when used up.
  struct Run {
    uint32_t cursor = 0;
    uint32_t limit = 0;
  };

  Heap(std::unique_ptr<BlockSpace> space, ExternTable externs, const ObjectTypes& types,
       compiler::AllocationWindow& window, const HeapConfig& config);

  // Allocation.
  GcRef allocate(uint32_t type_id, uint32_t size) {
    uint32_t at = window_.cursor;
    if (__builtin_expect(size > window_.limit - at, false)) return allocate_slowly(type_id, size);
    window_.cursor = at + size;
    place_header(at, type_id);
    return at;
  }
  void place_header(GcRef object, uint32_t type_id) {
    *reinterpret_cast<compiler::ObjectHeader*>(base() + object) = {type_id,
                                                                   window_.new_object_bits};
  }
  GcRef allocate_slowly(uint32_t type_id, uint32_t size);
  GcRef take_memory(uint32_t size);
  GcRef take_small(uint32_t size);
  GcRef take_large(uint32_t size);
  std::optional<BlockIndex> take_blocks(uint32_t count, Block::Kind kind);
  GcRef take_from_window(uint32_t size);
  Run window_run() const { return {window_.cursor, window_limit_}; }
  void set_window(const Run& run);
  bool next_run(Run& run);
  bool next_free_block(Run& run);
  bool next_medium_run(uint32_t size, Run& run);
  bool next_long_run(uint32_t lines, Run& run);
  bool find_run(BlockIndex block, uint32_t from_line, uint32_t lines, Run& run);
  void open(const Run& run);
  void retract(const Run& run);
  void hold(const Run& run);

  // Collection.
  void pace();
  void begin();
  bool advance(int64_t budget);
  void finish();
  void find_dead_externs(int64_t& budget);
  void begin_sweeping();
  void sweep(int64_t& budget);
  void sweep_next();
  void sweep_small(BlockIndex index);
  void end_sweeping();
  void return_memory(int64_t& budget);
  bool has_room(uint32_t size) const;
  bool is_stressed() const { return config_.stress != HeapConfig::Stress::none; }

  class PauseClock;

  const HeapConfig config_;
  const std::unique_ptr<BlockSpace> space_;
  const ObjectTypes& types_;
  compiler::AllocationWindow& window_;
  Marker marker_;
  ExternTable externs_;
  RootTable roots_;
  std::vector<RootSource*> sources_;
  HeapStatistics statistics_;

  // Of the run that window_ is in, which shows `max_small_size` bytes of it at most, so that no
  // larger object fits it; under stress nothing, so that every allocation comes to the heap.
  uint32_t window_limit_ = 0;
  Run medium_;  // the rest of a window, for objects that do not fit the current one
  // Blocks before these have been looked through for free lines since the last collection: for any,
  // and for long runs of them.
  BlockIndex window_block_ = 0;
  uint32_t window_line_ = lines_per_block;
  BlockIndex medium_block_ = BlockSpace::first_block;

  Phase phase_ = Phase::idle;
  uint32_t next_extern_ = 0;     // finalising
  BlockIndex next_block_ = 0;    // sweeping, returning
  uint64_t free_lines_ = 0;      // in small blocks, as swept
  uint64_t growth_ = 0;          // bytes allocated since the last collection ended
  uint64_t growth_limit_;        // where the next begins
  uint64_t paid_growth_ = 0;     // of `growth_`: allocation that has done its share of marking
  uint64_t work_per_byte_ = 1;   // share of marking for a byte of allocation
  uint64_t blocks_to_keep_ = 0;  // returning
};

}  // namespace tenon::runtime
