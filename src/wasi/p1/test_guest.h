#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/memory/directory.h"
#include "host/memory/machine.h"
#include "host/memory/stdio.h"
#include "wasi/p1/process.h"

// For tests: a guest of preview 1 with a memory of two pages, in a world in memory. Places in its
// memory are given out from the start and never taken back.
namespace tenon::wasi::p1 {

class TestGuest {
 public:
  static constexpr uint32_t memory_size = 2 * 65'536;

  explicit TestGuest(WasiConfig config = {}, std::string input = "") {
    auto clock = std::make_unique<host::memory::MemoryClock>();
    time = clock.get();
    root = host::memory::make_directory(*clock);
    World world;
    world.poller = std::make_unique<host::memory::MemoryPoller>(*clock);
    world.clock = std::move(clock);
    world.random = std::make_unique<host::memory::SeededRandom>(1);
    world.input = std::make_unique<host::memory::MemoryInput>(std::move(input));
    world.output = std::make_unique<host::memory::MemoryOutput>(output);
    world.error = std::make_unique<host::memory::MemoryOutput>(errors);
    world.directories.push_back({root, "/", false});
    world.directories.push_back({root, "/fixed", true});
    start(std::move(config), std::move(world));
  }
  TestGuest(WasiConfig config, World world) { start(std::move(config), std::move(world)); }

  uint32_t allocate(uint32_t size, uint32_t alignment = 8) {
    next = (next + alignment - 1) / alignment * alignment;
    uint32_t place = next;
    next += size;
    return place;
  }
  uint32_t put(std::string_view text) {
    uint32_t place = allocate(static_cast<uint32_t>(text.size()), 1);
    std::memcpy(memory.data() + place, text.data(), text.size());
    return place;
  }
  template <typename T>
  T get(uint32_t pointer) const {
    T value;
    std::memcpy(&value, memory.data() + pointer, sizeof value);
    return value;
  }
  template <typename T>
  void set(uint32_t pointer, T value) {
    std::memcpy(memory.data() + pointer, &value, sizeof value);
  }
  std::string text(uint32_t pointer, size_t size) const {
    return std::string(reinterpret_cast<const char*>(memory.data()) + pointer, size);
  }
  // An iovec_array.
  uint32_t vectors(std::initializer_list<std::pair<uint32_t, uint32_t>> buffers) {
    uint32_t place = allocate(static_cast<uint32_t>(buffers.size()) * iovec_size);
    uint32_t at = place;
    for (auto [pointer, size] : buffers) {
      set(at, pointer);
      set(at + 4, size);
      at += iovec_size;
    }
    return place;
  }

  // Calls a function; its trap, if any, is in `trap` afterwards.
  template <typename... Params, typename... Args>
  Error call(Status (*function)(Process&, Guest&, Params...), Args... args) {
    Guest guest(memory);
    Status status = function(*process, guest, static_cast<Params>(args)...);
    trap = guest.take_trap();
    return status ? Error::success : status.error();
  }

  // Opens for what `rights` say; the number is in `fd` afterwards.
  Error open(std::string_view path, uint64_t rights_base, uint32_t open_flags = 0,
             uint32_t directory = 3, uint32_t fd_flags = 0,
             uint32_t lookup = lookupflags_symlink_follow) {
    uint32_t place = put(path);
    uint32_t result = allocate(4, 4);
    Error error = call(path_open, directory, lookup, place, path.size(), open_flags, rights_base, 0,
                       fd_flags, result);
    fd = get<uint32_t>(result);
    return error;
  }
  Error write(uint32_t to, std::string_view text) {
    uint32_t place = put(text);
    uint32_t array = vectors({{place, static_cast<uint32_t>(text.size())}});
    count_at = allocate(4, 4);
    return call(fd_write, to, array, 1, count_at);
  }
  std::string read(uint32_t from, uint32_t size = 64) {
    uint32_t place = allocate(size, 1);
    uint32_t array = vectors({{place, size}});
    count_at = allocate(4, 4);
    Error error = call(fd_read, from, array, 1, count_at);
    if (error != Error::success) return "error " + std::to_string(static_cast<int>(error));
    return text(place, get<uint32_t>(count_at));
  }
  // A function that takes a directory and a path first.
  Error at(Status (*function)(Process&, Guest&, uint32_t, uint32_t, uint32_t),
           std::string_view path, uint32_t directory = 3) {
    return call(function, directory, put(path), path.size());
  }

  std::vector<uint8_t> memory = std::vector<uint8_t>(memory_size);
  uint32_t next = 16;
  std::string output;
  std::string errors;
  host::memory::MemoryClock* time = nullptr;
  std::shared_ptr<host::Directory> root;
  std::unique_ptr<Context> context;
  std::unique_ptr<Process> process;
  std::optional<Trap> trap;
  uint32_t fd = 0;
  uint32_t count_at = 0;

 private:
  void start(WasiConfig config, World world) {
    Result<std::unique_ptr<Context>> made = Context::create(std::move(config), std::move(world));
    if (!made) std::abort();
    context = std::move(*made);
    process = std::make_unique<Process>(*context);
  }
};

}  // namespace tenon::wasi::p1
