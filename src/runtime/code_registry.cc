#include "runtime/code_registry.h"

#include <array>
#include <atomic>
#include <mutex>

#include "base/check.h"

namespace tenon::runtime {

namespace {

// A slot changes under an odd version. Code that a reader runs is published, and so its slot at
// rest; a slot that changes while it is read belongs to other code and is passed over.
struct Slot {
  std::atomic<uint32_t> version{0};
  std::atomic<uintptr_t> begin{0};
  std::atomic<uintptr_t> end{0};  // equal to begin: free
  std::atomic<const LoadedCode*> code{nullptr};
};

constexpr size_t slots_per_chunk = 256;
constexpr size_t max_chunks = 256;
using Chunk = std::array<Slot, slots_per_chunk>;

// Chunks are never freed: a handler may be reading.
std::array<std::atomic<Chunk*>, max_chunks> chunks;
std::atomic<size_t> slots_in_use;  // slots behind this one are free
std::mutex writer_mutex;

Slot& slot_at(size_t index) {
  return (
      *chunks[index / slots_per_chunk].load(std::memory_order_acquire))[index % slots_per_chunk];
}

void write(Slot& slot, uintptr_t begin, uintptr_t end, const LoadedCode* code) {
  uint32_t version = slot.version.load(std::memory_order_relaxed);
  slot.version.store(version + 1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  slot.begin.store(begin, std::memory_order_relaxed);
  slot.end.store(end, std::memory_order_relaxed);
  slot.code.store(code, std::memory_order_relaxed);
  slot.version.store(version + 2, std::memory_order_release);
}

// The slot's range if it holds `pc`.
CodeRange read(const Slot& slot, uintptr_t pc) {
  uint32_t version = slot.version.load(std::memory_order_acquire);
  uintptr_t begin = slot.begin.load(std::memory_order_relaxed);
  uintptr_t end = slot.end.load(std::memory_order_relaxed);
  const LoadedCode* code = slot.code.load(std::memory_order_relaxed);
  if (pc < begin || pc >= end || version % 2 != 0) return {};
  std::atomic_thread_fence(std::memory_order_acquire);
  if (slot.version.load(std::memory_order_relaxed) != version) return {};
  return {reinterpret_cast<const uint8_t*>(begin), code};
}

}  // namespace

Result<void> publish_code(std::span<const uint8_t> text, const LoadedCode& code) {
  std::lock_guard lock(writer_mutex);
  auto begin = reinterpret_cast<uintptr_t>(text.data());
  size_t used = slots_in_use.load(std::memory_order_relaxed);
  size_t index = 0;
  while (index < used && slot_at(index).end.load(std::memory_order_relaxed) != 0) ++index;
  if (index == used) {
    if (used == slots_per_chunk * max_chunks)
      return fail(ErrorCode::limit, "too many modules are loaded");
    std::atomic<Chunk*>& chunk = chunks[used / slots_per_chunk];
    if (chunk.load(std::memory_order_relaxed) == nullptr)
      chunk.store(new Chunk, std::memory_order_release);
  }
  write(slot_at(index), begin, begin + text.size(), &code);
  if (index == used) slots_in_use.store(used + 1, std::memory_order_release);
  return {};
}

void withdraw_code(const LoadedCode& code) {
  std::lock_guard lock(writer_mutex);
  size_t used = slots_in_use.load(std::memory_order_relaxed);
  for (size_t index = 0; index < used; ++index) {
    Slot& slot = slot_at(index);
    if (slot.code.load(std::memory_order_relaxed) == &code) return write(slot, 0, 0, nullptr);
  }
  CHECK(false && "withdrawn code was published");
}

CodeRange find_code(const void* pc) {
  auto address = reinterpret_cast<uintptr_t>(pc);
  size_t used = slots_in_use.load(std::memory_order_acquire);
  for (size_t index = 0; index < used; ++index) {
    CodeRange range = read(slot_at(index), address);
    if (range.code != nullptr) return range;
  }
  return {};
}

}  // namespace tenon::runtime
