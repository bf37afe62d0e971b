#include "runtime/gc/heap.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"

// Creation and allocation; collection is in collect.cc.
namespace tenon::runtime {

using compiler::null_ref;

Result<std::unique_ptr<Heap>> Heap::create(const ObjectTypes& types,
                                           compiler::AllocationWindow& window,
                                           const HeapConfig& config) {
  std::unique_ptr<BlockSpace> space = TRY(BlockSpace::create(config.reservation, config.limit));
  // A share of the address space that there is.
  uint64_t max_externs = uint64_t{space->capacity()} * block_size / (8 * sizeof(ExternObject));
  max_externs = std::min<uint64_t>(max_externs, ExternTable::max_externs);
  ExternTable externs = TRY(ExternTable::create(static_cast<uint32_t>(max_externs)));
  return std::unique_ptr<Heap>(
      new Heap(std::move(space), std::move(externs), types, window, config));
}

Heap::Heap(std::unique_ptr<BlockSpace> space, ExternTable externs, const ObjectTypes& types,
           compiler::AllocationWindow& window, const HeapConfig& config)
    : config_(config),
      space_(std::move(space)),
      types_(types),
      window_(window),
      marker_(*space_, types),
      externs_(std::move(externs)),
      growth_limit_(config.min_growth) {
  window_ = {.new_object_bits = marker_.epoch()};
}

Heap::~Heap() {
  externs_.queue_all();
  externs_.run_finalisers();
  window_ = {};
}

GcRef Heap::allocate_array(uint32_t type_id, uint32_t length) {
  const ObjectType& type = types_[type_id];
  compiler::ArrayLayout layout = {.element_size = type.element_size, .elements_offset = type.size};
  std::optional<uint32_t> size = layout.object_size(length);
  if (!size) return null_ref;
  GcRef array = allocate(type_id, *size);
  if (array != null_ref) store(array, compiler::array_length_offset, length);
  return array;
}

GcRef Heap::allocate_extern(void* data, ExternTable::Destroy destroy) {
  GcRef object = allocate(compiler::extern_type_id, sizeof(ExternObject));
  if (object == null_ref) return null_ref;
  std::optional<uint32_t> index = externs_.add(object, data, destroy);
  if (!index) return null_ref;
  store(object, offsetof(ExternObject, index), *index);
  return object;
}

void* Heap::extern_data(GcRef object) const {
  CHECK(type_id(object) == compiler::extern_type_id);
  return externs_.data(load<uint32_t>(object, offsetof(ExternObject, index)));
}

GcRef Heap::allocate_slowly(uint32_t type_id, uint32_t size) {
  pace();
  GcRef object = take_memory(size);
  if (object == null_ref && phase_ != Phase::idle) {
    finish();
    if (has_room(size)) object = take_memory(size);
  }
  if (object == null_ref) {
    collect();
    if (has_room(size)) object = take_memory(size);
  }
  if (object != null_ref) place_header(object, type_id);
  uint32_t shown = is_stressed() ? 0 : max_small_size;
  window_.limit = std::min(window_limit_, window_.cursor + shown);
  return object;
}

GcRef Heap::take_memory(uint32_t size) {
  return size <= max_small_size ? take_small(size) : take_large(size);
}

GcRef Heap::take_large(uint32_t size) {
  uint32_t count = (size + block_size - 1) / block_size;
  std::optional<BlockIndex> first = take_blocks(count, Block::Kind::large);
  if (!first) return null_ref;
  space_->clear(*first, size);
  return *first * block_size;
}

// Free lines are used up before free blocks. Objects above a line do not fit every run of them:
// these look for one that is long enough, which then is the window, and keep the old window's rest.
GcRef Heap::take_small(uint32_t size) {
  auto room = [](const Run& run) { return run.limit - run.cursor; };
  Run run;
  bool refill = size <= line_size || room(window_run()) == 0;
  if (size > room(window_run()) && refill && next_run(run)) {
    retract(window_run());
    set_window(run);
  }
  if (size <= room(window_run())) return take_from_window(size);
  if (size <= room(medium_)) return std::exchange(medium_.cursor, medium_.cursor + size);
  if (!next_medium_run(size, run)) return null_ref;
  Run rest = window_run();
  set_window(run);
  if (room(rest) > room(medium_)) std::swap(rest, medium_);
  retract(rest);
  return take_from_window(size);
}

GcRef Heap::take_from_window(uint32_t size) {
  return std::exchange(window_.cursor, window_.cursor + size);
}

void Heap::set_window(const Run& run) {
  window_.cursor = run.cursor;
  window_limit_ = run.limit;
}

// Blocks that are free, or become so in the rest of the sweep.
std::optional<BlockIndex> Heap::take_blocks(uint32_t count, Block::Kind kind) {
  std::optional<BlockIndex> first = space_->take(count, kind);
  while (!first && phase_ == Phase::sweeping) {
    uint32_t used = space_->used();
    while (phase_ == Phase::sweeping && space_->used() == used) sweep_next();
    first = space_->take(count, kind);
  }
  if (!first) return std::nullopt;
  growth_ += uint64_t{count} * block_size;
  statistics_.allocated_bytes += uint64_t{count} * block_size;
  return first;
}

bool Heap::next_free_block(Run& run) {
  std::optional<BlockIndex> block = take_blocks(1, Block::Kind::small);
  if (!block) return false;
  space_->clear(*block, block_size);
  run = {*block * block_size, (*block + 1) * block_size};
  hold(run);
  return true;
}

// The next run of free lines, else a free block.
bool Heap::next_run(Run& run) {
  for (;;) {
    if (window_line_ < lines_per_block && find_run(window_block_, window_line_, 1, run)) {
      window_line_ = run.limit / line_size - window_block_ * lines_per_block;
      open(run);
      return true;
    }
    if (phase_ == Phase::sweeping && window_block_ + 1 >= next_block_) {
      sweep_next();
      continue;
    }
    if (window_block_ + 1 >= space_->end()) return next_free_block(run);
    const Block& block = space_->block(++window_block_);
    window_line_ = block.kind == Block::Kind::small && block.free_lines > 0 ? 0 : lines_per_block;
  }
}

// A run that is long enough for the object. Long ones are rare in blocks that are in use: there
// they are looked for last.
bool Heap::next_medium_run(uint32_t size, Run& run) {
  constexpr uint32_t few_lines = 16;
  uint32_t lines = (size + line_size - 1) / line_size;
  if (lines <= few_lines && next_long_run(lines, run)) return true;
  return next_free_block(run) || next_long_run(lines, run);
}

// In a block that has not been given up for such runs since the last collection.
bool Heap::next_long_run(uint32_t lines, Run& run) {
  BlockIndex end = phase_ == Phase::sweeping ? next_block_ : space_->end();
  for (; medium_block_ < end; ++medium_block_) {
    const Block& block = space_->block(medium_block_);
    if (block.kind != Block::Kind::small || block.free_lines < lines) continue;
    if (!find_run(medium_block_, 0, lines, run)) continue;
    open(run);
    return true;
  }
  return false;
}

// The first run of at least so many free lines of the block, in full length.
bool Heap::find_run(BlockIndex block, uint32_t from_line, uint32_t lines, Run& run) {
  std::span<const uint8_t> epochs = space_->lines_of(block);
  auto line = epochs.begin() + from_line;
  for (;;) {
    auto begin = std::find(line, epochs.end(), 0);
    if (begin == epochs.end()) return false;
    line = std::find_if(begin, epochs.end(), [](uint8_t epoch) { return epoch != 0; });
    if (line - begin < static_cast<ptrdiff_t>(lines)) continue;
    uint32_t base = block * block_size;
    run.cursor = base + static_cast<uint32_t>(begin - epochs.begin()) * line_size;
    run.limit = base + static_cast<uint32_t>(line - epochs.begin()) * line_size;
    return true;
  }
}

// Makes a run found in a block ready for allocation.
void Heap::open(const Run& run) {
  uint32_t size = run.limit - run.cursor;
  std::memset(base() + run.cursor, 0, size);
  hold(run);
  growth_ += size;
  statistics_.allocated_bytes += size;
}

// The lines of a run that is allocated from are not free, and survive the collection under way.
void Heap::hold(const Run& run) {
  if (run.cursor == run.limit) return;
  uint32_t first = run.cursor / line_size;
  std::memset(space_->lines() + first, marker_.epoch(), run.limit / line_size - first);
}

// What is left of a run when it is given up is free again.
void Heap::retract(const Run& run) {
  uint32_t first = (run.cursor + line_size - 1) / line_size;
  uint32_t end = run.limit / line_size;
  if (first < end) std::memset(space_->lines() + first, 0, end - first);
}

}  // namespace tenon::runtime
