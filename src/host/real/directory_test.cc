#include "host/real/directory.h"

#include <dirent.h>
#include "host/real/test_tree.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <set>

// What a guest can reach, and what it cannot, by both ways of finding a path.
namespace tenon::host::real {
namespace {

constexpr Resolver resolvers[] = {Resolver::kernel, Resolver::walk};
constexpr OpenHow for_reading = {.read = true, .follow = true};
constexpr OpenHow for_writing = {.write = true, .create = true, .follow = true};

// Stands for success where a failure is expected.
constexpr Errno no_error{255};

template <typename T>
Errno error_of(const Io<T>& result) {
  return result ? no_error : result.error();
}

Errno open_error(Directory& directory, std::string_view path, OpenHow how = for_reading) {
  return error_of(directory.open(path, how));
}

std::string content(Directory& directory, std::string_view path, OpenHow how = for_reading) {
  Io<Opened> opened = directory.open(path, how);
  if (!opened) return "error: " + std::string(os::to_string(opened.error()));
  auto* file = std::get_if<std::unique_ptr<File>>(&*opened);
  if (file == nullptr) return "directory";
  std::string text(64, '\0');
  ReadBuffer buffer(reinterpret_cast<uint8_t*>(text.data()), text.size());
  Io<size_t> size = (*file)->read_at({&buffer, 1}, 0);
  REQUIRE(size.has_value());
  text.resize(*size);
  return text;
}

size_t open_files() {
  size_t count = 0;
  DIR* directory = ::opendir("/proc/self/fd");
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count;
}

TEST_CASE("paths inside are found, by whatever detour") {
  TestTree tree;
  for (Resolver resolver : resolvers) {
    auto pre = tree.open(resolver);
    CHECK(content(*pre, "file") == "content");
    CHECK(content(*pre, "a/../file") == "content");
    CHECK(content(*pre, "./a//b/./../../file") == "content");
    CHECK(content(*pre, "in/b/deep") == "deep");
    CHECK(content(*pre, "inf") == "deep");
    CHECK(content(*pre, "back") == "content");
    CHECK(content(*pre, "inslash/b/deep") == "deep");
    CHECK(content(*pre, "inslash") == "directory");
    CHECK(content(*pre, ".") == "directory");
    CHECK(content(*pre, "a/..") == "directory");
    CHECK(content(*pre, "a/") == "directory");
    CHECK(content(*pre, "in/") == "directory");
    CHECK(content(*pre, "a/b/") == "directory");
    CHECK(open_error(*pre, "file/") == Errno::not_directory);
    CHECK(open_error(*pre, "file/.") == Errno::not_directory);
    CHECK(open_error(*pre, "file/x") == Errno::not_directory);
    CHECK(open_error(*pre, "none/x") == Errno::no_entry);
  }
}

TEST_CASE("E1-E5, E9: no path text leads out") {
  TestTree tree;
  for (Resolver resolver : resolvers) {
    auto pre = tree.open(resolver);
    for (const char* path :
         {"..", "../", "../out/secret", "a/../../out/secret", "a/./b/../../../out/secret",
          "/etc/passwd", "//etc/passwd", "/", "a//..//..//out/secret", "abs/passwd", "up/secret",
          "upf", "up/../pre/file", "../pre/file", "a/b/../../..", "in/../../pre"}) {
      CAPTURE(path);
      CHECK(open_error(*pre, path) == Errno::not_permitted);
      CHECK(error_of(pre->stat_at(path, true)) == Errno::not_permitted);
      CHECK(error_of(pre->set_times_at(path, true, {}, {})) == Errno::not_permitted);
    }
    CHECK(tree.outside_is_untouched());
  }
}

TEST_CASE("E6-E7: a link is not followed unasked, and never out") {
  TestTree tree;
  constexpr OpenHow no_follow = {.read = true};
  constexpr OpenHow no_follow_directory = {.read = true, .directory = true};
  for (Resolver resolver : resolvers) {
    auto pre = tree.open(resolver);
    for (const char* path : {"up", "upf", "in", "dang"}) {
      CAPTURE(path);
      CHECK(open_error(*pre, path, no_follow) == Errno::loop);
      CHECK(open_error(*pre, path, no_follow_directory) == Errno::loop);
      CHECK(pre->stat_at(path, false)->type == FileType::symbolic_link);
    }
    CHECK(open_error(*pre, "file", no_follow_directory) == Errno::not_directory);
    // A slash behind it asks for what the link leads to.
    for (const char* path : {"up/", "up//", "up/.", "upf/", "up/secret"}) {
      CAPTURE(path);
      CHECK(open_error(*pre, path, no_follow) == Errno::not_permitted);
      CHECK(open_error(*pre, path, no_follow_directory) == Errno::not_permitted);
      CHECK(open_error(*pre, path, for_reading) == Errno::not_permitted);
    }
    CHECK(content(*pre, "in/", no_follow) == "directory");
    CHECK(open_error(*pre, "inf/", no_follow) == Errno::not_directory);
    CHECK(pre->stat_at("up/", false)->type == FileType::symbolic_link);
    CHECK(error_of(pre->stat_at("up/", true)) == Errno::not_permitted);
    CHECK(pre->stat_at("in", true)->type == FileType::directory);
  }
}

TEST_CASE("E8, E14, E15: nothing is made outside") {
  TestTree tree;
  for (Resolver resolver : resolvers) {
    auto pre = tree.open(resolver);
    OpenHow exclusive = for_writing;
    exclusive.exclusive = true;
    CHECK(open_error(*pre, "upf", for_writing) == Errno::not_permitted);
    CHECK(open_error(*pre, "dang", for_writing) == Errno::not_permitted);
    CHECK(open_error(*pre, "dang", exclusive) == Errno::exist);
    CHECK(open_error(*pre, "up/new", for_writing) == Errno::not_permitted);
    OpenHow truncate = {.write = true, .truncate = true, .follow = true};
    CHECK(open_error(*pre, "upf", truncate) == Errno::not_permitted);
    CHECK(error_of(pre->create_directory("up/x")) == Errno::not_permitted);
    CHECK(error_of(pre->create_directory("../x")) == Errno::not_permitted);
    CHECK(error_of(pre->create_directory("dang")) == Errno::exist);
    CHECK(error_of(pre->symlink("file", "up/x")) == Errno::not_permitted);
    CHECK(open_error(*pre, "new/", for_writing) == Errno::is_directory);
    CHECK(tree.outside_is_untouched());
    CHECK_FALSE(tree.exists("out/new"));
  }
}

TEST_CASE("E10: loops and long chains of links end") {
  TestTree tree;
  for (Resolver resolver : resolvers) {
    auto pre = tree.open(resolver);
    CHECK(open_error(*pre, "loop1") == Errno::loop);
    CHECK(open_error(*pre, "loop1/x") == Errno::loop);
    CHECK(open_error(*pre, "deep50") == Errno::loop);
    CHECK(content(*pre, "deep39") == "content");
    CHECK(open_error(*pre, "deep40") == Errno::loop);
  }
}

TEST_CASE("E11-E13: links made by the guest are resolved when they are used") {
  for (Resolver resolver : resolvers) {
    TestTree tree;
    auto pre = tree.open(resolver);
    CHECK(error_of(pre->symlink("/etc/passwd", "mine")) == Errno::not_permitted);
    CHECK(pre->symlink("../../out", "a/l").has_value());
    CHECK(open_error(*pre, "a/l/secret") == Errno::not_permitted);
    // `../../file` is inside where it is made, and outside where it is moved to.
    CHECK(pre->symlink("../../file", "a/b/safe").has_value());
    CHECK(content(*pre, "a/b/safe") == "content");
    CHECK(pre->rename("a/b/safe", *pre, "moved").has_value());
    CHECK(open_error(*pre, "moved") == Errno::not_permitted);
    CHECK(pre->symlink("../out/secret", "a/b/sneaky").has_value());
    CHECK(open_error(*pre, "a/b/sneaky") == Errno::no_entry);
    CHECK(pre->rename("a/b/sneaky", *pre, "sneaky").has_value());
    CHECK(open_error(*pre, "sneaky") == Errno::not_permitted);
    CHECK(tree.outside_is_untouched());
  }
}

TEST_CASE("E16-E18, E27: removing, renaming and linking stay inside") {
  for (Resolver resolver : resolvers) {
    TestTree tree;
    auto pre = tree.open(resolver);
    CHECK(error_of(pre->unlink_file("up/secret")) == Errno::not_permitted);
    CHECK(error_of(pre->unlink_file("up/")) == Errno::not_permitted);
    CHECK(error_of(pre->remove_directory("up/")) == Errno::not_permitted);
    CHECK(error_of(pre->unlink_file("in/")) == Errno::not_directory);
    CHECK(error_of(pre->remove_directory("in/")) == Errno::not_directory);
    CHECK(error_of(pre->remove_directory("up")) == Errno::not_directory);
    CHECK(error_of(pre->rename("up/secret", *pre, "got")) == Errno::not_permitted);
    CHECK(error_of(pre->rename("file", *pre, "up/got")) == Errno::not_permitted);
    CHECK(error_of(pre->rename("../out/secret", *pre, "got")) == Errno::not_permitted);
    CHECK(error_of(pre->rename("file", *pre, "../got")) == Errno::not_permitted);
    CHECK(error_of(pre->link("up/secret", *pre, "got")) == Errno::not_permitted);
    CHECK(error_of(pre->link("file", *pre, "up/got")) == Errno::not_permitted);
    for (const char* path : {".", "a/.", "a/..", "./"}) {
      CAPTURE(path);
      CHECK(error_of(pre->unlink_file(path)) == Errno::is_directory);
      CHECK(error_of(pre->remove_directory(path)) == Errno::invalid);
      CHECK(error_of(pre->create_directory(path)) == Errno::exist);
      CHECK(error_of(pre->rename(path, *pre, "x")) == Errno::busy);
      CHECK(error_of(pre->rename("a", *pre, path)) == Errno::busy);
    }
    for (const char* path : {"..", "a/../..", "../"}) {
      CAPTURE(path);
      CHECK(error_of(pre->unlink_file(path)) == Errno::not_permitted);
      CHECK(error_of(pre->remove_directory(path)) == Errno::not_permitted);
      CHECK(error_of(pre->create_directory(path)) == Errno::not_permitted);
      CHECK(error_of(pre->rename(path, *pre, "x")) == Errno::not_permitted);
      CHECK(error_of(pre->rename("a", *pre, path)) == Errno::not_permitted);
    }
    CHECK(tree.outside_is_untouched());
    // Of a link itself, not of what it leads to.
    CHECK(pre->unlink_file("upf").has_value());
    CHECK(pre->link("up", *pre, "up2").has_value());
    CHECK(pre->stat_at("up2", false)->type == FileType::symbolic_link);
    CHECK(tree.outside_is_untouched());
  }
}

TEST_CASE("trailing slashes mean a directory") {
  for (Resolver resolver : resolvers) {
    TestTree tree;
    auto pre = tree.open(resolver);
    CHECK(pre->create_directory("new/").has_value());
    CHECK(pre->rename("new/", *pre, "newer/").has_value());
    CHECK(pre->remove_directory("newer///").has_value());
    CHECK(error_of(pre->unlink_file("file/")) == Errno::not_directory);
    CHECK(error_of(pre->unlink_file("a/")) == Errno::is_directory);
    CHECK(error_of(pre->unlink_file("a")) == Errno::is_directory);
    CHECK(error_of(pre->rename("file/", *pre, "x")) == Errno::not_directory);
    CHECK(error_of(pre->rename("file", *pre, "x/")) == Errno::not_directory);
    CHECK(error_of(pre->remove_directory("file")) == Errno::not_directory);
    CHECK(error_of(pre->symlink("file", "x/")) == Errno::no_entry);
    CHECK(error_of(pre->symlink("file", "a/")) == Errno::exist);
    CHECK(error_of(pre->link("file", *pre, "x/")) == Errno::no_entry);
    CHECK(error_of(pre->stat_at("file/", true)) == Errno::not_directory);
  }
}

TEST_CASE("E23: a directory that is moved away keeps its guest inside") {
  for (Resolver resolver : resolvers) {
    TestTree tree;
    auto pre = tree.open(resolver);
    Io<Opened> opened = pre->open("a/b", {.read = true, .directory = true, .follow = true});
    REQUIRE(opened.has_value());
    Directory& held = *std::get<std::unique_ptr<Directory>>(*opened);
    REQUIRE(::rename(tree.path("pre/a/b").c_str(), tree.path("out/b").c_str()) == 0);
    CHECK(open_error(held, "../secret") == Errno::not_permitted);
    CHECK(error_of(held.create_directory("../x")) == Errno::not_permitted);
    CHECK(content(held, "deep") == "deep");
    REQUIRE(::rename(tree.path("out/b").c_str(), tree.path("pre/a/b").c_str()) == 0);
    CHECK(tree.outside_is_untouched());
  }
}

TEST_CASE("E26: texts that are no paths") {
  TestTree tree;
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "a/";
  std::string deep;
  for (int i = 0; i < 1'000; ++i) deep += "a/";
  for (Resolver resolver : resolvers) {
    auto pre = tree.open(resolver);
    CHECK(open_error(*pre, "") == Errno::no_entry);
    CHECK(open_error(*pre, std::string_view("a\0b", 3)) == Errno::invalid);
    CHECK(open_error(*pre, std::string(4'096, 'x')) == Errno::name_too_long);
    CHECK(open_error(*pre, std::string(65'536, 'x')) == Errno::name_too_long);
    CHECK(open_error(*pre, std::string(300, 'x')) == Errno::name_too_long);
    CHECK(open_error(*pre, many) == Errno::name_too_long);
    CHECK(open_error(*pre, deep + "x") == Errno::no_entry);
    CHECK(error_of(pre->create_directory("")) == Errno::no_entry);
    CHECK(error_of(pre->symlink("", "x")) == Errno::no_entry);
    CHECK(error_of(pre->symlink(std::string_view("a\0b", 3), "x")) == Errno::invalid);
  }
}

TEST_CASE("a walk of many directories holds few open, and gives up cleanly") {
  TestTree tree;
  std::string deep = "pre";
  std::string path;
  for (int i = 0; i < 300; ++i) {
    deep += "/d";
    path += "d/";
    tree.make_directory(deep);
  }
  auto walking = tree.open(Resolver::walk);
  auto kernel = tree.open(Resolver::kernel);
  size_t before = open_files();
  CHECK(open_error(*walking, path) == Errno::name_too_long);
  CHECK(content(*walking, path.substr(0, 400)) == "directory");
  CHECK(content(*kernel, path) == "directory");
  CHECK(open_files() == before);
}

TEST_CASE("E28: the links of /proc that are none lead nowhere") {
  for (Resolver resolver : resolvers) {
    Io<std::unique_ptr<Directory>> proc = open_directory("/proc", resolver);
    REQUIRE(proc.has_value());
    for (const char* path :
         {"self/root", "self/cwd", "self/root/etc/passwd", "self/exe", "self/fd/0"}) {
      CAPTURE(path);
      CHECK_FALSE((*proc)->open(path, for_reading).has_value());
    }
    CHECK((*proc)->open("self/status", for_reading).has_value());
  }
}

TEST_CASE("E29: a mount inside can be entered and left, and not left upwards") {
  struct stat outer;
  struct stat inner;
  REQUIRE(::stat("/proc/..", &outer) == 0);
  REQUIRE(::stat("/proc", &inner) == 0);
  if (outer.st_dev == inner.st_dev) return;  // it is no mount here
  for (Resolver resolver : resolvers) {
    auto root = *open_directory("/", resolver);
    CHECK(content(*root, "proc/../proc") == "directory");
    CHECK(open_error(*root, "proc/../..") == Errno::not_permitted);
    auto proc = *open_directory("/proc", resolver);
    CHECK(open_error(*proc, "..") == Errno::not_permitted);
    CHECK(open_error(*proc, "self/../..") != no_error);
  }
}

TEST_CASE("E30: opening a fifo, a socket or a device does not block") {
  TestTree tree;
  REQUIRE(::mkfifo(tree.path("pre/fifo").c_str(), 0600) == 0);
  for (Resolver resolver : resolvers) {
    auto pre = tree.open(resolver);
    Io<Opened> reader = pre->open("fifo", for_reading);
    REQUIRE(reader.has_value());
    File& file = *std::get<std::unique_ptr<File>>(*reader);
    CHECK_FALSE(file.is_seekable());
    CHECK(file.readable().kind == Wait::Kind::readable);
    Io<Opened> writer = pre->open("fifo", {.write = true, .follow = true});
    REQUIRE(writer.has_value());
    uint8_t byte = 7;
    ReadBuffer to(&byte, 1);
    CHECK(error_of(file.read_at({&to, 1}, 0)) == Errno::would_block);
    WriteBuffer from(&byte, 1);
    CHECK(*std::get<std::unique_ptr<File>>(*writer)->write_at({&from, 1}, 0) == 1);
    CHECK(*file.read_at({&to, 1}, 5) == 1);
  }
  auto pre = tree.open(Resolver::kernel);
  CHECK(open_error(*pre, "fifo", {.write = true}) == Errno::no_such_device);
}

TEST_CASE("E32: entries have stable cookies and tell nothing of the parent") {
  TestTree tree;
  for (int i = 0; i < 500; ++i) tree.write("pre/ro/f" + std::to_string(i), "");
  auto pre = tree.open(Resolver::kernel, "pre/ro");
  uint64_t inode = pre->stat()->inode;
  auto entries = *pre->entries();
  std::set<std::string> names;
  std::vector<DirectoryEntry> all;
  for (;;) {
    std::optional<DirectoryEntry> entry = *entries->next();
    if (!entry) break;
    if (entry->name == "." || entry->name == "..") CHECK(entry->inode == inode);
    CHECK(names.insert(entry->name).second);
    all.push_back(*entry);
  }
  CHECK(names.size() == 503);
  // What is behind a cookie stays behind it, also when entries before it went away and others came.
  const DirectoryEntry& middle = all[250];
  REQUIRE(pre->unlink_file(all[100].name).has_value());
  REQUIRE(pre->rename(all[120].name, *pre, "renamed").has_value());
  REQUIRE(entries->seek(middle.next).has_value());
  std::set<std::string> rest;
  while (std::optional<DirectoryEntry> entry = *entries->next()) rest.insert(entry->name);
  for (size_t i = 251; i < all.size(); ++i) CHECK(rest.contains(all[i].name));
  CHECK_FALSE(rest.contains(middle.name));
  // Cookies that were never given out.
  CHECK(error_of(entries->seek(UINT64_MAX)) == Errno::invalid);
  if (entries->seek(12'345'678).has_value()) CHECK(entries->next().has_value());
}

TEST_CASE("E34: names that mean something elsewhere are just names") {
  TestTree tree;
  for (Resolver resolver : resolvers) {
    auto pre = tree.open(resolver);
    for (const char* name : {"COM\u00b9", "CON.txt", "nul.tar.gz", "C:\\x", "\\\\?\\x", "f:stream",
                             "dot.", "space "}) {
      CAPTURE(name);
      CHECK(pre->open(name, for_writing).has_value());
      CHECK(pre->unlink_file(name).has_value());
    }
  }
}

TEST_CASE("E35: reading a link tells no host path") {
  TestTree tree;
  for (Resolver resolver : resolvers) {
    auto pre = tree.open(resolver);
    CHECK(error_of(pre->read_link("abs")) == Errno::not_permitted);
    CHECK(error_of(pre->read_link("up/secret")) == Errno::not_permitted);
    CHECK(*pre->read_link("in") == "a");
    CHECK(error_of(pre->read_link("file")) == Errno::invalid);
    CHECK(error_of(pre->read_link("in/")) == Errno::not_directory);
  }
}

TEST_CASE("a directory that does not exist, and one that is a file") {
  TestTree tree;
  CHECK(error_of(open_directory(tree.path("none"))) == Errno::no_entry);
  CHECK(error_of(open_directory(tree.path("pre/file"))) == Errno::not_directory);
}

}  // namespace
}  // namespace tenon::host::real
