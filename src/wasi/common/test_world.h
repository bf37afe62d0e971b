#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include "host/memory/directory.h"
#include "host/memory/machine.h"
#include "host/memory/stdio.h"
#include "wasi/common/context.h"

// For tests: a Context whose world is in memory. `/` can be written, `/fixed` is the same directory
// for reading.
namespace tenon::wasi {

struct TestWorld {
  explicit TestWorld(WasiConfig config = {}, std::string input = "",
                     size_t output_space = 1 << 20) {
    auto made_clock = std::make_unique<host::memory::MemoryClock>();
    clock = made_clock.get();
    root = host::memory::make_directory(*clock);
    World world;
    world.poller = std::make_unique<host::memory::MemoryPoller>(*clock);
    world.clock = std::move(made_clock);
    world.random = std::make_unique<host::memory::SeededRandom>(1);
    world.input = std::make_unique<host::memory::MemoryInput>(std::move(input));
    world.output = std::make_unique<host::memory::MemoryOutput>(output, output_space);
    world.directories.push_back({root, "/", false});
    world.directories.push_back({root, "/fixed", true});
    Result<std::unique_ptr<Context>> made = Context::create(std::move(config), std::move(world));
    if (!made) std::abort();
    context = std::move(*made);
  }

  host::memory::MemoryClock* clock = nullptr;
  std::shared_ptr<host::Directory> root;
  std::string output;
  std::unique_ptr<Context> context;
};

}  // namespace tenon::wasi
