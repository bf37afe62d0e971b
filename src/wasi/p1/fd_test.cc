#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

#include "wasi/p1/test_guest.h"

namespace tenon::wasi::p1 {
namespace {

constexpr uint64_t reading = rights::fd_read;
constexpr uint64_t writing = rights::fd_write;

TEST_CASE("standard streams") {
  TestGuest guest({}, "hello");
  CHECK(guest.write(1, "out") == Error::success);
  CHECK(guest.write(2, "err") == Error::success);
  CHECK(guest.output == "out");
  CHECK(guest.errors == "err");
  CHECK(guest.read(0, 3) == "hel");
  CHECK(guest.read(0, 30) == "lo");
  CHECK(guest.read(0, 30) == "");
  CHECK(guest.write(0, "x") == Error::badf);
  CHECK(guest.read(1) == "error 8");
  uint32_t place = guest.allocate(8);
  CHECK(guest.call(fd_seek, 1, 0, 0, place) == Error::spipe);
  CHECK(guest.call(fd_tell, 0, place) == Error::spipe);
  CHECK(guest.call(fd_pread, 0, place, 0, 0, place) == Error::spipe);
  CHECK(guest.call(fd_filestat_set_size, 1, 0) == Error::badf);
  CHECK(guest.call(fd_sync, 1) == Error::badf);
}

TEST_CASE("reading, writing and seeking in a file") {
  TestGuest guest;
  REQUIRE(guest.open("f", reading | writing, oflags::creat) == Error::success);
  uint32_t fd = guest.fd;
  CHECK(fd == 5);
  REQUIRE(guest.write(fd, "0123456789") == Error::success);
  uint32_t position = guest.allocate(8);
  CHECK(guest.call(fd_tell, fd, position) == Error::success);
  CHECK(guest.get<uint64_t>(position) == 10);
  CHECK(guest.call(fd_seek, fd, -4, 1, position) == Error::success);
  CHECK(guest.get<uint64_t>(position) == 6);
  CHECK(guest.read(fd) == "6789");
  CHECK(guest.call(fd_seek, fd, -1, 2, position) == Error::success);
  CHECK(guest.read(fd) == "9");
  CHECK(guest.call(fd_seek, fd, -1, 0, position) == Error::inval);
  CHECK(guest.call(fd_seek, fd, INT64_MIN, 2, position) == Error::inval);
  CHECK(guest.call(fd_seek, fd, INT64_MAX, 2, position) == Error::inval);
  CHECK(guest.call(fd_seek, fd, 0, 3, position) == Error::inval);
  // pread and pwrite leave the position alone.
  uint32_t buffer = guest.put("abc");
  uint32_t array = guest.vectors({{buffer, 3}});
  uint32_t count = guest.allocate(4);
  CHECK(guest.call(fd_pwrite, fd, array, 1, 2, count) == Error::success);
  CHECK(guest.call(fd_pread, fd, array, 1, 3, count) == Error::success);
  CHECK(guest.text(buffer, 3) == "bc5");
  CHECK(guest.call(fd_tell, fd, position) == Error::success);
  CHECK(guest.get<uint64_t>(position) == 10);
  CHECK(guest.call(fd_filestat_set_size, fd, 4) == Error::success);
  CHECK(guest.call(fd_allocate, fd, 0, 6) == Error::success);
  uint32_t stat = guest.allocate(filestat_size);
  CHECK(guest.call(fd_filestat_get, fd, stat) == Error::success);
  CHECK(guest.get<uint64_t>(stat + 32) == 6);
  CHECK(guest.get<uint8_t>(stat + 16) == static_cast<uint8_t>(FileType::regular_file));
}

TEST_CASE("appending goes to the end, wherever the position is") {
  TestGuest guest;
  REQUIRE(guest.open("f", reading | writing, oflags::creat, 3, fdflags::append) == Error::success);
  uint32_t fd = guest.fd;
  REQUIRE(guest.write(fd, "one") == Error::success);
  uint32_t position = guest.allocate(8);
  REQUIRE(guest.call(fd_seek, fd, 0, 0, position) == Error::success);
  REQUIRE(guest.write(fd, "two") == Error::success);
  CHECK(guest.call(fd_tell, fd, position) == Error::success);
  CHECK(guest.get<uint64_t>(position) == 6);
  // The flag can be taken away and put back.
  REQUIRE(guest.call(fd_fdstat_set_flags, fd, 0) == Error::success);
  REQUIRE(guest.call(fd_seek, fd, 0, 0, position) == Error::success);
  REQUIRE(guest.write(fd, "ONE") == Error::success);
  CHECK(guest.read(fd) == "two");
  CHECK(guest.call(fd_fdstat_set_flags, fd, fdflags::sync) == Error::notsup);
  CHECK(guest.call(fd_fdstat_set_flags, fd, 1 << 5) == Error::inval);
}

TEST_CASE("scattered buffers, empty ones among them, and more than one transfer takes") {
  TestGuest guest;
  REQUIRE(guest.open("f", reading | writing, oflags::creat) == Error::success);
  uint32_t a = guest.put("ab");
  uint32_t b = guest.put("cde");
  uint32_t array = guest.vectors({{0, 0}, {a, 2}, {TestGuest::memory_size, 0}, {b, 3}});
  uint32_t count = guest.allocate(4);
  CHECK(guest.call(fd_write, guest.fd, array, 4, count) == Error::success);
  CHECK(guest.get<uint32_t>(count) == 5);
  // 1,000 buffers of one byte: a short write, never a failure.
  uint32_t many = guest.allocate(8'000);
  for (uint32_t i = 0; i < 1'000; ++i) {
    guest.set(many + i * 8, a);
    guest.set(many + i * 8 + 4, 1u);
  }
  CHECK(guest.call(fd_write, guest.fd, many, 1'000, count) == Error::success);
  CHECK(guest.get<uint32_t>(count) == os::max_buffers);
  // Counts that wrap around 32 bits when multiplied.
  for (uint32_t huge : {0x20000000u, 0x20000001u, 0x80000000u, UINT32_MAX}) {
    CHECK(guest.call(fd_write, guest.fd, array, huge, count) == Error::fault);
    CHECK(guest.trap.has_value());
    CHECK(guest.call(fd_read, guest.fd, array, huge, count) == Error::fault);
    CHECK(guest.trap.has_value());
  }
}

TEST_CASE("files are used only for what they were opened for") {
  TestGuest guest;
  REQUIRE(guest.open("f", writing, oflags::creat) == Error::success);
  CHECK(guest.write(guest.fd, "x") == Error::success);
  CHECK(guest.read(guest.fd) == "error 8");
  REQUIRE(guest.open("f", reading) == Error::success);
  CHECK(guest.write(guest.fd, "y") == Error::badf);
  CHECK(guest.call(fd_filestat_set_size, guest.fd, 0) == Error::inval);
  CHECK(guest.call(fd_allocate, guest.fd, 0, 1) == Error::badf);
  CHECK(guest.read(guest.fd) == "x");
  uint32_t stat = guest.allocate(fdstat_size);
  REQUIRE(guest.call(fd_fdstat_get, guest.fd, stat) == Error::success);
  CHECK((guest.get<uint64_t>(stat + 8) & writing) == 0);
  CHECK((guest.get<uint64_t>(stat + 8) & reading) != 0);
}

TEST_CASE("directories are not files, and files no directories") {
  TestGuest guest;
  uint32_t position = guest.allocate(8);
  CHECK(guest.read(3) == "error 8");
  CHECK(guest.write(3, "x") == Error::badf);
  CHECK(guest.call(fd_seek, 3, 0, 0, position) == Error::badf);
  CHECK(guest.call(fd_tell, 3, position) == Error::badf);
  CHECK(guest.call(fd_filestat_set_size, 3, 0) == Error::badf);
  CHECK(guest.call(fd_allocate, 3, 0, 1) == Error::badf);
  CHECK(guest.call(fd_advise, 3, 0, 0, 0) == Error::badf);
  REQUIRE(guest.open("f", reading | writing, oflags::creat) == Error::success);
  uint32_t file = guest.fd;
  CHECK(guest.call(fd_advise, file, 0, 0, 5) == Error::success);
  CHECK(guest.call(fd_advise, file, 0, 0, 6) == Error::inval);
  CHECK(guest.open("x", reading, 0, file) == Error::notdir);
  CHECK(guest.call(fd_readdir, file, 0, 0, 0, position) == Error::notdir);
}

TEST_CASE("names of granted directories") {
  TestGuest guest;
  uint32_t prestat = guest.allocate(prestat_size);
  REQUIRE(guest.call(fd_prestat_get, 4, prestat) == Error::success);
  CHECK(guest.get<uint32_t>(prestat) == 0);
  CHECK(guest.get<uint32_t>(prestat + 4) == 6);
  uint32_t name = guest.allocate(6);
  CHECK(guest.call(fd_prestat_dir_name, 4, name, 5) == Error::nametoolong);
  REQUIRE(guest.call(fd_prestat_dir_name, 4, name, 6) == Error::success);
  CHECK(guest.text(name, 6) == "/fixed");
  CHECK(guest.call(fd_prestat_get, 5, prestat) == Error::badf);
  CHECK(guest.call(fd_prestat_get, 0, prestat) == Error::badf);
  CHECK(guest.call(fd_prestat_dir_name, 0, name, 6) == Error::notdir);
}

TEST_CASE("renumbering moves what a number stands for") {
  TestGuest guest;
  REQUIRE(guest.open("a", reading | writing, oflags::creat) == Error::success);
  uint32_t a = guest.fd;
  REQUIRE(guest.write(a, "a") == Error::success);
  REQUIRE(guest.open("b", reading | writing, oflags::creat) == Error::success);
  uint32_t b = guest.fd;
  CHECK(guest.call(fd_renumber, a, a) == Error::success);
  CHECK(guest.call(fd_renumber, a, UINT32_MAX) == Error::badf);
  CHECK(guest.call(fd_renumber, UINT32_MAX, a) == Error::badf);
  CHECK(guest.call(fd_renumber, a, b) == Error::success);
  CHECK(guest.call(fd_close, a) == Error::badf);
  uint32_t position = guest.allocate(8);
  CHECK(guest.call(fd_tell, b, position) == Error::success);
  CHECK(guest.get<uint64_t>(position) == 1);
  // Onto a granted directory: it is closed, and its name is gone.
  CHECK(guest.call(fd_renumber, b, 3) == Error::success);
  uint32_t prestat = guest.allocate(prestat_size);
  CHECK(guest.call(fd_prestat_get, 3, prestat) == Error::badf);
  CHECK(guest.open("a", reading, 0, 3) == Error::notdir);
  // The lowest free number is the next.
  CHECK(guest.open("a", reading, 0, 4) == Error::success);
  CHECK(guest.fd == a);
}

TEST_CASE("the table agrees with a model of it") {
  TestGuest guest({.max_resources = 40});
  std::mt19937 random(7);
  std::map<uint32_t, std::string> model;
  for (uint32_t i = 0; i < 20; ++i) {
    REQUIRE(guest.open("f" + std::to_string(i), writing, oflags::creat) == Error::success);
    REQUIRE(guest.write(guest.fd, "f" + std::to_string(i)) == Error::success);
    REQUIRE(guest.call(fd_close, guest.fd) == Error::success);
  }
  auto lowest_free = [&] {
    uint32_t fd = 5;
    while (model.contains(fd)) ++fd;
    return fd;
  };
  for (int round = 0; round < 20'000; ++round) {
    guest.next = 16;
    uint32_t fd = 5 + random() % 45;
    uint32_t to = 5 + random() % 45;
    switch (random() % 4) {
      case 0: {
        std::string name = "f" + std::to_string(random() % 20);
        Error error = guest.open(name, reading);
        REQUIRE(error == (model.size() < 40 ? Error::success : Error::nfile));
        if (error != Error::success) break;
        REQUIRE(guest.fd == lowest_free());
        model[guest.fd] = name;
        break;
      }
      case 1:
        REQUIRE(guest.call(fd_close, fd) == (model.erase(fd) ? Error::success : Error::badf));
        break;
      case 2: {
        bool works = model.contains(fd) && model.contains(to);
        REQUIRE(guest.call(fd_renumber, fd, to) == (works ? Error::success : Error::badf));
        if (!works || fd == to) break;
        model[to] = model[fd];
        model.erase(fd);
        break;
      }
      case 3: {
        uint32_t buffer = guest.allocate(8);
        uint32_t array = guest.vectors({{buffer, 8}});
        uint32_t count = guest.allocate(4);
        Error error = guest.call(fd_pread, fd, array, 1, 0, count);
        REQUIRE(error == (model.contains(fd) ? Error::success : Error::badf));
        if (error == Error::success)
          REQUIRE(guest.text(buffer, guest.get<uint32_t>(count)) == model[fd]);
        break;
      }
    }
    REQUIRE(guest.process->fds.open_count() == model.size() + 5);
  }
}

// Names as a guest's libc reads them, with a buffer of `size` bytes.
std::vector<std::string> list(TestGuest& guest, uint32_t fd, uint32_t size) {
  std::vector<std::string> names;
  uint64_t cookie = 0;
  uint32_t buffer = guest.allocate(size);
  uint32_t used_at = guest.allocate(4);
  for (;;) {
    REQUIRE(guest.call(fd_readdir, fd, buffer, size, cookie, used_at) == Error::success);
    uint32_t used = guest.get<uint32_t>(used_at);
    uint32_t at = 0;
    while (used - at >= dirent_size) {
      uint32_t name_size = guest.get<uint32_t>(buffer + at + 16);
      if (used - at - dirent_size < name_size) break;
      names.push_back(guest.text(buffer + at + dirent_size, name_size));
      cookie = guest.get<uint64_t>(buffer + at);
      at += dirent_size + name_size;
    }
    if (used < size) return names;
    REQUIRE(at > 0);
  }
}

TEST_CASE("a directory is listed whole, however small the buffer") {
  TestGuest guest;
  std::set<std::string> expected = {".", ".."};
  for (int i = 0; i < 100; ++i) {
    std::string name = "file" + std::to_string(i);
    REQUIRE(guest.open(name, writing, oflags::creat) == Error::success);
    REQUIRE(guest.call(fd_close, guest.fd) == Error::success);
    expected.insert(name);
  }
  for (uint32_t size : {30u, 31u, 32u, 33u, 47u, 64u, 100u, 4'096u}) {
    CAPTURE(size);
    std::vector<std::string> names = list(guest, 3, size);
    CHECK(names.size() == expected.size());
    CHECK(std::set(names.begin(), names.end()) == expected);
  }
  uint32_t used = guest.allocate(4);
  CHECK(guest.call(fd_readdir, 3, 0, 0, 0, used) == Error::success);
  CHECK(guest.get<uint32_t>(used) == 0);
  CHECK(guest.call(fd_readdir, 3, 0, 64, UINT64_MAX, used) == Error::success);
  CHECK(guest.get<uint32_t>(used) == 0);
}

TEST_CASE("listing goes on where it was when entries come and go") {
  TestGuest guest;
  for (int i = 0; i < 10; ++i) {
    REQUIRE(guest.open("f" + std::to_string(i), writing, oflags::creat) == Error::success);
    REQUIRE(guest.call(fd_close, guest.fd) == Error::success);
  }
  uint32_t buffer = guest.allocate(4'096);
  uint32_t used = guest.allocate(4);
  REQUIRE(guest.call(fd_readdir, 3, buffer, 4'096, 0, used) == Error::success);
  // `.`, `..`, f0, f1: the cookie behind f1.
  uint64_t cookie = guest.get<uint64_t>(buffer + 25 + 26 + 26);
  REQUIRE(guest.at(path_unlink_file, "f0") == Error::success);
  REQUIRE(guest.at(path_unlink_file, "f1") == Error::success);
  REQUIRE(guest.call(fd_readdir, 3, buffer, 4'096, cookie, used) == Error::success);
  CHECK(guest.text(buffer + dirent_size, 2) == "f2");
}

TEST_CASE("times can be set to a value or to now") {
  TestGuest guest;
  REQUIRE(guest.open("f", writing, oflags::creat) == Error::success);
  uint32_t stat = guest.allocate(filestat_size);
  REQUIRE(guest.call(fd_filestat_set_times, guest.fd, 5'000'000'001, 7,
                     fstflags::atim | fstflags::mtim) == Error::success);
  REQUIRE(guest.call(fd_filestat_get, guest.fd, stat) == Error::success);
  CHECK(guest.get<uint64_t>(stat + 40) == 5'000'000'001);
  CHECK(guest.get<uint64_t>(stat + 48) == 7);
  REQUIRE(guest.call(fd_filestat_set_times, guest.fd, 0, 0, fstflags::mtim_now) == Error::success);
  REQUIRE(guest.call(fd_filestat_get, guest.fd, stat) == Error::success);
  CHECK(guest.get<uint64_t>(stat + 40) == 5'000'000'001);
  CHECK(guest.get<uint64_t>(stat + 48) == 1'600'000'000'000'000'000);
  CHECK(guest.call(fd_filestat_set_times, guest.fd, 0, 0, fstflags::atim | fstflags::atim_now) ==
        Error::inval);
  CHECK(guest.call(fd_filestat_set_times, guest.fd, 0, 0, 16) == Error::inval);
}

}  // namespace
}  // namespace tenon::wasi::p1
