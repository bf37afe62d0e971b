#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>

// Threads that sleep until a guest wakes them, known by the cell of memory that they wait at: what
// memory.atomic.wait and notify do. Each shared memory has one, for any number of threads. A thread
// waits at one cell at a time, so that the table is never larger than the number of threads.
namespace tenon::runtime {

class WaitTable {
 public:
  // As the instruction gives it.
  enum class Outcome : uint32_t { woken = 0, not_equal = 1, timed_out = 2 };

  WaitTable() = default;
  WaitTable(const WaitTable&) = delete;
  WaitTable& operator=(const WaitTable&) = delete;

  // wasm: memory.atomic.wait. Sleeps if the cell holds `expected`; no `notify` falls between the
  // look and the sleep. `timeout` in nanoseconds; a negative one never comes.
  template <typename T>
  Outcome wait(const T* cell, T expected, int64_t timeout) {
    std::optional<Clock::time_point> end = deadline(timeout);
    std::unique_lock lock(mutex_);
    if (__atomic_load_n(cell, __ATOMIC_SEQ_CST) != expected) return Outcome::not_equal;
    return sleep(lock, cell, end);
  }

  // wasm: memory.atomic.notify. Wakes at most `count` of those who wait at the cell, the longest
  // first; how many that was.
  uint32_t notify(const void* cell, uint32_t count);

  // How many threads wait, at all cells.
  uint32_t sleepers();

 private:
  using Clock = std::chrono::steady_clock;
  struct Sleeper {
    std::condition_variable wake;
    bool is_woken = false;
  };

  // None: never.
  static std::optional<Clock::time_point> deadline(int64_t timeout);
  Outcome sleep(std::unique_lock<std::mutex>& lock, const void* cell,
                std::optional<Clock::time_point> end);

  std::mutex mutex_;
  std::unordered_map<const void*, std::deque<Sleeper*>> cells_;  // none is empty
};

}  // namespace tenon::runtime
