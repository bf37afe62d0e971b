#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/clock.h"
#include "host/directory.h"
#include "host/path.h"

// A file system in memory: files, directories and symbolic links, with the same rules about paths
// as the real one. Its files hold no more bytes together than it is made for, and it no more
// objects. One thread.
namespace tenon::host::memory {

struct FilesystemLimits {
  uint64_t bytes = uint64_t{64} << 20;
  uint64_t objects = 100'000;
};

struct Node;
using NodePointer = std::shared_ptr<Node>;

// What all nodes of one file system share.
struct Filesystem {
  Clock& clock;
  FilesystemLimits limits;
  uint64_t bytes = 0;
  uint64_t objects = 0;
  uint64_t next_inode = 1;
};

struct Node {
  Node(std::shared_ptr<Filesystem> owner, FileType file_type);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();

  FileStat stat() const;
  void touch();

  std::shared_ptr<Filesystem> filesystem;
  FileType type;
  uint64_t inode;
  uint64_t links = 1;
  Timestamp accessed;
  Timestamp modified;
  Timestamp changed;

  std::vector<uint8_t> bytes;  // of a file
  std::string target;          // of a symbolic link
  // Of a directory: entries by name, and names by cookie. A cookie is given once.
  struct Entry {
    NodePointer node;
    uint64_t cookie;
  };
  std::map<std::string, Entry, std::less<>> entries;
  std::map<uint64_t, std::string> cookies;
  uint64_t next_cookie = 3;  // 1 and 2 are behind `.` and `..`

  void add(const std::string& name, NodePointer node);
  void remove(const std::string& name);
};

class MemoryDirectory final : public Directory {
 public:
  explicit MemoryDirectory(NodePointer node) : node_(std::move(node)) {}

  Io<Opened> open(std::string_view path, const OpenHow& how) override;
  Io<std::unique_ptr<Entries>> entries() override;
  Io<FileStat> stat() override { return node_->stat(); }
  Io<FileStat> stat_at(std::string_view path, bool follow) override;
  Io<void> set_times(NewTimestamp accessed, NewTimestamp modified) override;
  Io<void> set_times_at(std::string_view path, bool follow, NewTimestamp accessed,
                        NewTimestamp modified) override;
  Io<void> sync() override { return {}; }
  Io<void> sync_data() override { return {}; }
  Io<void> create_directory(std::string_view path) override;
  Io<void> remove_directory(std::string_view path) override;
  Io<void> unlink_file(std::string_view path) override;
  Io<void> rename(std::string_view from, Directory& to, std::string_view to_path) override;
  Io<void> link(std::string_view from, Directory& to, std::string_view to_path) override;
  Io<void> symlink(std::string_view target, std::string_view path) override;
  Io<std::string> read_link(std::string_view path) override;

 private:
  // A directory and a name in it, which need not exist.
  struct Place {
    NodePointer directory;
    std::string name;
    NodePointer node;  // null: there is none
    bool must_be_directory = false;
    std::vector<NodePointer> ancestors;  // of `directory`, below the base
  };

  Io<Place> find(std::string_view path, bool follow) const;
  Io<Place> find_entry(std::string_view path, Errno itself) const;
  Io<NodePointer> find_existing(std::string_view path, bool follow) const;

  NodePointer node_;
};

// The clock outlives the file system.
std::unique_ptr<Directory> make_directory(Clock& clock, const FilesystemLimits& limits = {});

}  // namespace tenon::host::memory
