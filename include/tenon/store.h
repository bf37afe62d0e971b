#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tenon/engine.h"
#include "tenon/trap.h"

// What instances live in: their memories, tables and handles, the guest's stack, and state of the
// host's. A store belongs to one thread at a time, and everything in it goes with it. Guests of one
// store can call each other.
namespace tenon {

struct StoreConfig {
  uint64_t max_memory_bytes = UINT64_MAX;              // of all memories together
  uint64_t max_heap_bytes = uint64_t{4} << 30;         // of the garbage-collected heap
  uint64_t stack_bytes = uint64_t{2} << 20;            // for guest code
  uint64_t max_host_call_bytes = uint64_t{128} << 20;  // copied out of a guest by one call
};

// Handles of one kind that a component instance has and has not dropped.
struct LiveHandles {
  std::string type;     // "wasi:io/streams@0.2.0#output-stream", "stream (readable end)"
  std::string creator;  // of resources: "component `a` > `b`", "the root", "the host"; else empty
  std::string holder;   // whose handles they are, likewise
  bool is_borrowed = false;
  uint64_t count = 0;
};

class Store {
 public:
  class Impl;

  explicit Store(const Engine& engine) : Store(engine, StoreConfig()) {}
  Store(const Engine& engine, const StoreConfig& config);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store();

  // One value of each type can be attached, for host functions that take the store. It is destroyed
  // with the store, after all instances and resources.
  template <typename T>
  T& attach(std::unique_ptr<T> state) {
    T& attached = *state;
    attach(&state_key<T>, std::shared_ptr<void>(std::move(state)));
    return attached;
  }
  // Null when none is attached.
  template <typename T>
  T* attached() const {
    return static_cast<T*>(find_attached(&state_key<T>));
  }

  // What instances of components hold at this moment: outside of calls, what they have forgotten to
  // drop. Costs nothing until it is asked for.
  std::vector<LiveHandles> live_handles() const;

  // What to do while all guests wait for the host: for calls of host functions that complete later
  // (tenon/completion.h), or for streams and futures (tenon/stream.h). An event loop's next turn,
  // for instance, that completes some. Returns false when nothing will come, and whoever waits
  // fails. Without one, the store's thread sleeps until another thread completes a call.
  void on_wait(std::function<bool()> wait);

  // Runs the tasks that guests have left behind, and tells the host what has come of its streams
  // and futures, until `is_done`, which is asked in between. The trap of whoever traps meanwhile,
  // or that nothing is left to wait for. Not to be called while a guest calls the host.
  CallResult<void> run_until(const std::function<bool()>& is_done);

  const Engine& engine() const;
  Impl& impl() const { return *impl_; }

 private:
  template <typename T>
  static constexpr char state_key = 0;

  void attach(const void* key, std::shared_ptr<void> state);
  void* find_attached(const void* key) const;

  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon
