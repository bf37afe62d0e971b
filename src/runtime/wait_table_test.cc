#include "runtime/wait_table.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace tenon::runtime {

using Outcome = WaitTable::Outcome;

TEST_CASE("wait table: no notify is lost between threads that take turns") {
  WaitTable table;
  uint32_t turn = 0;
  constexpr uint32_t players = 3, rounds = 2'000;
  std::vector<std::jthread> threads;
  for (uint32_t me = 0; me < players; ++me) {
    threads.emplace_back([&, me] {
      for (uint32_t round = 0; round < rounds; ++round) {
        for (;;) {
          uint32_t now = __atomic_load_n(&turn, __ATOMIC_SEQ_CST);
          if (now % players == me) break;
          table.wait(&turn, now, -1);
        }
        __atomic_fetch_add(&turn, 1, __ATOMIC_SEQ_CST);
        table.notify(&turn, players);
      }
    });
  }
  threads.clear();
  CHECK(turn == players * rounds);
  CHECK(table.sleepers() == 0);
}

TEST_CASE("wait table: each sleeper is woken once or times out, and is gone then") {
  WaitTable table;
  uint64_t cells[2] = {0, 0};
  std::atomic<uint32_t> woken = 0, timed_out = 0;
  std::atomic<bool> is_done = false;
  uint32_t notified = 0;
  {
    std::vector<std::jthread> threads;
    for (uint32_t i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int64_t round = 0; round < 500; ++round) {
          Outcome outcome = table.wait<uint64_t>(&cells[i % 2], 0, round * 100);
          ++(outcome == Outcome::woken ? woken : timed_out);
        }
      });
    }
    std::jthread notifier([&] {
      while (!is_done) {
        notified += table.notify(&cells[0], 1);
        notified += table.notify(&cells[1], 2);
      }
    });
    threads.clear();
    is_done = true;
  }
  CHECK(woken + timed_out == 2000);
  CHECK(woken == notified);
  CHECK(table.sleepers() == 0);
}

TEST_CASE("wait table: the cell's value and the time decide") {
  WaitTable table;
  uint32_t cell = 7;
  CHECK(table.wait<uint32_t>(&cell, 8, -1) == Outcome::not_equal);
  auto start = std::chrono::steady_clock::now();
  CHECK(table.wait<uint32_t>(&cell, 7, 20'000'000) == Outcome::timed_out);
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(20));
  CHECK(table.notify(&cell, 1) == 0);
}

}  // namespace tenon::runtime
