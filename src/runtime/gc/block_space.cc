#include "runtime/gc/block_space.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"

namespace tenon::runtime {

namespace {

// Less than 4 GiB, so that the end of any block is a 32-bit offset.
constexpr uint64_t max_reservation = (uint64_t{4} << 30) - block_size;
constexpr uint64_t min_reservation = 16 << 20;
constexpr uint32_t commit_step = 128;  // blocks
// From this size on, blocks become zero by giving their memory back, which costs no more then.
constexpr uint64_t large_clear = 1 << 20;

// As much as there is, by halves; twice as much must be possible, so that others find some, too.
Result<os::MemoryMap> reserve(uint64_t wanted) {
  for (uint64_t size = wanted; size > min_reservation; size /= 2)
    if (os::can_reserve(2 * size)) return os::MemoryMap::reserve(size);
  return os::MemoryMap::reserve(std::min(wanted, min_reservation));
}

}  // namespace

Result<std::unique_ptr<BlockSpace>> BlockSpace::create(uint64_t reservation, uint64_t limit) {
  reservation = std::clamp<uint64_t>(reservation, 2 * block_size, max_reservation);
  reservation -= reservation % block_size;
  std::unique_ptr<BlockSpace> space(new BlockSpace);
  space->heap_ = TRY(reserve(reservation));
  space->capacity_ = static_cast<BlockIndex>(space->heap_.size() / block_size);
  uint64_t blocks = space->capacity_;
  space->lines_ = TRY(StableArray<uint8_t>::create(blocks * lines_per_block));
  space->blocks_ = TRY(StableArray<Block>::create(blocks));
  space->limit_ = static_cast<uint32_t>(std::min(limit / block_size, blocks - first_block));
  return space;
}

void BlockSpace::set_free(BlockIndex first, uint32_t count, bool free) {
  for (BlockIndex at = first, end = first + count; at < end;) {
    uint32_t bit = at % 64;
    uint32_t bits = std::min(64 - bit, end - at);
    uint64_t mask = (bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1) << bit;
    if (free) {
      free_[at / 64] |= mask;
    } else {
      free_[at / 64] &= ~mask;
    }
    at += bits;
  }
  if (free) first_free_word_ = std::min(first_free_word_, first / 64);
}

// Moves the end so that there are as many free blocks before it; the first of them.
std::optional<BlockIndex> BlockSpace::commit(uint32_t count) {
  uint32_t at_end = 0;
  while (at_end < count && end_ - at_end > first_block && is_free(end_ - 1 - at_end)) ++at_end;
  BlockIndex first = end_ - at_end;
  if (at_end == count) return first;
  if (count - at_end > capacity_ - end_) return std::nullopt;
  uint32_t more = std::min(std::max(count - at_end, commit_step), capacity_ - end_);
  BlockIndex new_end = end_ + more;
  if (!blocks_.grow(new_end) || !lines_.grow(uint64_t{new_end} * lines_per_block))
    return std::nullopt;
  uint64_t begin = uint64_t{end_} * block_size;
  if (!heap_.protect(begin, uint64_t{more} * block_size, os::Access::read_write))
    return std::nullopt;
  free_.resize((new_end + 63) / 64);
  set_free(end_, more, true);
  for (BlockIndex at = end_; at < new_end; ++at) blocks_[at].is_zero = true;
  end_ = new_end;
  return first;
}

// A long search that found nothing is not repeated before something has become free.
std::optional<BlockIndex> BlockSpace::find(uint32_t count) {
  if (count == 1) return find_one();
  if (count >= missing_run_) return std::nullopt;
  std::optional<BlockIndex> first = find_run(count);
  if (!first) missing_run_ = count;
  return first;
}

std::optional<BlockIndex> BlockSpace::find_one() {
  for (; first_free_word_ < free_.size(); ++first_free_word_)
    if (uint64_t word = free_[first_free_word_])
      return first_free_word_ * 64 + static_cast<uint32_t>(std::countr_zero(word));
  return std::nullopt;
}

std::optional<BlockIndex> BlockSpace::find_run(uint32_t count) const {
  uint32_t run = 0;  // free blocks that end at the current one
  for (uint32_t i = first_free_word_; i < free_.size(); ++i) {
    for (uint32_t bit = 0; bit < 64;) {
      uint64_t rest = free_[i] >> bit;
      uint32_t ones = std::min(static_cast<uint32_t>(std::countr_one(rest)), 64 - bit);
      run += ones;
      if (run >= count) return i * 64 + bit + ones - run;
      bit += ones;
      if (bit == 64) break;
      run = 0;
      rest = free_[i] >> bit;
      bit = rest == 0 ? 64 : bit + static_cast<uint32_t>(std::countr_zero(rest));
    }
  }
  return std::nullopt;
}

std::optional<BlockIndex> BlockSpace::take(uint32_t count, Block::Kind kind) {
  if (count > limit_ - used_) return std::nullopt;
  std::optional<BlockIndex> first = find(count);
  if (!first) first = commit(count);
  if (!first) return std::nullopt;
  set_free(*first, count, false);
  used_ += count;
  blocks_[*first].kind = kind;
  blocks_[*first].count = count;
  blocks_[*first].free_lines = 0;
  for (uint32_t i = 1; i < count; ++i) blocks_[*first + i].kind = Block::Kind::large_rest;
  return first;
}

void BlockSpace::release(BlockIndex first, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) blocks_[first + i].kind = Block::Kind::free;
  set_free(first, count, true);
  missing_run_ = ~0u;
  used_ -= count;
}

void BlockSpace::clear(BlockIndex first, uint64_t size) {
  uint32_t count = static_cast<uint32_t>((size + block_size - 1) / block_size);
  for (uint32_t i = 0; i < count; ++i) {
    Block& block = blocks_[first + i];
    if (!block.is_zero) {
      if (size >= large_clear) {
        heap_.discard(uint64_t{first + i} * block_size, block_size);
      } else {
        std::memset(block_data(first + i), 0, block_size);
      }
    }
    block.is_zero = false;
  }
}

uint32_t BlockSpace::discard(BlockIndex first, uint32_t count) {
  uint32_t discarded = 0;
  BlockIndex end = first + count;
  for (BlockIndex at = first; at < end;) {
    auto is_dirty = [&] { return at < end && is_free(at) && !blocks_[at].is_zero; };
    BlockIndex begin = at;
    for (; is_dirty(); ++at) blocks_[at].is_zero = true;
    if (at == begin) {
      ++at;
      continue;
    }
    heap_.discard(uint64_t{begin} * block_size, uint64_t{at - begin} * block_size);
    discarded += at - begin;
  }
  return discarded;
}

}  // namespace tenon::runtime
