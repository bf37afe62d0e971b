#include "host/path.h"

#include "base/result.h"

namespace tenon::host {

Io<PathText> parse_path(std::string_view path) {
  if (path.empty()) return std::unexpected(Errno::no_entry);
  if (path.size() > max_path_bytes) return std::unexpected(Errno::name_too_long);
  if (path.find('\0') != std::string_view::npos) return std::unexpected(Errno::invalid);
  if (path.front() == '/') return std::unexpected(Errno::not_permitted);
  size_t end = path.find_last_not_of('/') + 1;
  return PathText{std::string(path.substr(0, end)), end != path.size()};
}

Io<EntryText> parse_entry(std::string_view path) {
  PathText whole = TRY(parse_path(path));
  size_t slash = whole.text.rfind('/');
  bool has_parent = slash != std::string::npos;
  EntryText entry{
      .parent = has_parent ? whole.text.substr(0, slash) : ".",
      .name = has_parent ? whole.text.substr(slash + 1) : whole.text,
      .must_be_directory = whole.must_be_directory,
  };
  if (entry.name == "." || entry.name == "..") return EntryText{.parent = std::move(whole.text)};
  return entry;
}

void push_components(std::vector<std::string>& stack, std::string_view path) {
  bool last = true;
  while (!path.empty()) {
    size_t slash = path.rfind('/');
    std::string_view component = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (component.empty() || component == ".") {
      if (last) stack.emplace_back(".");
    } else {
      stack.emplace_back(component);
    }
    last = false;
    path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  }
}

}  // namespace tenon::host
