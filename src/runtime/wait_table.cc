#include "runtime/wait_table.h"

#include <algorithm>
#include <chrono>

namespace tenon::runtime {

std::optional<WaitTable::Clock::time_point> WaitTable::deadline(int64_t timeout) {
  if (timeout < 0) return std::nullopt;
  Clock::time_point now = Clock::now();
  std::chrono::nanoseconds wanted(timeout);
  // Centuries ahead, beyond what the clock can say, is never.
  if (wanted > Clock::time_point::max() - now) return std::nullopt;
  return now + wanted;
}

WaitTable::Outcome WaitTable::sleep(std::unique_lock<std::mutex>& lock, const void* cell,
                                    std::optional<Clock::time_point> end) {
  Sleeper self;
  cells_[cell].push_back(&self);
  auto is_woken = [&self] { return self.is_woken; };
  if (!end) {
    self.wake.wait(lock, is_woken);
    return Outcome::woken;
  }
  if (self.wake.wait_until(lock, *end, is_woken)) return Outcome::woken;
  auto found = cells_.find(cell);
  std::erase(found->second, &self);
  if (found->second.empty()) cells_.erase(found);
  return Outcome::timed_out;
}

uint32_t WaitTable::notify(const void* cell, uint32_t count) {
  std::lock_guard lock(mutex_);
  auto found = cells_.find(cell);
  if (found == cells_.end()) return 0;
  std::deque<Sleeper*>& sleepers = found->second;
  auto woken = static_cast<uint32_t>(std::min<size_t>(count, sleepers.size()));
  for (uint32_t i = 0; i < woken; ++i) {
    // Notified under the lock: the sleeper is gone as soon as it can have it.
    sleepers.front()->is_woken = true;
    sleepers.front()->wake.notify_one();
    sleepers.pop_front();
  }
  if (sleepers.empty()) cells_.erase(found);
  return woken;
}

uint32_t WaitTable::sleepers() {
  std::lock_guard lock(mutex_);
  size_t count = 0;
  for (const auto& [cell, sleepers] : cells_) count += sleepers.size();
  return static_cast<uint32_t>(count);
}

}  // namespace tenon::runtime
