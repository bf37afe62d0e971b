#pragma once

#include <cstdint>
#include <utility>

#include "base/result.h"

// Ranges of address space as values: an object owns its range and unmaps it. No access is both
// writable and executable. Offsets and sizes are rounded outwards to pages where the system needs
// that; failures are errors of kind io that name the size.
namespace tenon::os {

uint64_t page_size();
inline uint64_t round_to_pages(uint64_t size) {
  return (size + page_size() - 1) & ~(page_size() - 1);
}
// What the system can back by one page instead of many small ones, where it lies at a multiple of
// this.
constexpr uint64_t huge_page_size = uint64_t{2} << 20;

enum class Access : uint8_t { none, read, read_write, read_execute };

class MemoryMap {
 public:
  MemoryMap() = default;
  MemoryMap(MemoryMap&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  MemoryMap& operator=(MemoryMap&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~MemoryMap();

  // Address space only: touching it faults, and it counts towards no memory limit.
  static Result<MemoryMap> reserve(uint64_t size);
  // Zeroed memory for reading and writing, given page by page on first touch.
  static Result<MemoryMap> zeroed(uint64_t size);
  // The file's bytes, not writable. `offset` is a multiple of the page size.
  static Result<MemoryMap> file(int fd, uint64_t offset, uint64_t size, Access access);

  Result<void> protect(uint64_t offset, uint64_t size, Access access);
  // Lays a private, writable copy of the file's bytes over [offset, offset + size); pages are
  // copied when written. Both offsets are multiples of the page size.
  Result<void> overlay_file(uint64_t offset, int fd, uint64_t file_offset, uint64_t size);
  // Lets the system back the range by huge pages as it becomes accessible: quicker to use, and more
  // to fill with zeros at first touch. It need not.
  void allow_huge_pages(uint64_t offset, uint64_t size);
  // Gives the pages back; they read as zeros again. Not for ranges with a file laid over.
  void discard(uint64_t offset, uint64_t size);

  uint8_t* data() const { return data_; }
  uint64_t size() const { return size_; }
  bool contains(const void* address) const {
    return reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(data_) < size_;
  }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  MemoryMap(void* data, uint64_t size) : data_(static_cast<uint8_t*>(data)), size_(size) {}
  static Result<MemoryMap> map(uint64_t size, int protection, int flags, int fd, uint64_t offset);

  uint8_t* data_ = nullptr;
  uint64_t size_ = 0;
};

// Whether this process may reserve `size` bytes of address space now (`ulimit -v`, small address
// spaces).
bool can_reserve(uint64_t size);

}  // namespace tenon::os
