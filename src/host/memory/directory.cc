#include "host/memory/directory.h"

#include <algorithm>
#include <cstring>

#include "base/result.h"

namespace tenon::host::memory {

Node::Node(std::shared_ptr<Filesystem> owner, FileType file_type)
    : filesystem(std::move(owner)), type(file_type), inode(filesystem->next_inode++) {
  ++filesystem->objects;
  accessed = modified = changed = filesystem->clock.wall_now();
}

// Nodes below this one go one by one: a guest decides how deep they are nested.
Node::~Node() {
  --filesystem->objects;
  filesystem->bytes -= bytes.size();
  std::vector<NodePointer> dying;
  auto take_entries = [&](Node& node) {
    for (auto& [name, entry] : node.entries) dying.push_back(std::move(entry.node));
    node.entries.clear();
  };
  take_entries(*this);
  while (!dying.empty()) {
    NodePointer node = std::move(dying.back());
    dying.pop_back();
    if (node.use_count() == 1) take_entries(*node);
  }
}

FileStat Node::stat() const {
  FileStat result;
  result.type = type;
  result.device = 1;
  result.inode = inode;
  result.links = links;
  result.size = type == FileType::symbolic_link ? target.size() : bytes.size();
  result.accessed = accessed;
  result.modified = modified;
  result.changed = changed;
  return result;
}

void Node::touch() {
  modified = changed = filesystem->clock.wall_now();
}

void Node::add(const std::string& name, NodePointer node) {
  cookies.emplace(next_cookie, name);
  entries.insert_or_assign(name, Entry{std::move(node), next_cookie});
  ++next_cookie;
  touch();
}

void Node::remove(const std::string& name) {
  auto found = entries.find(name);
  cookies.erase(found->second.cookie);
  entries.erase(found);
  touch();
}

namespace {

bool is_within(const NodePointer& node, const NodePointer& tree) {
  std::vector<const Node*> pending = {tree.get()};
  while (!pending.empty()) {
    const Node* next = pending.back();
    pending.pop_back();
    if (next == node.get()) return true;
    for (const auto& [name, entry] : next->entries) pending.push_back(entry.node.get());
  }
  return false;
}

void set_node_times(Node& node, NewTimestamp accessed, NewTimestamp modified) {
  Timestamp now = node.filesystem->clock.wall_now();
  auto set = [&](Timestamp& time, const NewTimestamp& wanted) {
    if (wanted.kind == NewTimestamp::Kind::now) time = now;
    if (wanted.kind == NewTimestamp::Kind::value) time = wanted.value;
  };
  set(node.accessed, accessed);
  set(node.modified, modified);
  node.changed = now;
}

Io<void> resize(Node& node, uint64_t size) {
  Filesystem& filesystem = *node.filesystem;
  uint64_t others = filesystem.bytes - node.bytes.size();
  if (size > filesystem.limits.bytes || others > filesystem.limits.bytes - size) {
    return std::unexpected(Errno::insufficient_space);
  }
  node.bytes.resize(size);
  filesystem.bytes = others + size;
  return {};
}

class MemoryFile final : public File {
 public:
  explicit MemoryFile(NodePointer node) : node_(std::move(node)) {}

  bool is_seekable() const override { return true; }
  Wait readable() const override { return {}; }
  Wait writable() const override { return {}; }
  bool is_terminal() const override { return false; }
  Io<FileStat> stat() override { return node_->stat(); }
  Io<void> sync() override { return {}; }
  Io<void> sync_data() override { return {}; }
  Io<void> advise(uint64_t, uint64_t, Advice) override { return {}; }

  Io<void> set_times(NewTimestamp accessed, NewTimestamp modified) override {
    set_node_times(*node_, accessed, modified);
    return {};
  }

  Io<size_t> read_at(ReadBuffers buffers, uint64_t offset) override {
    size_t total = 0;
    for (ReadBuffer buffer : buffers) {
      if (offset >= node_->bytes.size()) break;
      size_t size = std::min<uint64_t>(buffer.size(), node_->bytes.size() - offset);
      if (size > 0) std::memcpy(buffer.data(), node_->bytes.data() + offset, size);
      offset += size;
      total += size;
    }
    return total;
  }

  Io<size_t> write_at(WriteBuffers buffers, uint64_t offset) override {
    uint64_t total = 0;
    for (WriteBuffer buffer : buffers) total += buffer.size();
    uint64_t end = 0;
    if (__builtin_add_overflow(offset, total, &end)) return std::unexpected(Errno::file_too_large);
    if (total > 0 && end > node_->bytes.size()) TRY_VOID(resize(*node_, end));
    for (WriteBuffer buffer : buffers) {
      if (!buffer.empty()) std::memcpy(node_->bytes.data() + offset, buffer.data(), buffer.size());
      offset += buffer.size();
    }
    node_->touch();
    return total;
  }

  Io<size_t> append(WriteBuffers buffers) override {
    return write_at(buffers, node_->bytes.size());
  }

  Io<void> set_size(uint64_t size) override {
    TRY_VOID(resize(*node_, size));
    node_->touch();
    return {};
  }

  Io<void> allocate(uint64_t offset, uint64_t length) override {
    uint64_t end = 0;
    if (length == 0) return std::unexpected(Errno::invalid);
    if (__builtin_add_overflow(offset, length, &end)) return std::unexpected(Errno::file_too_large);
    return end > node_->bytes.size() ? resize(*node_, end) : Io<void>();
  }

 private:
  NodePointer node_;
};

class MemoryEntries final : public Entries {
 public:
  explicit MemoryEntries(NodePointer node) : node_(std::move(node)) {}

  Io<void> seek(uint64_t cookie) override {
    next_ = cookie;
    return {};
  }

  Io<std::optional<DirectoryEntry>> next() override {
    if (next_ < 2) {
      ++next_;
      return DirectoryEntry{next_ == 1 ? "." : "..", FileType::directory, node_->inode, next_};
    }
    auto found = node_->cookies.upper_bound(next_);
    if (found == node_->cookies.end()) return std::nullopt;
    next_ = found->first;
    const Node& node = *node_->entries.find(found->second)->second.node;
    return DirectoryEntry{found->second, node.type, node.inode, next_};
  }

 private:
  NodePointer node_;
  uint64_t next_ = 0;
};

}  // namespace

// Every component but the last is entered, symbolic links are replaced by their targets where they
// stand.
Io<MemoryDirectory::Place> MemoryDirectory::find(std::string_view path, bool follow) const {
  PathText text = TRY(parse_path(path));
  std::vector<std::string> pending;
  push_components(pending, text.text);
  Place place;
  place.directory = node_;
  place.must_be_directory = text.must_be_directory;
  int links_left = max_links_followed;
  while (!pending.empty()) {
    std::string name = std::move(pending.back());
    pending.pop_back();
    if (name == ".") continue;
    if (name == "..") {
      if (place.ancestors.empty()) return std::unexpected(Errno::not_permitted);
      place.directory = std::move(place.ancestors.back());
      place.ancestors.pop_back();
      continue;
    }
    auto found = place.directory->entries.find(name);
    NodePointer node = found == place.directory->entries.end() ? nullptr : found->second.node;
    bool is_last = pending.empty();
    if (node != nullptr && node->type == FileType::symbolic_link && (!is_last || follow)) {
      if (links_left-- == 0) return std::unexpected(Errno::loop);
      if (node->target.front() == '/') return std::unexpected(Errno::not_permitted);
      push_components(pending, node->target);
      continue;
    }
    if (is_last) {
      place.name = std::move(name);
      place.node = std::move(node);
      return place;
    }
    if (node == nullptr) return std::unexpected(Errno::no_entry);
    if (node->type != FileType::directory) return std::unexpected(Errno::not_directory);
    if (place.ancestors.size() == max_path_depth) return std::unexpected(Errno::name_too_long);
    place.ancestors.push_back(std::exchange(place.directory, std::move(node)));
  }
  place.node = place.directory;  // a directory that has its name elsewhere
  return place;
}

Io<MemoryDirectory::Place> MemoryDirectory::find_entry(std::string_view path, Errno itself) const {
  EntryText text = TRY(parse_entry(path));
  if (text.name.empty()) {
    TRY_VOID(find_existing(text.parent, true));
    return std::unexpected(itself);
  }
  return find(path, false);
}

Io<NodePointer> MemoryDirectory::find_existing(std::string_view path, bool follow) const {
  Place place = TRY(find(path, follow));
  if (place.node == nullptr) return std::unexpected(Errno::no_entry);
  bool is_link = place.node->type == FileType::symbolic_link;
  if (place.must_be_directory && !is_link && place.node->type != FileType::directory) {
    return std::unexpected(Errno::not_directory);
  }
  return place.node;
}

Io<Opened> MemoryDirectory::open(std::string_view path, const OpenHow& how) {
  bool follow = how.follow || path.ends_with('/');
  Place place = TRY(find(path, follow && !(how.create && how.exclusive)));
  if (place.must_be_directory && how.create) return std::unexpected(Errno::is_directory);
  if (place.node != nullptr && how.create && how.exclusive) return std::unexpected(Errno::exist);
  if (place.node == nullptr) {
    if (!how.create) return std::unexpected(Errno::no_entry);
    Filesystem& filesystem = *node_->filesystem;
    if (filesystem.objects >= filesystem.limits.objects)
      return std::unexpected(Errno::insufficient_space);
    place.node = std::make_shared<Node>(node_->filesystem, FileType::regular_file);
    place.directory->add(place.name, place.node);
  }
  if (place.node->type == FileType::symbolic_link) return std::unexpected(Errno::loop);
  bool is_directory = place.node->type == FileType::directory;
  if ((how.directory || place.must_be_directory) && !is_directory) {
    return std::unexpected(Errno::not_directory);
  }
  if (is_directory && (how.write || how.create || how.truncate)) {
    return std::unexpected(Errno::is_directory);
  }
  if (is_directory) return std::make_unique<MemoryDirectory>(place.node);
  if (how.truncate) TRY_VOID(resize(*place.node, 0));
  return std::make_unique<MemoryFile>(place.node);
}

Io<std::unique_ptr<Entries>> MemoryDirectory::entries() {
  return std::make_unique<MemoryEntries>(node_);
}

Io<FileStat> MemoryDirectory::stat_at(std::string_view path, bool follow) {
  NodePointer node = TRY(find_existing(path, follow));
  return node->stat();
}

Io<void> MemoryDirectory::set_times(NewTimestamp accessed, NewTimestamp modified) {
  set_node_times(*node_, accessed, modified);
  return {};
}

Io<void> MemoryDirectory::set_times_at(std::string_view path, bool follow, NewTimestamp accessed,
                                       NewTimestamp modified) {
  NodePointer node = TRY(find_existing(path, follow));
  set_node_times(*node, accessed, modified);
  return {};
}

Io<void> MemoryDirectory::create_directory(std::string_view path) {
  Place place = TRY(find_entry(path, Errno::exist));
  if (place.node != nullptr) return std::unexpected(Errno::exist);
  Filesystem& filesystem = *node_->filesystem;
  if (filesystem.objects >= filesystem.limits.objects)
    return std::unexpected(Errno::insufficient_space);
  place.directory->add(place.name, std::make_shared<Node>(node_->filesystem, FileType::directory));
  return {};
}

Io<void> MemoryDirectory::remove_directory(std::string_view path) {
  Place place = TRY(find_entry(path, Errno::invalid));
  if (place.node == nullptr) return std::unexpected(Errno::no_entry);
  if (place.node->type != FileType::directory) return std::unexpected(Errno::not_directory);
  if (!place.node->entries.empty()) return std::unexpected(Errno::not_empty);
  place.directory->remove(place.name);
  return {};
}

Io<void> MemoryDirectory::unlink_file(std::string_view path) {
  Place place = TRY(find_entry(path, Errno::is_directory));
  if (place.node == nullptr) return std::unexpected(Errno::no_entry);
  if (place.node->type == FileType::directory) return std::unexpected(Errno::is_directory);
  if (place.must_be_directory) return std::unexpected(Errno::not_directory);
  --place.node->links;
  place.directory->remove(place.name);
  return {};
}

Io<void> MemoryDirectory::rename(std::string_view from, Directory& to, std::string_view to_path) {
  auto* target = dynamic_cast<MemoryDirectory*>(&to);
  if (target == nullptr || target->node_->filesystem != node_->filesystem) {
    return std::unexpected(Errno::cross_device);
  }
  Place source = TRY(find_entry(from, Errno::busy));
  Place place = TRY(target->find_entry(to_path, Errno::busy));
  if (source.node == nullptr) return std::unexpected(Errno::no_entry);
  bool is_directory = source.node->type == FileType::directory;
  if ((source.must_be_directory || place.must_be_directory) && !is_directory) {
    return std::unexpected(Errno::not_directory);
  }
  if (source.node == place.node) return {};
  // A directory cannot be moved into itself.
  if (is_within(place.directory, source.node)) return std::unexpected(Errno::invalid);
  if (place.node != nullptr) {
    bool onto_directory = place.node->type == FileType::directory;
    if (onto_directory && !is_directory) return std::unexpected(Errno::is_directory);
    if (!onto_directory && is_directory) return std::unexpected(Errno::not_directory);
    if (!place.node->entries.empty()) return std::unexpected(Errno::not_empty);
    --place.node->links;
    place.directory->remove(place.name);
  }
  source.directory->remove(source.name);
  place.directory->add(place.name, source.node);
  return {};
}

Io<void> MemoryDirectory::link(std::string_view from, Directory& to, std::string_view to_path) {
  auto* target = dynamic_cast<MemoryDirectory*>(&to);
  if (target == nullptr || target->node_->filesystem != node_->filesystem) {
    return std::unexpected(Errno::cross_device);
  }
  Place source = TRY(find_entry(from, Errno::not_permitted));
  Place place = TRY(target->find_entry(to_path, Errno::exist));
  if (source.node == nullptr) return std::unexpected(Errno::no_entry);
  if (source.node->type == FileType::directory) return std::unexpected(Errno::not_permitted);
  if (source.must_be_directory) return std::unexpected(Errno::not_directory);
  if (place.node != nullptr) return std::unexpected(Errno::exist);
  if (place.must_be_directory) return std::unexpected(Errno::no_entry);
  ++source.node->links;
  place.directory->add(place.name, source.node);
  return {};
}

Io<void> MemoryDirectory::symlink(std::string_view target, std::string_view path) {
  TRY_VOID(parse_path(target));
  Place place = TRY(find_entry(path, Errno::exist));
  if (place.node != nullptr) return std::unexpected(Errno::exist);
  if (place.must_be_directory) return std::unexpected(Errno::no_entry);
  Filesystem& filesystem = *node_->filesystem;
  if (filesystem.objects >= filesystem.limits.objects)
    return std::unexpected(Errno::insufficient_space);
  auto node = std::make_shared<Node>(node_->filesystem, FileType::symbolic_link);
  node->target = target;
  place.directory->add(place.name, std::move(node));
  return {};
}

Io<std::string> MemoryDirectory::read_link(std::string_view path) {
  Place place = TRY(find_entry(path, Errno::invalid));
  if (place.node == nullptr) return std::unexpected(Errno::no_entry);
  if (place.must_be_directory) return std::unexpected(Errno::not_directory);
  if (place.node->type != FileType::symbolic_link) return std::unexpected(Errno::invalid);
  return place.node->target;
}

std::unique_ptr<Directory> make_directory(Clock& clock, const FilesystemLimits& limits) {
  auto filesystem = std::make_shared<Filesystem>(Filesystem{clock, limits});
  return std::make_unique<MemoryDirectory>(std::make_shared<Node>(filesystem, FileType::directory));
}

}  // namespace tenon::host::memory
