#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "host/real/test_tree.h"

// E24, E25: somebody exchanges a directory and a symbolic link that leads out, as fast as they can,
// while a guest uses paths through them.
namespace tenon::host::real {
namespace {

constexpr int rounds = 2'000;

class Swapper {
 public:
  Swapper(std::string a, std::string b)
      : a_(std::move(a)), b_(std::move(b)), thread_([this] {
          while (!stop_) ::renameat2(AT_FDCWD, a_.c_str(), AT_FDCWD, b_.c_str(), RENAME_EXCHANGE);
        }) {}
  ~Swapper() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::string a_;
  std::string b_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// What is read must be the file inside, and what is made must appear inside.
void use_paths(Directory& pre, const std::string& way, int round) {
  if (Io<Opened> opened = pre.open(way + "/secret", {.read = true, .follow = true})) {
    char text[16] = {};
    ReadBuffer buffer(reinterpret_cast<uint8_t*>(text), sizeof text - 1);
    (void)std::get<std::unique_ptr<File>>(*opened)->read_at({&buffer, 1}, 0);
    REQUIRE(std::string_view(text) == "inside");
  }
  if (Io<FileStat> found = pre.stat_at(way + "/secret", true)) {
    // The one outside is empty.
    REQUIRE(found->size == 6);
  }
  std::string name = "made" + std::to_string(round % 8);
  (void)pre.create_directory(way + "/" + name);
  (void)pre.rename(way + "/" + name, pre, way + "/other");
  (void)pre.remove_directory(way + "/other");
  (void)pre.unlink_file(way + "/victim");
  (void)pre.open(way + "/new", {.write = true, .create = true, .truncate = true, .follow = true});
}

void race(Resolver resolver, const std::string& way, const std::string& swapped) {
  TestTree tree;
  tree.write("out/secret", "");
  tree.write("out/victim", "alive");
  tree.make_directory("out/sub");
  tree.write("out/sub/secret", "");
  tree.write("out/sub/victim", "alive");
  tree.make_directory("pre/dir");
  tree.make_directory("pre/dir/sub");
  tree.write("pre/dir/secret", "inside");
  tree.write("pre/dir/sub/secret", "inside");
  tree.link("way", "../out");
  auto pre = tree.open(resolver);
  {
    Swapper swapper(tree.path("pre/" + swapped), tree.path("pre/way"));
    for (int round = 0; round < rounds; ++round) use_paths(*pre, way, round);
  }
  for (const char* where : {"out", "out/sub"}) {
    std::string base = where;
    CHECK(tree.read(base + "/victim") == "alive");
    CHECK_FALSE(tree.exists(base + "/new"));
    CHECK_FALSE(tree.exists(base + "/other"));
    for (int i = 0; i < 8; ++i) CHECK_FALSE(tree.exists(base + "/made" + std::to_string(i)));
  }
}

TEST_CASE("E24: the last directory of a path is exchanged for a link") {
  race(Resolver::kernel, "dir", "dir");
  race(Resolver::walk, "dir", "dir");
}

TEST_CASE("E25: a directory in the middle of a path is exchanged for a link") {
  race(Resolver::kernel, "dir/sub", "dir");
  race(Resolver::walk, "dir/sub", "dir");
}

TEST_CASE("E25: the parent is exchanged under `..`") {
  race(Resolver::kernel, "dir/sub/..", "dir");
  race(Resolver::walk, "dir/sub/..", "dir");
}

TEST_CASE("a path goes through `..` while something else is renamed") {
  TestTree tree;
  tree.make_directory("pre/inner");
  tree.write("pre/file", "inside");
  tree.write("pre/x", "");
  tree.write("pre/y", "");
  std::string path;
  for (int i = 0; i < 30; ++i) path += "inner/../";
  path += "file";
  auto pre = tree.open(Resolver::automatic);
  Swapper swapper(tree.path("pre/x"), tree.path("pre/y"));
  for (int round = 0; round < rounds; ++round)
    REQUIRE(pre->open(path, {.read = true, .follow = true}).has_value());
}

}  // namespace
}  // namespace tenon::host::real
