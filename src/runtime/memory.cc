#include "runtime/memory.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "runtime/store.h"

namespace tenon::runtime {

Result<std::unique_ptr<Memory>> Memory::create(Store& store, const wasm::MemoryType& type) {
  if (type.is_shared) return fail(ErrorCode::unsupported, "shared memories");
  if (type.limits.is_64) return fail(ErrorCode::unsupported, "64-bit memories");
  if (type.page_size_log2 != 16)
    return fail(ErrorCode::unsupported, "memories with custom page sizes");
  uint64_t max_pages = std::min(type.limits.has_max ? type.limits.max : limits::max_memory32_pages,
                                limits::max_memory32_pages);
  if (type.limits.min > max_pages)
    return fail(ErrorCode::limit, "the memory's minimum size is too large");
  uint64_t min = type.limits.min << type.page_size_log2;
  uint64_t max = max_pages << type.page_size_log2;

  std::unique_ptr<Memory> memory(new Memory(store));
  memory->type_ = type;
  const Engine& engine = store.engine();
  if (engine.memory_mode() == compiler::MemoryMode::guarded) {
    memory->map_ = TRY(os::MemoryMap::reserve(compiler::memory_reservation));
    memory->max_bytes_ = max;
  } else {
    memory->map_ = TRY(engine.reserve(min, std::min(max, engine.config().checked_reservation)));
    memory->max_bytes_ = std::min(max, memory->map_.size());
  }
  TRY_VOID(memory->map_.protect(0, min, os::Access::read_write));
  memory->record_ = {min, memory->map_.data()};
  return memory;
}

std::optional<uint64_t> Memory::grow(uint64_t pages) {
  uint64_t old_pages = this->pages();
  uint64_t room = (max_bytes_ - record_.byte_length) >> type_.page_size_log2;
  if (pages > room) return std::nullopt;
  uint64_t bytes = pages << type_.page_size_log2;
  if (!map_.protect(record_.byte_length, bytes, os::Access::read_write)) return std::nullopt;
  record_.byte_length += bytes;
  return old_pages;
}

Result<void> Memory::map_image(uint64_t address, int file, uint64_t file_offset, uint64_t size) {
  uint64_t mapped = os::round_to_pages(size);
  CHECK(address <= record_.byte_length && mapped <= record_.byte_length - address);
  return map_.overlay_file(address, file, file_offset, mapped);
}

}  // namespace tenon::runtime
