#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "compiler/gc_layout.h"
#include "os/memory_map.h"
#include "runtime/gc/stable_array.h"

// The address space of a heap, cut into blocks of 32 KiB, and those into lines of 128 bytes. A
// block is free, or holds small objects side by side, or belongs to one large object, which takes
// as many neighbouring blocks as it needs. A line of a small block has an epoch: that of the last
// collection in which something in it was alive (or was allocated in it since), 0 when it is free.
// What is known of blocks and lines is kept apart from them.
//
// Memory is committed from the bottom as blocks are taken; the first block never is
// (compiler::null_guard_size). It goes back to the system only through `discard`.
namespace tenon::runtime {

constexpr uint32_t block_size = 32 << 10;
// With lines of 256 bytes, a heap of small objects that die at random is a seventh larger, and is
// collected a little less often.
constexpr uint32_t line_size = 128;
constexpr uint32_t lines_per_block = block_size / line_size;
static_assert(block_size == compiler::null_guard_size);

// An index of a block, from the base of the heap.
using BlockIndex = uint32_t;

struct Block {
  enum class Kind : uint8_t { free, small, large, large_rest };
  Kind kind = Kind::free;
  bool is_zero = false;     // all its bytes, when free
  uint16_t free_lines = 0;  // small: when it was last swept
  uint32_t count = 0;       // large: blocks of the object
};

class BlockSpace {
 public:
  // Reserves `reservation` bytes, a block less than 4 GiB at most, or less where that much address
  // space is not to be had. At most `limit` bytes will be in blocks that are not free.
  static Result<std::unique_ptr<BlockSpace>> create(uint64_t reservation, uint64_t limit);

  uint8_t* base() const { return heap_.data(); }
  uint8_t* lines() const { return lines_.data(); }
  Block& block(BlockIndex index) { return blocks_[index]; }
  uint8_t* block_data(BlockIndex index) const { return base() + uint64_t{index} * block_size; }
  std::span<uint8_t> lines_of(BlockIndex index) const {
    return std::span(lines_.data() + uint64_t{index} * lines_per_block, lines_per_block);
  }

  static constexpr BlockIndex first_block = 1;
  BlockIndex capacity() const { return capacity_; }  // what is reserved
  BlockIndex end() const { return end_; }            // of what is committed
  uint32_t used() const { return used_; }            // blocks that are not free
  uint32_t limit() const { return limit_; }

  // Neighbouring free blocks, now of the given kind; none above the limit, or where there are not
  // as many, or when the system has no memory. Their contents are what Block::is_zero says, which
  // is left to the caller to make use of and to clear.
  std::optional<BlockIndex> take(uint32_t count, Block::Kind kind);
  // Blocks of one small block or large object become free.
  void release(BlockIndex first, uint32_t count);

  // Makes the bytes [0, size) of blocks just taken zero.
  void clear(BlockIndex first, uint64_t size);
  // Gives the memory of free blocks among [first, first + count) back to the system. Returns how
  // many blocks were not zero before.
  uint32_t discard(BlockIndex first, uint32_t count);

 private:
  BlockSpace() = default;
  bool is_free(BlockIndex index) const { return (free_[index / 64] >> (index % 64) & 1) != 0; }
  std::optional<BlockIndex> find(uint32_t count);
  std::optional<BlockIndex> find_one();
  std::optional<BlockIndex> find_run(uint32_t count) const;
  std::optional<BlockIndex> commit(uint32_t count);
  void set_free(BlockIndex first, uint32_t count, bool free);

  os::MemoryMap heap_;
  StableArray<uint8_t> lines_;
  StableArray<Block> blocks_;
  std::vector<uint64_t> free_;    // a bit for each block
  uint32_t first_free_word_ = 0;  // none before has a bit
  uint32_t missing_run_ = ~0u;    // there are not as many free neighbours, but at the end
  BlockIndex capacity_ = 0;
  BlockIndex end_ = first_block;
  uint32_t used_ = 0;
  uint32_t limit_ = 0;
};

}  // namespace tenon::runtime
