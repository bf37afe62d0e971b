#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "compiler/gc_layout.h"
#include "runtime/gc/stable_array.h"

// The host's side of the extern objects of a heap: what each stands for, and what to do when it is
// dead. An entry outlives its object: the collector finds the object unmarked and puts the entry
// into a queue, and `run_finalisers` calls the embedder, at a time of the store's choice.
namespace tenon::runtime {

class ExternTable {
 public:
  static constexpr uint32_t max_externs = 1 << 24;

  // Called once, on the store's thread, when the object is dead or the heap is being destroyed. May
  // use the heap, but in the latter case not make more of these objects.
  using Destroy = void (*)(void* data);

  static Result<ExternTable> create(uint32_t capacity);

  // None when the table is full.
  std::optional<uint32_t> add(compiler::GcRef object, void* data, Destroy destroy);
  void* data(uint32_t index) const { return entries_[index].data; }

  // Looks at entries from `from` on, `count` at most, queues those whose object `is_live` does not
  // know, and returns where to go on; `end()` when that was all.
  template <typename IsLive>
  uint32_t sweep(uint32_t from, uint32_t count, IsLive is_live) {
    uint32_t to = count < end_ - from ? from + count : end_;
    for (uint32_t i = from; i < to; ++i)
      if (entries_[i].state == State::live && !is_live(entries_[i].object)) queue(i);
    return to;
  }
  uint32_t end() const { return end_; }

  // Treats all objects as dead.
  void queue_all();
  uint32_t queued() const { return queued_; }
  void run_finalisers();

 private:
  enum class State : uint32_t { free, live, dead };
  struct Entry {
    void* data;
    Destroy destroy;
    union {
      compiler::GcRef object;  // live
      uint32_t next;           // free, dead
    };
    State state;
  };
  static constexpr uint32_t no_entry = ~0u;

  void queue(uint32_t index);

  StableArray<Entry> entries_;
  uint32_t end_ = 0;
  uint32_t first_free_ = no_entry;
  uint32_t first_dead_ = no_entry;  // the queue, oldest first
  uint32_t last_dead_ = no_entry;
  uint32_t queued_ = 0;
};

}  // namespace tenon::runtime
