#include "runtime/memory.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace tenon::runtime {

namespace {

// What type and engine allow, in bytes.
uint64_t most_bytes(const wasm::MemoryType& type, const EngineConfig& config) {
  uint64_t most = type.limits.is_64 ? config.memory64_reservation : uint64_t{1} << 32;
  uint64_t pages = std::min(most >> type.page_size_log2, wasm::max_memory_pages(type));
  if (type.limits.has_max) pages = std::min(pages, type.limits.max);
  return pages << type.page_size_log2;
}

uint64_t unguarded_reservation(const Engine& engine, uint64_t max) {
  if (engine.memory_mode() == compiler::MemoryMode::guarded) return max;
  return std::min(max, engine.config().checked_reservation);
}

}  // namespace

Result<uint64_t> Memory::initial_bytes(const Engine& engine, const wasm::MemoryType& type) {
  uint64_t most = most_bytes(type, engine.config());
  if (type.limits.min <= most >> type.page_size_log2) return type.limits.min << type.page_size_log2;
  return fail(ErrorCode::limit,
              fmt::format("a memory of {} pages is larger than {} bytes", type.limits.min, most));
}

Result<std::shared_ptr<Memory>> Memory::create(const Engine& engine, const wasm::MemoryType& type,
                                               const Store* owner, uint64_t room_before) {
  CHECK(type.is_shared == (owner == nullptr));
  uint64_t min = TRY(initial_bytes(engine, type));
  uint64_t max = most_bytes(type, engine.config());

  std::shared_ptr<Memory> memory(new Memory(engine, type, owner));
  if (type.is_shared) memory->sharing_ = std::make_unique<Sharing>();
  room_before = os::round_to_pages(room_before);
  TRY_VOID(memory->reserve(engine, min, max, room_before));
  TRY_VOID(memory->map_.protect(memory->base_offset_ - room_before,
                                room_before + os::round_to_pages(min), os::Access::read_write));
  memory->record_ = {min, memory->map_.data() + memory->base_offset_};
  if (memory->huge_pages_from_ != 0 && min >= memory->huge_pages_from_) memory->use_huge_pages();
  return memory;
}

Result<void> Memory::reserve(const Engine& engine, uint64_t min, uint64_t max,
                             uint64_t room_before) {
  if (!compiler::has_guard(type_, mode_)) {
    base_offset_ = room_before;
    map_ = TRY(engine.reserve(room_before + min, room_before + unguarded_reservation(engine, max)));
    max_bytes_ = std::min(max, map_.size() - room_before);
    return {};
  }
  uint64_t size =
      type_.limits.is_64 ? max + compiler::memory_guard_size : compiler::memory_reservation;
  // Huge pages begin at multiples of their size: there is one in so much more address space.
  bool may_be_large = huge_pages_from_ != 0 && max >= huge_pages_from_;
  uint64_t alignment = may_be_large ? os::huge_page_size : os::page_size();
  map_ = TRY(os::MemoryMap::reserve(room_before + alignment - os::page_size() + size));
  auto start = reinterpret_cast<uintptr_t>(map_.data());
  base_offset_ = ((start + room_before + alignment - 1) & ~(alignment - 1)) - start;
  max_bytes_ = max;
  bound_ = max;
  return {};
}

void Memory::use_huge_pages() {
  map_.allow_huge_pages(base_offset_, map_.size() - base_offset_);
}

std::optional<uint64_t> Memory::grow(uint64_t pages) {
  std::unique_lock<std::mutex> lock;
  if (sharing_) lock = std::unique_lock(sharing_->growth);
  uint64_t old_length = byte_length();
  if (pages > (max_bytes_ - old_length) >> type_.page_size_log2) return std::nullopt;
  uint64_t length = old_length + (pages << type_.page_size_log2);
  uint64_t from = os::round_to_pages(old_length);
  if (!map_.protect(base_offset_ + from, os::round_to_pages(length) - from, os::Access::read_write))
    return std::nullopt;
  if (old_length < huge_pages_from_ && length >= huge_pages_from_) use_huge_pages();
  // Whoever sees the length can access what it spans.
  __atomic_store_n(&record_.byte_length, length, __ATOMIC_SEQ_CST);
  return old_length >> type_.page_size_log2;
}

Result<void> Memory::map_image(uint64_t address, int file, uint64_t file_offset, uint64_t size) {
  uint64_t mapped = os::round_to_pages(size);
  CHECK(address <= record_.byte_length && mapped <= record_.byte_length - address);
  return map_.overlay_file(base_offset_ + address, file, file_offset, mapped);
}

}  // namespace tenon::runtime
