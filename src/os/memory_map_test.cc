#include "os/memory_map.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace tenon::os {

TEST_CASE("a reservation becomes memory where access is given") {
  auto map = MemoryMap::reserve(uint64_t{4} << 30);
  REQUIRE(map);
  CHECK(map->size() == uint64_t{4} << 30);
  REQUIRE(map->protect(0, 2 * page_size(), Access::read_write));
  map->data()[0] = 1;
  map->data()[2 * page_size() - 1] = 2;
  CHECK(map->contains(map->data() + map->size() - 1));
  CHECK_FALSE(map->contains(map->data() + map->size()));
  CHECK_FALSE(map->contains(map->data() - 1));
  map->discard(0, 2 * page_size());
  CHECK(map->data()[0] == 0);
}

TEST_CASE("a file laid over memory is copied when written") {
  int fd = memfd_create("image", MFD_CLOEXEC);
  REQUIRE(fd >= 0);
  uint64_t page = page_size();
  REQUIRE(ftruncate(fd, static_cast<off_t>(2 * page)) == 0);
  REQUIRE(pwrite(fd, "hello", 5, static_cast<off_t>(page)) == 5);
  auto map = MemoryMap::reserve(4 * page);
  REQUIRE(map);
  REQUIRE(map->protect(0, 3 * page, Access::read_write));
  REQUIRE(map->overlay_file(page, fd, page, page));
  CHECK(std::memcmp(map->data() + page, "hello", 5) == 0);
  map->data()[page] = 'j';
  char now[5];
  REQUIRE(pread(fd, now, 5, static_cast<off_t>(page)) == 5);
  CHECK(std::memcmp(now, "hello", 5) == 0);
  auto code = MemoryMap::file(fd, page, page, Access::read);
  REQUIRE(code);
  CHECK(code->data()[0] == 'h');
  close(fd);
}

TEST_CASE("what the system refuses is an error with its size") {
  auto map = MemoryMap::reserve(uint64_t{1} << 62);
  REQUIRE_FALSE(map);
  CHECK(map.error().code() == ErrorCode::io);
  CHECK(map.error().message().find("4611686018427387904") != std::string::npos);
  CHECK_FALSE(MemoryMap::reserve(~uint64_t{0}));
  CHECK_FALSE(can_reserve(uint64_t{1} << 62));
}

TEST_CASE("a moved map is owned once") {
  auto map = MemoryMap::zeroed(1);
  REQUIRE(map);
  MemoryMap other = std::move(*map);
  CHECK_FALSE(*map);
  REQUIRE(other);
  other = MemoryMap();
  CHECK(other.size() == 0);
}

}  // namespace tenon::os
