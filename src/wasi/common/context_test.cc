#include "wasi/common/context.h"

#include <doctest/doctest.h>

#include "wasi/common/descriptor.h"
#include "wasi/common/test_world.h"

namespace tenon::wasi {
namespace {

TEST_CASE("resources are counted as long as they live") {
  TestWorld world({.max_resources = 2});
  auto first = world.context->admit_resource();
  auto second = world.context->admit_resource();
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK_FALSE(world.context->admit_resource().has_value());
  ResourceTicket moved = std::move(*first);
  CHECK_FALSE(world.context->admit_resource().has_value());
  moved = ResourceTicket();
  CHECK(world.context->admit_resource().has_value());
  // A ticket may outlive the context.
  world.context.reset();
}

TEST_CASE("random numbers are spread and follow from their seed") {
  InsecureRandom a({1, 2, 3, 4});
  InsecureRandom b({1, 2, 3, 4});
  InsecureRandom zero({0, 0, 0, 0});
  CHECK(a.next() == b.next());
  CHECK(a.next() != a.next());
  uint64_t any = 0;
  for (int i = 0; i < 10; ++i) any |= zero.next();
  CHECK(any != 0);
  uint8_t bytes[13] = {};
  a.fill(bytes);
  CHECK(bytes[12] != bytes[11]);
}

TEST_CASE("a metadata hash tells changes, and nothing without the key") {
  host::FileStat stat;
  stat.inode = 7;
  stat.size = 10;
  MacKey key = {1};
  MetadataHash hash = metadata_hash(key, stat);
  CHECK(metadata_hash(key, stat).lower == hash.lower);
  stat.size = 11;
  CHECK(metadata_hash(key, stat).lower != hash.lower);
  stat.size = 10;
  CHECK(metadata_hash(MacKey{2}, stat).lower != hash.lower);
  CHECK(hash.lower != hash.upper);
}

TEST_CASE("every flag that changes something is refused on a read-only grant") {
  TestWorld world;
  Descriptor whole(world.root, false);
  Descriptor fixed(world.root, true);
  REQUIRE(whole.open_at("f", true, {.create = true}, {.write = true}).has_value());
  for (OpenFlags flags : {OpenFlags{.create = true}, OpenFlags{.truncate = true},
                          OpenFlags{.create = true, .exclusive = true}}) {
    CHECK(fixed.open_at("f", true, flags, {.read = true}).error() == Errno::read_only);
    CHECK(fixed.open_at("f", true, flags, {}).error() == Errno::read_only);
  }
  CHECK(fixed.open_at("f", true, {}, {.write = true}).error() == Errno::read_only);
  CHECK(fixed.open_at("f", true, {.exclusive = true}, {.read = true}).has_value());
  CHECK(fixed.open_at("f", true, {}, {.read = true, .sync = true}).has_value());
  CHECK(fixed.rename_at("f", whole, "g").error() == Errno::read_only);
  CHECK(whole.rename_at("f", fixed, "g").error() == Errno::read_only);
  CHECK(fixed.link_at("f", whole, "g").error() == Errno::read_only);
  CHECK(fixed.set_times({}, {}).error() == Errno::read_only);
}

}  // namespace
}  // namespace tenon::wasi
