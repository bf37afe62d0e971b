#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

// A map from names to 32-bit numbers, which does not own the names. Emptying it takes no time, so
// that one map serves all functions of a module. The hash is seeded per process: nobody can
// prepare names that collide.
namespace tenon::wasm::text {

class NameMap {
 public:
  // Null when there is none. The pointer stays good until the next `add`.
  uint32_t* find(std::string_view name);
  // False, and no change, when the name is there.
  bool add(std::string_view name, uint32_t value);
  void clear();

 private:
  struct Slot {
    std::string_view name;
    uint32_t value = 0;
    uint32_t generation = 0;  // of the entry; others than the current one are free slots
  };
  Slot& slot(std::string_view name);
  void grow();

  std::vector<Slot> slots_;  // a power of two, or none
  size_t used_ = 0;
  uint32_t generation_ = 1;
};

}  // namespace tenon::wasm::text
