#include "host/real/path_resolver.h"

#include <optional>
#include <vector>

#include "base/result.h"

namespace tenon::host::real {
namespace {

// Attempts of the kernel's look-up that may lose against renames before the walk takes over.
constexpr int max_kernel_attempts = 32;

class Walk {
 public:
  Walk(int base, const os::OpenOptions& options) : base_(base), options_(options) {}

  Io<os::FileDescriptor> open(std::string_view path) {
    push_components(pending_, path);
    while (!pending_.empty()) {
      std::string name = std::move(pending_.back());
      pending_.pop_back();
      if (name == ".") continue;
      if (name == "..") {
        if (below_.empty()) return std::unexpected(Errno::not_permitted);
        below_.pop_back();
      } else if (pending_.empty()) {
        std::optional<os::FileDescriptor> file = TRY(open_last(name));
        if (file) return std::move(*file);
      } else {
        TRY_VOID(enter(name));
      }
    }
    return os::open_child(current(), ".", options_);
  }

 private:
  int current() const { return below_.empty() ? base_ : below_.back().get(); }

  Io<void> enter(const std::string& name) {
    if (below_.size() == max_path_depth) return std::unexpected(Errno::name_too_long);
    Io<os::FileDescriptor> directory =
        os::open_child(current(), name, {.directory = true, .path_only = true});
    if (directory) {
      below_.push_back(std::move(*directory));
      return {};
    }
    return expand(name, directory.error());
  }

  // Nothing where the last component was a symbolic link, whose components are now pending.
  Io<std::optional<os::FileDescriptor>> open_last(const std::string& name) {
    bool follow = options_.follow && !(options_.create && options_.exclusive);
    Io<os::FileDescriptor> file = os::open_child(current(), name, options_);
    if (!follow) {
      if (!file) return std::unexpected(file.error());
      return std::move(*file);
    }
    if (file && options_.path_only) {
      os::FileStat found = TRY(os::stat(file->get()));
      if (found.type == FileType::symbolic_link) file = std::unexpected(Errno::loop);
    }
    if (file) return std::move(*file);
    TRY_VOID(expand(name, file.error()));
    return std::nullopt;
  }

  // Puts the target of the link `name` before what is pending. `error` is what opening the name
  // answered, and what this answers where it is no link.
  Io<void> expand(const std::string& name, Errno error) {
    if (error != Errno::loop && error != Errno::not_directory) return std::unexpected(error);
    Io<std::string> target = os::read_link(current(), name);
    if (!target) return std::unexpected(target.error() == Errno::invalid ? error : target.error());
    if (links_left_-- == 0) return std::unexpected(Errno::loop);
    if (target->empty()) return std::unexpected(Errno::no_entry);
    if (target->front() == '/') return std::unexpected(Errno::not_permitted);
    push_components(pending_, *target);
    return {};
  }

  int base_;
  os::OpenOptions options_;
  std::vector<os::FileDescriptor> below_;  // the directories entered, innermost last
  std::vector<std::string> pending_;       // the components to come, next one last
  int links_left_ = max_links_followed;
};

Io<os::FileDescriptor> open_by_kernel(int base, const std::string& path,
                                      const os::OpenOptions& options) {
  for (int attempt = 0; attempt < max_kernel_attempts; ++attempt) {
    Io<os::FileDescriptor> file = os::open_beneath(base, path, options);
    if (file) return file;
    if (file.error() == Errno::cross_device) return std::unexpected(Errno::not_permitted);
    // The kernel could not tell whether a concurrent rename let `..` out.
    if (file.error() != Errno::would_block) return file;
  }
  return open_by_walk(base, path, options);
}

}  // namespace

Io<os::FileDescriptor> open_by_walk(int base, const std::string& path,
                                    const os::OpenOptions& options) {
  return Walk(base, options).open(path);
}

Io<os::FileDescriptor> open_path(int base, const PathText& path, os::OpenOptions options,
                                 Resolver resolver) {
  if (path.must_be_directory) {
    if (options.create) return std::unexpected(Errno::is_directory);
    options.directory = true;
    options.follow = true;  // as everywhere: the slash stands for `/.`
  }
  if (options.create && options.directory) return std::unexpected(Errno::invalid);
  Io<os::FileDescriptor> file = resolver == Resolver::walk
                                    ? open_by_walk(base, path.text, options)
                                    : open_by_kernel(base, path.text, options);
  if (file || file.error() != Errno::not_directory || options.follow || !options.directory)
    return file;
  // The system says the same of a file and of a link that was not followed.
  Io<os::FileDescriptor> link = open_path(base, path, {.path_only = true}, resolver);
  if (!link) return file;
  FileStat found = TRY(os::stat(link->get()));
  if (found.type == FileType::symbolic_link) return std::unexpected(Errno::loop);
  return file;
}

Io<Entry> open_parent(int base, const EntryText& path, Errno itself, Resolver resolver) {
  constexpr os::OpenOptions directory = {.directory = true, .follow = true, .path_only = true};
  Entry entry{TRY(open_path(base, {path.parent, false}, directory, resolver)), path.name};
  if (path.name.empty()) return std::unexpected(itself);
  return entry;
}

}  // namespace tenon::host::real
