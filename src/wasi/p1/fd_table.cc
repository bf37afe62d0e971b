#include "wasi/p1/fd_table.h"

#include "base/check.h"

namespace tenon::wasi::p1 {

FdTable::FdTable(Context& context) : context_(context) {
  // What the host grants does not count as the guest's.
  auto grant = [this](OpenObject object) {
    objects_.push_back(std::make_unique<Slot>(Slot{std::move(object), {}}));
  };
  grant({.object = StandardStream::input});
  grant({.object = StandardStream::output});
  grant({.object = StandardStream::error});
  for (const World::Directory& granted : context.world().directories) {
    grant({
        .object = Descriptor(granted.directory, granted.read_only),
        .preopen_name = granted.guest_path,
    });
  }
}

OpenObject* FdTable::find(uint32_t fd) {
  if (fd >= objects_.size() || objects_[fd] == nullptr) return nullptr;
  return &objects_[fd]->object;
}

Outcome<uint32_t> FdTable::insert(OpenObject object) {
  std::optional<ResourceTicket> ticket = context_.admit_resource();
  if (!ticket) return std::unexpected(Error::nfile);
  auto slot = std::make_unique<Slot>(Slot{std::move(object), std::move(*ticket)});
  if (free_.empty()) {
    objects_.push_back(std::move(slot));
    return static_cast<uint32_t>(objects_.size() - 1);
  }
  uint32_t fd = free_.top();
  free_.pop();
  CHECK(objects_[fd] == nullptr);
  objects_[fd] = std::move(slot);
  return fd;
}

Status FdTable::close(uint32_t fd) {
  if (find(fd) == nullptr) return std::unexpected(Error::badf);
  objects_[fd].reset();
  free_.push(fd);
  return {};
}

Status FdTable::renumber(uint32_t from, uint32_t to) {
  if (find(from) == nullptr || find(to) == nullptr) return std::unexpected(Error::badf);
  if (from == to) return {};
  objects_[to] = std::move(objects_[from]);
  free_.push(from);
  return {};
}

}  // namespace tenon::wasi::p1
