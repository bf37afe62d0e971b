#include "os/memory_map.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/check.h"

namespace tenon::os {

namespace {

int protection_of(Access access) {
  switch (access) {
    case Access::none: return PROT_NONE;
    case Access::read: return PROT_READ;
    case Access::read_write: return PROT_READ | PROT_WRITE;
    case Access::read_execute: return PROT_READ | PROT_EXEC;
  }
  return PROT_NONE;
}

std::unexpected<Error> failure(const char* what, uint64_t size) {
  int error = errno;
  Error result(ErrorCode::io, fmt::format("cannot {} {} bytes of memory: {}", what, size,
                                          std::generic_category().message(error)));
  if (error == ENOMEM)
    return std::unexpected(std::move(result).hint("check `ulimit -v` and free memory"));
  return std::unexpected(std::move(result));
}

}  // namespace

uint64_t page_size() {
  static const uint64_t size = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return size;
}

MemoryMap::~MemoryMap() {
  if (data_ != nullptr) munmap(data_, size_);
}

Result<MemoryMap> MemoryMap::map(uint64_t size, int protection, int flags, int fd,
                                 uint64_t offset) {
  uint64_t rounded = round_to_pages(size);
  if (rounded < size || rounded == 0)
    return fail(ErrorCode::limit, "a mapping of this size is not possible");
  void* data = mmap(nullptr, rounded, protection, flags, fd, static_cast<off_t>(offset));
  if (data == MAP_FAILED) return failure(protection == PROT_NONE ? "reserve" : "map", size);
  return MemoryMap(data, rounded);
}

Result<MemoryMap> MemoryMap::reserve(uint64_t size) {
  return map(size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

Result<MemoryMap> MemoryMap::zeroed(uint64_t size) {
  return map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

Result<MemoryMap> MemoryMap::file(int fd, uint64_t offset, uint64_t size, Access access) {
  CHECK(access != Access::read_write);
  return map(size, protection_of(access), MAP_PRIVATE, fd, offset);
}

Result<void> MemoryMap::protect(uint64_t offset, uint64_t size, Access access) {
  CHECK(offset <= size_ && size <= size_ - offset);
  if (size == 0) return {};
  if (mprotect(data_ + offset, size, protection_of(access)) != 0)
    return failure("give access to", size);
  return {};
}

Result<void> MemoryMap::overlay_file(uint64_t offset, int fd, uint64_t file_offset, uint64_t size) {
  CHECK(offset <= size_ && size <= size_ - offset && offset % page_size() == 0);
  void* data = mmap(data_ + offset, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, fd, static_cast<off_t>(file_offset));
  if (data == MAP_FAILED) return failure("map the image of", size);
  return {};
}

void MemoryMap::allow_huge_pages(uint64_t offset, uint64_t size) {
  CHECK(offset <= size_ && size <= size_ - offset);
  // Kernels without huge pages refuse.
  (void)madvise(data_ + offset, size, MADV_HUGEPAGE);
}

void MemoryMap::discard(uint64_t offset, uint64_t size) {
  CHECK(offset <= size_ && size <= size_ - offset);
  if (size != 0) CHECK(madvise(data_ + offset, size, MADV_DONTNEED) == 0);
}

bool can_reserve(uint64_t size) {
  return MemoryMap::reserve(size).has_value();
}

}  // namespace tenon::os
