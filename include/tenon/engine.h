#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tenon/error.h"

// What compiles and keeps code. One Engine serves any number of threads, stores and components; it
// is cheap to copy, and lives as long as anything that was made with it.
namespace tenon {

struct EngineConfig {
  // How much the compiler does: 0 compiles fastest, 2 makes the fastest code.
  uint8_t opt_level = 2;
  // Threads that compile; 0 means as many as the machine has processors.
  uint32_t compile_threads = 0;
  // Changes to the features of core WebAssembly that guests may use, which are those of version 3.0
  // without them: "threads,-gc", as `tenon validate --features` takes them.
  std::string features = {};
  // Relaxed SIMD instructions give the same results on every processor, those of the standard's
  // deterministic profile.
  bool deterministic_relaxed_simd = false;
  // Where compiled code is kept between runs; nothing is kept without it.
  std::optional<std::string> cache_directory = {};
  // Check every memory access in code and reserve no address space for memories. Without it that
  // happens only where the address space is limited.
  bool checked_memories = false;
  // Let the system back memories of 4 MiB and more by huge pages, where it has them. Guests that
  // use much memory run faster; one that touches little of much makes the process larger.
  bool huge_pages = true;
  // Load compiled code (`tenon compile`) that this user's cache key did not seal. It runs with the
  // rights of this process: only for files as trusted as the process itself.
  bool allow_precompiled = false;

  // Called from the thread that compiles, at most some times a second; for long compiles.
  struct Progress {
    uint64_t done = 0;  // bytes of function bodies
    uint64_t total = 0;
  };
  std::function<void(const Progress&)> on_progress = {};
  // One sentence about something that was mended and need not stop anybody: a damaged cache entry
  // that was compiled again, a cache directory that cannot be used.
  std::function<void(std::string_view)> on_warning = {};
};

class Engine {
 public:
  class Impl;

  Engine() : Engine(EngineConfig()) {}
  explicit Engine(const EngineConfig& config);

  Impl& impl() const { return *impl_; }

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace tenon
