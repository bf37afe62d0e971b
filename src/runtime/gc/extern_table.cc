#include "runtime/gc/extern_table.h"

namespace tenon::runtime {

Result<ExternTable> ExternTable::create(uint32_t capacity) {
  ExternTable table;
  table.entries_ = TRY(StableArray<Entry>::create(capacity));
  return table;
}

std::optional<uint32_t> ExternTable::add(compiler::GcRef object, void* data, Destroy destroy) {
  uint32_t index = first_free_;
  if (index != no_entry) {
    first_free_ = entries_[index].next;
  } else {
    if (!entries_.grow(uint64_t{end_} + 1)) return std::nullopt;
    index = end_++;
  }
  Entry& entry = entries_[index];
  entry.data = data;
  entry.destroy = destroy;
  entry.object = object;
  entry.state = State::live;
  return index;
}

void ExternTable::queue(uint32_t index) {
  entries_[index].state = State::dead;
  entries_[index].next = no_entry;
  if (last_dead_ == no_entry) {
    first_dead_ = index;
  } else {
    entries_[last_dead_].next = index;
  }
  last_dead_ = index;
  ++queued_;
}

void ExternTable::queue_all() {
  for (uint32_t i = 0; i < end_; ++i)
    if (entries_[i].state == State::live) queue(i);
}

void ExternTable::run_finalisers() {
  while (first_dead_ != no_entry) {
    uint32_t index = first_dead_;
    Entry dead = entries_[index];
    first_dead_ = dead.next;
    if (first_dead_ == no_entry) last_dead_ = no_entry;
    --queued_;
    entries_[index].state = State::free;
    entries_[index].next = first_free_;
    first_free_ = index;
    if (dead.destroy != nullptr) dead.destroy(dead.data);
  }
}

}  // namespace tenon::runtime
