#include "os/file.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <string>

#include "os/file_entries.h"
#include "os/file_path.h"

namespace tenon::os {
namespace {

// A directory that goes away with what is in it.
struct Scratch {
  explicit Scratch(const std::string& parent = "/tmp") {
    path = parent + "/tenon-test-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) std::abort();
    Io<FileDescriptor> opened = open_host_directory(path);
    if (!opened) std::abort();
    directory = std::move(*opened);
  }
  ~Scratch() {
    DirectoryEntries entries(std::move(directory));
    while (auto entry = entries.next().value_or(std::nullopt)) {
      ::unlink((path + "/" + entry->name).c_str());
    }
    ::rmdir(path.c_str());
  }
  FileDescriptor make(const std::string& name) {
    Io<FileDescriptor> file =
        open_child(directory.get(), name, {.read = true, .write = true, .create = true});
    if (!file) std::abort();
    return std::move(*file);
  }

  std::string path;
  FileDescriptor directory;
};

WriteBuffer bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

TEST_CASE("error numbers have names, and those without one are input/output errors") {
  CHECK(errno_from_posix(ENOENT) == Errno::no_entry);
  CHECK(errno_from_posix(ENFILE) == Errno::too_many_files);
  CHECK(errno_from_posix(ENOSYS) == Errno::unsupported);
  CHECK(errno_from_posix(9'999) == Errno::io);
  CHECK(to_string(Errno::no_entry) == "no such file or directory");
}

TEST_CASE("transfers scatter and gather, and skip empty buffers") {
  Scratch scratch;
  FileDescriptor file = scratch.make("f");
  std::array<WriteBuffer, 3> out = {bytes("ab"), bytes(""), bytes("cde")};
  CHECK(*write_at(file.get(), out, 0) == 5);
  WriteBuffer more = bytes("f");
  CHECK(*append(file.get(), {&more, 1}) == 1);
  uint8_t first[4] = {};
  uint8_t second[4] = {};
  std::array<ReadBuffer, 2> in = {ReadBuffer(first), ReadBuffer(second)};
  CHECK(*read_at(file.get(), in, 0) == 6);
  CHECK(std::string(reinterpret_cast<char*>(first), 4) == "abcd");
  CHECK(std::string(reinterpret_cast<char*>(second), 2) == "ef");
  CHECK(*read_at(file.get(), in, 6) == 0);
}

TEST_CASE("offsets and sizes that the system cannot hold") {
  Scratch scratch;
  FileDescriptor file = scratch.make("f");
  uint8_t byte = 0;
  ReadBuffer in(&byte, 1);
  WriteBuffer out(&byte, 1);
  CHECK(read_at(file.get(), {&in, 1}, UINT64_MAX).error() == Errno::invalid);
  CHECK(write_at(file.get(), {&out, 1}, UINT64_MAX).error() == Errno::file_too_large);
  CHECK(set_size(file.get(), uint64_t{1} << 63).error() == Errno::file_too_large);
  CHECK(allocate(file.get(), 0, 0).error() == Errno::invalid);
  CHECK(allocate(file.get(), UINT64_MAX, 1).error() == Errno::file_too_large);
  CHECK(advise(file.get(), UINT64_MAX, 1, Advice::normal).error() == Errno::invalid);
}

TEST_CASE("a buffer that is no memory is an error, not a fault") {
  Scratch scratch;
  FileDescriptor file = scratch.make("f");
  WriteBuffer out = bytes("x");
  REQUIRE(write_at(file.get(), {&out, 1}, 0).has_value());
  ReadBuffer nowhere(reinterpret_cast<uint8_t*>(16), 1);
  CHECK(read_at(file.get(), {&nowhere, 1}, 0).error() == Errno::io);
}

TEST_CASE("a handle that stands for a path can be asked and given times") {
  Scratch scratch;
  scratch.make("f");
  REQUIRE(symlink("f", scratch.directory.get(), "l").has_value());
  FileDescriptor link = std::move(*open_child(scratch.directory.get(), "l", {.path_only = true}));
  CHECK(stat(link.get())->type == FileType::symbolic_link);
  NewTimestamp time{NewTimestamp::Kind::value, {1'000, 5}};
  REQUIRE(set_times(link.get(), time, {}).has_value());
  CHECK(stat(link.get())->accessed == Timestamp{1'000, 5});
  CHECK(stat_child(scratch.directory.get(), "f")->accessed.seconds > 1'000);
}

TEST_CASE("names do not lead through links") {
  Scratch scratch;
  scratch.make("f");
  int directory = scratch.directory.get();
  REQUIRE(symlink("f", directory, "l").has_value());
  CHECK(open_child(directory, "l", {.read = true}).error() == Errno::loop);
  CHECK(open_child(directory, "l", {.read = true, .follow = true}).error() == Errno::loop);
  CHECK(*read_link(directory, "l") == "f");
  CHECK(read_link(directory, "f").error() == Errno::invalid);
  if (has_open_beneath()) {
    CHECK(open_beneath(directory, "l", {.read = true, .follow = true}).has_value());
    CHECK(open_beneath(directory, "../x", {.read = true}).error() == Errno::cross_device);
    CHECK(open_beneath(directory, "/tmp", {.read = true}).error() == Errno::cross_device);
  }
}

}  // namespace
}  // namespace tenon::os
