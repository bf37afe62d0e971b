#include "host/memory/directory.h"

#include <doctest/doctest.h>

#include "host/memory/machine.h"

namespace tenon::host::memory {
namespace {

constexpr Errno no_error{255};

template <typename T>
Errno error_of(const Io<T>& result) {
  return result ? no_error : result.error();
}

void put(Directory& directory, std::string_view path, std::string_view text) {
  Io<Opened> opened = directory.open(path, {.write = true, .create = true, .follow = true});
  REQUIRE(opened.has_value());
  WriteBuffer buffer(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  CHECK(*std::get<std::unique_ptr<File>>(*opened)->write_at({&buffer, 1}, 0) == text.size());
}

std::string get(Directory& directory, std::string_view path) {
  Io<Opened> opened = directory.open(path, {.read = true, .follow = true});
  if (!opened) return "error: " + std::string(os::to_string(opened.error()));
  if (std::holds_alternative<std::unique_ptr<Directory>>(*opened)) return "directory";
  std::string text(64, '\0');
  ReadBuffer buffer(reinterpret_cast<uint8_t*>(text.data()), text.size());
  text.resize(*std::get<std::unique_ptr<File>>(*opened)->read_at({&buffer, 1}, 0));
  return text;
}

std::unique_ptr<Directory> open_directory(Directory& directory, std::string_view path) {
  Io<Opened> opened = directory.open(path, {.read = true, .directory = true, .follow = true});
  REQUIRE(opened.has_value());
  return std::move(std::get<std::unique_ptr<Directory>>(*opened));
}

TEST_CASE("files, directories and links") {
  MemoryClock clock;
  auto root = make_directory(clock);
  REQUIRE(root->create_directory("a").has_value());
  REQUIRE(root->create_directory("a/b").has_value());
  put(*root, "a/b/file", "text");
  REQUIRE(root->symlink("a/b", "l").has_value());
  CHECK(get(*root, "l/file") == "text");
  CHECK(get(*root, "l/../b/./file") == "text");
  CHECK(get(*root, "l") == "directory");
  REQUIRE(root->link("a/b/file", *root, "hard").has_value());
  CHECK(root->stat_at("hard", true)->links == 2);
  REQUIRE(root->rename("a/b/file", *root, "a/moved").has_value());
  CHECK(get(*root, "a/moved") == "text");
  CHECK(error_of(root->remove_directory("a")) == Errno::not_empty);
  CHECK(error_of(root->rename("a", *root, "a/b/x")) == Errno::invalid);
  CHECK(error_of(root->unlink_file("a")) == Errno::is_directory);
  CHECK(*root->read_link("l") == "a/b");
}

TEST_CASE("no path leads out") {
  MemoryClock clock;
  auto root = make_directory(clock);
  REQUIRE(root->create_directory("jail").has_value());
  put(*root, "secret", "secret");
  auto jail = open_directory(*root, "jail");
  REQUIRE(jail->create_directory("d").has_value());
  REQUIRE(jail->symlink("../secret", "up").has_value());
  REQUIRE(jail->symlink("../secret", "d/safe").has_value());
  for (const char* path : {"../secret", "/secret", "up", "d/../../secret", "d/../../jail/d"}) {
    CAPTURE(path);
    CHECK(error_of(jail->open(path, {.read = true, .follow = true})) == Errno::not_permitted);
    CHECK(error_of(jail->stat_at(path, true)) == Errno::not_permitted);
  }
  CHECK(error_of(jail->open("d/safe", {.read = true, .follow = true})) == Errno::no_entry);
  CHECK(error_of(jail->symlink("/etc", "x")) == Errno::not_permitted);
  CHECK(error_of(jail->create_directory("../x")) == Errno::not_permitted);
  REQUIRE(jail->symlink("loop", "loop").has_value());
  CHECK(error_of(jail->stat_at("loop", true)) == Errno::loop);
}

TEST_CASE("a directory cannot be moved into itself through a handle below it") {
  MemoryClock clock;
  auto root = make_directory(clock);
  REQUIRE(root->create_directory("a").has_value());
  REQUIRE(root->create_directory("a/b").has_value());
  auto inner = open_directory(*root, "a/b");
  CHECK(error_of(root->rename("a", *inner, "x")) == Errno::invalid);
}

TEST_CASE("what a guest can make is bounded, however it is nested") {
  MemoryClock clock;
  auto root = make_directory(clock, {.bytes = 100, .objects = 20'000});
  put(*root, "f", "x");
  Io<Opened> file = root->open("f", {.write = true});
  CHECK(error_of(std::get<std::unique_ptr<File>>(*file)->set_size(101)) ==
        Errno::insufficient_space);
  CHECK(error_of(std::get<std::unique_ptr<File>>(*file)->set_size(UINT64_MAX)) ==
        Errno::insufficient_space);
  CHECK(std::get<std::unique_ptr<File>>(*file)->set_size(100).has_value());
  std::unique_ptr<Directory> deep = open_directory(*root, ".");
  int depth = 0;
  while (deep->create_directory("d").has_value()) {
    deep = open_directory(*deep, "d");
    ++depth;
  }
  CHECK(depth == 19'998);
}

TEST_CASE("entries come once, and cookies stay valid") {
  MemoryClock clock;
  auto root = make_directory(clock);
  for (int i = 0; i < 20; ++i) put(*root, "f" + std::to_string(i), "");
  auto entries = *root->entries();
  std::vector<DirectoryEntry> all;
  while (std::optional<DirectoryEntry> entry = *entries->next()) all.push_back(*entry);
  REQUIRE(all.size() == 22);
  CHECK(all[0].name == ".");
  CHECK(all[1].name == "..");
  REQUIRE(root->unlink_file("f3").has_value());
  put(*root, "new", "");
  REQUIRE(entries->seek(all[10].next).has_value());
  CHECK((*entries->next())->name == all[11].name);
  REQUIRE(entries->seek(UINT64_MAX).has_value());
  CHECK_FALSE((*entries->next()).has_value());
}

TEST_CASE("time passes when somebody waits") {
  MemoryClock clock;
  MemoryPoller poller(clock);
  Wait waits[] = {Wait::until(5'000), Wait::until(3'000)};
  std::vector<WaitResult> results = *poller.wait(waits);
  CHECK_FALSE(results[0].ready);
  CHECK(results[1].ready);
  CHECK(clock.monotonic_now() == 3'000);
  CHECK(clock.wall_now() == Timestamp{1'600'000'000, 3'000});
}

}  // namespace
}  // namespace tenon::host::memory
