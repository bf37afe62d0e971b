#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "os/clock.h"
#include "runtime/gc/heap.h"

// A collection of a heap, from its roots to the last block swept.
namespace tenon::runtime {

namespace {

// Budgets count bytes that marking reads; these are what else costs as much.
constexpr uint32_t extern_cost = 32;
constexpr uint32_t sweep_cost = 64;     // a block
constexpr uint32_t return_cost = 4096;  // a block

// The least and the most that one allocation does.
constexpr uint64_t min_step = 4 << 10;
constexpr uint64_t max_step = 256 << 10;
constexpr int64_t stress_step = 512;

// The part of what lives that a collection forced by the limit must leave free.
constexpr uint64_t min_free_share = 32;

}  // namespace

// Measures until it is destroyed.
class Heap::PauseClock {
 public:
  explicit PauseClock(HeapStatistics& statistics)
      : statistics_(statistics), begin_(os::monotonic_now()) {}
  ~PauseClock() {
    statistics_.longest_pause = std::max(statistics_.longest_pause, os::monotonic_now() - begin_);
  }
  PauseClock(const PauseClock&) = delete;
  PauseClock& operator=(const PauseClock&) = delete;

 private:
  HeapStatistics& statistics_;
  const uint64_t begin_;
};

// Does this allocation's share of collecting.
void Heap::pace() {
  if (config_.stress == HeapConfig::Stress::collect) return collect();
  if (config_.stress == HeapConfig::Stress::step) {
    step(stress_step);
    return;
  }
  if (phase_ == Phase::idle) {
    if (growth_ < growth_limit_) return;
    PauseClock clock(statistics_);
    begin();
    if (config_.marking == HeapConfig::Marking::at_once) finish();
    return;
  }
  uint64_t share = std::min((growth_ - paid_growth_) * work_per_byte_, max_step);
  if (share < min_step) return;
  PauseClock clock(statistics_);
  paid_growth_ += share / work_per_byte_;
  advance(static_cast<int64_t>(share));
}

void Heap::collect() {
  PauseClock clock(statistics_);
  finish();
  begin();
  finish();
}

void Heap::finish() {
  PauseClock clock(statistics_);
  advance(INT64_MAX);
}

bool Heap::step(uint64_t budget) {
  PauseClock clock(statistics_);
  if (phase_ == Phase::idle) begin();
  return advance(static_cast<int64_t>(std::min<uint64_t>(budget, INT64_MAX)));
}

void Heap::begin() {
  CHECK(phase_ == Phase::idle);
  marker_.begin(marker_.epoch() == 1 ? 2 : 1);
  window_.new_object_bits = marker_.epoch();
  window_.marking = 1;
  hold(window_run());
  hold(medium_);
  roots_.visit_roots(marker_);
  for (RootSource* source : sources_) source->visit_roots(marker_);
  phase_ = Phase::marking;

  // Marking should be done when half as much again has been allocated. Small objects cost more to
  // mark than they have bytes.
  uint64_t work = 2 * (statistics_.live_bytes + growth_);
  uint64_t room = uint64_t{space_->limit() - space_->used()} * block_size;
  room = std::max<uint64_t>(std::min(room, growth_limit_) / 2, block_size);
  work_per_byte_ = work / room + 2;
  paid_growth_ = growth_;
}

// True when the collection has ended.
bool Heap::advance(int64_t budget) {
  while (budget > 0 && phase_ != Phase::idle) {
    switch (phase_) {
      case Phase::idle: break;
      case Phase::marking:
        if (!marker_.run(budget)) break;
        window_.marking = 0;
        next_extern_ = 0;
        phase_ = Phase::finalising;
        break;
      case Phase::finalising: find_dead_externs(budget); break;
      case Phase::sweeping: sweep(budget); break;
      case Phase::returning: return_memory(budget); break;
    }
  }
  return phase_ == Phase::idle;
}

void Heap::find_dead_externs(int64_t& budget) {
  constexpr uint32_t count = 256;
  auto is_marked = [this](GcRef object) { return marker_.is_marked(object); };
  next_extern_ = externs_.sweep(next_extern_, count, is_marked);
  budget -= count * extern_cost;
  if (next_extern_ == externs_.end()) begin_sweeping();
}

void Heap::begin_sweeping() {
  phase_ = Phase::sweeping;
  next_block_ = BlockSpace::first_block;
  free_lines_ = 0;
  window_block_ = 0;
  window_line_ = lines_per_block;
  medium_block_ = BlockSpace::first_block;
}

void Heap::sweep(int64_t& budget) {
  while (budget > 0 && phase_ == Phase::sweeping) {
    sweep_next();
    budget -= sweep_cost;
  }
}

void Heap::sweep_next() {
  if (next_block_ >= space_->end()) return end_sweeping();
  const Block& block = space_->block(next_block_);
  BlockIndex index = next_block_++;
  if (block.kind == Block::Kind::small) {
    sweep_small(index);
  } else if (block.kind == Block::Kind::large && !marker_.is_marked(index * block_size)) {
    if (is_stressed()) std::memset(space_->block_data(index), 0xdb, block_size);
    next_block_ = index + block.count;
    space_->release(index, block.count);
  }
}

void Heap::sweep_small(BlockIndex index) {
  std::span<uint8_t> lines = space_->lines_of(index);
  const uint8_t epoch = marker_.epoch();
  uint32_t live = 0;
  for (uint8_t& line : lines) {
    bool is_live = line == epoch;
    line = is_live ? epoch : 0;
    live += is_live;
  }
  if (is_stressed())
    for (uint32_t i = 0; i < lines_per_block; ++i)
      if (lines[i] == 0) std::memset(space_->block_data(index) + i * line_size, 0xdb, line_size);
  space_->block(index).free_lines = static_cast<uint16_t>(lines_per_block - live);
  if (live == 0) {
    space_->release(index, 1);
  } else {
    free_lines_ += lines_per_block - live;
  }
}

void Heap::end_sweeping() {
  uint64_t live = used_bytes() - free_lines_ * line_size;
  statistics_.live_bytes = live;
  ++statistics_.collections;
  growth_ = 0;
  paid_growth_ = 0;
  growth_limit_ = std::max(live, config_.min_growth);
  if (config_.marking == HeapConfig::Marking::in_steps) {
    // Begins where it can end before the limit is met, but not for next to nothing.
    uint64_t room = uint64_t{space_->limit()} * block_size - live;
    growth_limit_ = std::max(std::min(growth_limit_, room / 2), live / min_free_share);
  }
  phase_ = Phase::returning;
  next_block_ = BlockSpace::first_block;
  blocks_to_keep_ = growth_limit_ / block_size;
}

// Free blocks at the bottom are used first: those above what will be needed soon are given back.
void Heap::return_memory(int64_t& budget) {
  while (budget > 0 && next_block_ < space_->end()) {
    if (blocks_to_keep_ > 0) {
      const Block& block = space_->block(next_block_++);
      if (block.kind == Block::Kind::free && !block.is_zero) --blocks_to_keep_;
      --budget;
      continue;
    }
    uint32_t count = std::min<uint32_t>(64, space_->end() - next_block_);
    uint32_t discarded = space_->discard(next_block_, count);
    next_block_ += count;
    budget -= int64_t{count} + int64_t{discarded} * return_cost;
  }
  if (next_block_ >= space_->end()) phase_ = Phase::idle;
}

bool Heap::has_room(uint32_t size) const {
  uint64_t free = uint64_t{space_->limit() - space_->used()} * block_size + free_lines_ * line_size;
  return free >= size + statistics_.live_bytes / min_free_share;
}

}  // namespace tenon::runtime
