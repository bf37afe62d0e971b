#include "runtime/gc/block_space.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace tenon::runtime {

TEST_CASE("blocks are taken from the bottom, in runs") {
  auto made = BlockSpace::create(64 << 20, 64 << 20);
  REQUIRE(made);
  BlockSpace& space = **made;
  CHECK(space.take(1, Block::Kind::small) == BlockSpace::first_block);
  CHECK(space.take(3, Block::Kind::large) == BlockSpace::first_block + 1);
  CHECK(space.take(1, Block::Kind::small) == BlockSpace::first_block + 4);
  CHECK(space.used() == 5);
  space.release(BlockSpace::first_block + 1, 3);
  CHECK(space.take(4, Block::Kind::large) == BlockSpace::first_block + 5);
  CHECK(space.take(2, Block::Kind::large) == BlockSpace::first_block + 1);
  CHECK(space.take(1, Block::Kind::small) == BlockSpace::first_block + 3);
  // A run that begins in committed memory and goes on behind it.
  CHECK(space.take(300, Block::Kind::large) == BlockSpace::first_block + 9);
}

TEST_CASE("null cannot be read or written through") {
  auto made = BlockSpace::create(64 << 20, 64 << 20);
  REQUIRE(made);
  REQUIRE((*made)->take(1, Block::Kind::small));
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  // The system looks at the memory for us.
  const uint8_t* base = (*made)->base();
  for (uint32_t offset : {0u, compiler::null_guard_size - 1}) {
    CHECK(write(ends[1], base + offset, 1) == -1);
    CHECK(errno == EFAULT);
  }
  CHECK(write(ends[1], base + compiler::null_guard_size, 1) == 1);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("neither limit nor reservation is passed") {
  auto limited = BlockSpace::create(64 << 20, 10 * block_size);
  REQUIRE(limited);
  CHECK_FALSE((*limited)->take(11, Block::Kind::large));
  CHECK((*limited)->take(10, Block::Kind::large));
  CHECK_FALSE((*limited)->take(1, Block::Kind::small));
  auto small = BlockSpace::create(5 * block_size, 1 << 30);
  REQUIRE(small);
  CHECK((*small)->limit() == 4);
  CHECK((*small)->take(4, Block::Kind::large));
  CHECK_FALSE((*small)->take(1, Block::Kind::small));
  CHECK_FALSE((*small)->take(~0u, Block::Kind::large));
}

TEST_CASE("blocks are zero after `clear` and `discard`") {
  auto made = BlockSpace::create(64 << 20, 64 << 20);
  REQUIRE(made);
  BlockSpace& space = **made;
  for (uint32_t count : {1u, 64u}) {
    auto first = space.take(count, Block::Kind::large);
    REQUIRE(first);
    space.clear(*first, uint64_t{count} * block_size);
    uint8_t* data = space.block_data(*first);
    for (uint32_t i = 0; i < count * block_size; i += 4096) {
      CHECK(data[i] == 0);
      data[i] = 1;
    }
    space.release(*first, count);
    CHECK(space.take(count, Block::Kind::large) == first);
    space.clear(*first, uint64_t{count} * block_size);
    for (uint32_t i = 0; i < count * block_size; i += 4096) CHECK(data[i] == 0);
    data[0] = 1;
    CHECK(space.discard(*first, count) == 0);
    CHECK(data[0] == 1);
    space.release(*first, count);
    CHECK(space.discard(*first, count) == count);
    CHECK(space.discard(*first, count) == 0);
    CHECK(space.block(*first).is_zero);
    CHECK(data[0] == 0);
  }
}

TEST_CASE("runs of random lengths never overlap, and all come back") {
  auto made = BlockSpace::create(32 << 20, 32 << 20);
  REQUIRE(made);
  BlockSpace& space = **made;
  std::mt19937 random(3);
  std::vector<std::pair<BlockIndex, uint32_t>> runs;
  std::set<BlockIndex> taken;
  uint32_t refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    if (runs.empty() || random() % 100 < 52) {
      uint32_t count = 1 + static_cast<uint32_t>(random() % (random() % 4 == 0 ? 150 : 4));
      auto first = space.take(count, count == 1 ? Block::Kind::small : Block::Kind::large);
      if (!first) {
        ++refused;
        continue;
      }
      for (uint32_t j = 0; j < count; ++j) REQUIRE(taken.insert(*first + j).second);
      REQUIRE(*first >= BlockSpace::first_block);
      REQUIRE(*first + count <= 1024);
      runs.emplace_back(*first, count);
    } else {
      std::swap(runs[random() % runs.size()], runs.back());
      auto [first, count] = runs.back();
      runs.pop_back();
      space.release(first, count);
      for (uint32_t j = 0; j < count; ++j) taken.erase(first + j);
    }
    REQUIRE(space.used() == taken.size());
  }
  CHECK(refused > 0);
  for (auto [first, count] : runs) space.release(first, count);
  CHECK(space.take(1023, Block::Kind::large) == BlockSpace::first_block);
}

}  // namespace tenon::runtime
