#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "host/real/directory.h"

// For tests: a temporary tree with a directory `pre`, which guests get, beside `out`, which they
// must not reach.
namespace tenon::host::real {

class TestTree {
 public:
  TestTree() {
    char name[] = "/tmp/tenon-test-XXXXXX";
    check(::mkdtemp(name) != nullptr);
    root_ = name;
    for (const char* directory : {"out", "pre", "pre/a", "pre/a/b", "pre/ro"})
      make_directory(directory);
    write("out/secret", "secret");
    write("pre/file", "content");
    write("pre/a/b/deep", "deep");
    write("pre/ro/fixed", "fixed");
    link("abs", "/etc");
    link("up", "../out");
    link("upf", "../out/secret");
    link("dang", "../out/new");
    link("loop1", "loop2");
    link("loop2", "loop1");
    link("in", "a");
    link("inf", "a/b/deep");
    link("inslash", "a/");
    link("back", "a/b/../../file");
    link("deep0", "file");
    for (int i = 1; i <= 50; ++i) link("deep" + std::to_string(i), "deep" + std::to_string(i - 1));
    before_ = outside();
  }
  ~TestTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  TestTree(const TestTree&) = delete;
  TestTree& operator=(const TestTree&) = delete;

  std::string path(const std::string& name) const { return root_ + "/" + name; }

  void make_directory(const std::string& name) { check(::mkdir(path(name).c_str(), 0755) == 0); }
  void link(const std::string& name, const std::string& target) {
    check(::symlink(target.c_str(), path("pre/" + name).c_str()) == 0);
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(path(name)) << text;
  }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path(name)).rdbuf();
    return text.str();
  }
  bool exists(const std::string& name) const {
    struct stat found;
    return ::lstat(path(name).c_str(), &found) == 0;
  }

  std::unique_ptr<Directory> open(Resolver resolver, const std::string& name = "pre") const {
    Io<std::unique_ptr<Directory>> directory = open_directory(path(name), resolver);
    check(directory.has_value());
    return std::move(*directory);
  }

  // Whether everything outside `pre` is as it was made.
  bool outside_is_untouched() const { return outside() == before_; }

 private:
  static void check(bool holds) {
    if (!holds) std::abort();
  }

  std::string outside() const {
    std::string list;
    for (const auto& entry : std::filesystem::directory_iterator(root_ + "/out")) {
      list += entry.path().filename().string() + "\n";
    }
    for (const auto& entry : std::filesystem::directory_iterator(root_)) {
      list += entry.path().filename().string().size() > 3 ? "?" : "";
    }
    return list + read("out/secret");
  }

  std::string root_;
  std::string before_;
};

}  // namespace tenon::host::real
