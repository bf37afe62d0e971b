#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/io.h"

// The text of a guest's path, before anything is looked up.
namespace tenon::host {

constexpr size_t max_path_bytes = 4095;
// Symbolic links followed in one look-up, as in Linux.
constexpr int max_links_followed = 40;
// Directories below the base that one look-up holds open at a time, where the kernel does not do
// it.
constexpr size_t max_path_depth = 256;

// A path without its trailing slashes, which mean that it must name a directory.
struct PathText {
  std::string text;
  bool must_be_directory = false;
};

// A path taken apart before its last component. Where that component is `.` or `..`, the path names
// a directory that has its name elsewhere: `name` is empty then, and `parent` the whole path.
struct EntryText {
  std::string parent;
  std::string name = {};
  bool must_be_directory = false;
};

// Refuses what no look-up needs to see: empty, absolute, over-long, or with a NUL inside.
Io<PathText> parse_path(std::string_view path);
Io<EntryText> parse_entry(std::string_view path);

// Puts the components of `path` on top of `stack`, the first one topmost, without `.` and empty
// ones. A path that ends in one of these names a directory: `.` stands for that at the end.
void push_components(std::vector<std::string>& stack, std::string_view path);

}  // namespace tenon::host
