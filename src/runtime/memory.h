#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "base/result.h"
#include "compiler/contract.h"
#include "os/memory_map.h"
#include "runtime/engine.h"
#include "runtime/wait_table.h"
#include "wasm/types.h"

// A linear memory: a reservation of address space that never moves, readable and writable up to its
// length. Guarded mode reserves all that a 32-bit address can reach, or all that a 64-bit memory
// may grow to, and a guard; checked mode what is asked for or can be had. Belongs to one store; or
// is shared, and of all stores that join it, on any thread.
namespace tenon::runtime {

class Store;

class Memory {
 public:
  // `owner` is null exactly if the memory is shared. The host may use `room_before` zeroed bytes in
  // front of the base, which nobody else can reach.
  static Result<std::shared_ptr<Memory>> create(const Engine& engine, const wasm::MemoryType& type,
                                                const Store* owner, uint64_t room_before = 0);
  // The type's minimum; an error when no memory of this engine can have it.
  static Result<uint64_t> initial_bytes(const Engine& engine, const wasm::MemoryType& type);

  // Generated code holds pointers to the record; it lies at the start of the Memory.
  static Memory& of(compiler::MemoryRecord* record) { return *reinterpret_cast<Memory*>(record); }
  compiler::MemoryRecord* record() { return &record_; }
  compiler::MemorySlot slot() { return {record_.base, &record_, bound_}; }
  const compiler::MemoryRecord& record() const { return record_; }

  const Store* owner() const { return owner_; }
  compiler::MemoryMode mode() const { return mode_; }
  const wasm::MemoryType& type() const { return type_; }
  uint8_t* base() const { return record_.base; }
  uint64_t byte_length() const { return record_.length(); }
  uint64_t pages() const { return byte_length() >> type_.page_size_log2; }
  // Who waits for a change of it; null when it is not shared.
  WaitTable* waiters() { return sharing_ ? &sharing_->waiters : nullptr; }

  // wasm: grow-mem. The old size in pages; none when maximum, reservation or system do not allow
  // it.
  std::optional<uint64_t> grow(uint64_t pages);

  // Lays a file's bytes over the memory, copied when written. For a new memory; page-aligned,
  // within its length.
  Result<void> map_image(uint64_t address, int file, uint64_t file_offset, uint64_t size);

  // Whether the address lies in the memory or where its accesses fault.
  bool reserves(const void* address) const {
    return map_.contains(address) && address >= record_.base;
  }

 private:
  // Of a shared memory.
  struct Sharing {
    std::mutex growth;
    WaitTable waiters;
  };

  Memory(const Engine& engine, const wasm::MemoryType& type, const Store* owner)
      : owner_(owner),
        type_(type),
        mode_(engine.memory_mode()),
        huge_pages_from_(engine.config().huge_pages_from) {}

  // Address space for `max` bytes, or for fewer in checked mode, behind `room_before` others.
  Result<void> reserve(const Engine& engine, uint64_t min, uint64_t max, uint64_t room_before);
  void use_huge_pages();

  compiler::MemoryRecord record_ = {};
  const Store* const owner_;
  const wasm::MemoryType type_;
  const compiler::MemoryMode mode_;
  const uint64_t huge_pages_from_;
  std::unique_ptr<Sharing> sharing_;
  os::MemoryMap map_;
  uint64_t base_offset_ = 0;  // in the map, in whole pages
  uint64_t max_bytes_ = 0;    // what type and reservation allow
  uint64_t bound_ = 0;        // MemorySlot::bound
};

}  // namespace tenon::runtime
