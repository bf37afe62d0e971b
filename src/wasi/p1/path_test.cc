#include <doctest/doctest.h>

#include "host/real/test_tree.h"
#include "wasi/p1/test_guest.h"

namespace tenon::wasi::p1 {
namespace {

constexpr uint64_t reading = rights::fd_read;
constexpr uint64_t writing = rights::fd_write;
constexpr uint32_t whole = 3;
constexpr uint32_t fixed = 4;  // the same directory, granted for reading

Error rename_path(TestGuest& guest, uint32_t from_fd, std::string_view from, uint32_t to_fd,
                  std::string_view to) {
  return guest.call(path_rename, from_fd, guest.put(from), from.size(), to_fd, guest.put(to),
                    to.size());
}

Error link_path(TestGuest& guest, uint32_t from_fd, std::string_view from, uint32_t to_fd,
                std::string_view to, uint32_t flags = 0) {
  return guest.call(path_link, from_fd, flags, guest.put(from), from.size(), to_fd, guest.put(to),
                    to.size());
}

Error symlink_path(TestGuest& guest, std::string_view target, uint32_t fd, std::string_view path) {
  return guest.call(path_symlink, guest.put(target), target.size(), fd, guest.put(path),
                    path.size());
}

TestGuest with_file() {
  TestGuest guest;
  REQUIRE(guest.open("f", writing, oflags::creat) == Error::success);
  REQUIRE(guest.write(guest.fd, "kept") == Error::success);
  return guest;
}

TEST_CASE("E19-E21: what was granted for reading is not changed, by no flag and no way") {
  TestGuest guest = with_file();
  for (uint32_t open_flags : {oflags::creat, oflags::trunc, oflags::creat | oflags::excl,
                              oflags::creat | oflags::trunc}) {
    CAPTURE(open_flags);
    CHECK(guest.open("f", reading, open_flags, fixed) == Error::rofs);
    CHECK(guest.open("f", 0, open_flags, fixed) == Error::rofs);
    CHECK(guest.open("new", reading, open_flags, fixed) == Error::rofs);
  }
  CHECK(guest.open("f", writing, 0, fixed) == Error::rofs);
  CHECK(guest.open("f", writing, 0, fixed, fdflags::append) == Error::rofs);
  CHECK(guest.open("f", ~uint64_t{0}, 0, fixed) == Error::rofs);
  // Appending alone opens nothing for writing.
  REQUIRE(guest.open("f", reading, 0, fixed, fdflags::append) == Error::success);
  uint32_t fd = guest.fd;
  CHECK(guest.write(fd, "x") == Error::badf);
  CHECK(guest.call(fd_filestat_set_size, fd, 0) == Error::rofs);
  CHECK(guest.call(fd_filestat_set_times, fd, 1, 1, fstflags::atim | fstflags::mtim) ==
        Error::rofs);
  CHECK(guest.call(fd_allocate, fd, 0, 100) == Error::badf);
  CHECK(guest.call(fd_advise, fd, 0, 0, 0) == Error::success);
  CHECK(guest.call(fd_sync, fd) == Error::success);
  CHECK(guest.call(fd_datasync, fd) == Error::success);
  CHECK(guest.read(fd) == "kept");

  CHECK(guest.at(path_create_directory, "d", fixed) == Error::rofs);
  CHECK(guest.at(path_remove_directory, "d", fixed) == Error::rofs);
  CHECK(guest.at(path_unlink_file, "f", fixed) == Error::rofs);
  CHECK(symlink_path(guest, "f", fixed, "l") == Error::rofs);
  CHECK(guest.call(path_filestat_set_times, fixed, 1, guest.put("f"), 1, 1, 1, 5) == Error::rofs);
  CHECK(rename_path(guest, fixed, "f", fixed, "g") == Error::rofs);
  CHECK(rename_path(guest, fixed, "f", whole, "g") == Error::rofs);
  CHECK(rename_path(guest, whole, "f", fixed, "g") == Error::rofs);
  CHECK(link_path(guest, fixed, "f", fixed, "g") == Error::rofs);
  CHECK(link_path(guest, fixed, "f", whole, "g") == Error::rofs);
  CHECK(link_path(guest, whole, "f", fixed, "g") == Error::rofs);
  CHECK(guest.call(fd_filestat_set_times, fixed, 1, 1, 5) == Error::rofs);
}

TEST_CASE("E22: what comes through a descriptor has no more rights than it") {
  TestGuest guest = with_file();
  REQUIRE(guest.at(path_create_directory, "d") == Error::success);
  CHECK(guest.open("d", ~uint64_t{0}, oflags::directory, fixed) == Error::rofs);
  REQUIRE(guest.open("d", reading, oflags::directory, fixed) == Error::success);
  uint32_t inner = guest.fd;
  CHECK(guest.open("new", writing, oflags::creat, inner) == Error::rofs);
  CHECK(guest.at(path_create_directory, "x", inner) == Error::rofs);
  CHECK(guest.call(fd_filestat_set_times, inner, 1, 1, 5) == Error::rofs);
  REQUIRE(guest.open("d", reading, oflags::directory, whole) == Error::success);
  CHECK(guest.open("new", writing, oflags::creat, guest.fd) == Error::success);
  CHECK(guest.open("d", reading | writing, oflags::directory, whole) == Error::isdir);
}

TEST_CASE("flags that are none are refused") {
  TestGuest guest = with_file();
  CHECK(guest.open("f", reading, 1 << 4) == Error::inval);
  CHECK(guest.open("f", reading, 0, whole, 1 << 5) == Error::inval);
  CHECK(guest.open("f", reading, 0, whole, 0, 2) == Error::inval);
  CHECK(guest.open("d", reading, oflags::creat | oflags::directory) == Error::inval);
  CHECK(guest.open("d", reading, oflags::trunc | oflags::directory) == Error::inval);
  CHECK(link_path(guest, whole, "f", whole, "g", 1) == Error::inval);
}

TEST_CASE("E26: paths that are none") {
  TestGuest guest = with_file();
  CHECK(guest.open("", reading) == Error::noent);
  CHECK(guest.open("\xff", reading) == Error::ilseq);
  CHECK(guest.open(std::string_view("f\0", 2), reading) == Error::inval);
  CHECK(guest.open(std::string(65'000, 'x'), reading) == Error::nametoolong);
  CHECK(guest.open("/f", reading) == Error::perm);
  CHECK(guest.open("../f", reading) == Error::perm);
  CHECK(guest.open("f", reading, 0, 0) == Error::badf);
  CHECK(guest.open("f", reading, 0, 99) == Error::badf);
}

TEST_CASE("links are read, followed and cut to the buffer") {
  TestGuest guest = with_file();
  REQUIRE(symlink_path(guest, "f", whole, "l") == Error::success);
  CHECK(symlink_path(guest, "/etc/passwd", whole, "m") == Error::perm);
  REQUIRE(guest.open("l", reading) == Error::success);
  CHECK(guest.read(guest.fd) == "kept");
  CHECK(guest.open("l", reading, 0, whole, 0, 0) == Error::loop);
  uint32_t stat = guest.allocate(filestat_size);
  REQUIRE(guest.call(path_filestat_get, whole, 0, guest.put("l"), 1, stat) == Error::success);
  CHECK(guest.get<uint8_t>(stat + 16) == static_cast<uint8_t>(FileType::symbolic_link));
  REQUIRE(symlink_path(guest, "long/target", whole, "n") == Error::success);
  uint32_t buffer = guest.allocate(16);
  uint32_t used = guest.allocate(4);
  REQUIRE(guest.call(path_readlink, whole, guest.put("n"), 1, buffer, 4, used) == Error::success);
  CHECK(guest.get<uint32_t>(used) == 4);
  CHECK(guest.text(buffer, 5) == std::string("long\0", 5));
}

World real_world(const host::real::TestTree& tree, host::real::Resolver resolver) {
  World world;
  auto clock = std::make_unique<host::memory::MemoryClock>();
  world.poller = std::make_unique<host::memory::MemoryPoller>(*clock);
  world.clock = std::move(clock);
  world.random = std::make_unique<host::memory::SeededRandom>(1);
  world.directories.push_back({tree.open(resolver), "/", false});
  world.directories.push_back({tree.open(resolver, "pre/ro"), "/ro", true});
  return world;
}

TEST_CASE("on the machine's files, by both resolvers: errors and rights are the same") {
  for (host::real::Resolver resolver : {host::real::Resolver::kernel, host::real::Resolver::walk}) {
    host::real::TestTree tree;
    TestGuest guest({}, real_world(tree, resolver));
    CHECK(guest.open("up/secret", reading) == Error::perm);
    CHECK(guest.open("abs/passwd", reading) == Error::perm);
    CHECK(guest.open("loop1", reading) == Error::loop);
    CHECK(guest.open("up", reading, 0, 3, 0, 0) == Error::loop);
    CHECK(guest.open("dang", writing, oflags::creat) == Error::perm);
    REQUIRE(guest.open("file", reading | writing) == Error::success);
    CHECK(guest.read(guest.fd) == "content");
    REQUIRE(guest.write(guest.fd, "+") == Error::success);
    CHECK(tree.read("pre/file") == "content+");
    REQUIRE(guest.open("log", writing, oflags::creat, 3, fdflags::append | fdflags::dsync) ==
            Error::success);
    REQUIRE(guest.write(guest.fd, "one") == Error::success);
    REQUIRE(guest.write(guest.fd, "two") == Error::success);
    CHECK(tree.read("pre/log") == "onetwo");
    CHECK(guest.open("fixed", reading, oflags::trunc, 4) == Error::rofs);
    CHECK(rename_path(guest, 4, "fixed", 3, "mine") == Error::rofs);
    CHECK(link_path(guest, 4, "fixed", 3, "mine") == Error::rofs);
    CHECK(tree.read("pre/ro/fixed") == "fixed");
    REQUIRE(guest.open("a", reading, oflags::directory) == Error::success);
    uint32_t inner = guest.fd;
    CHECK(guest.open("b/deep", reading, 0, inner) == Error::success);
    CHECK(guest.open("../file", reading, 0, inner) == Error::perm);
    CHECK(tree.outside_is_untouched());
  }
}

}  // namespace
}  // namespace tenon::wasi::p1
