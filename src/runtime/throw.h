#pragma once

#include <array>
#include <cstdint>

#include "compiler/artifact/code_tables.h"
#include "os/guest_call.h"
#include "os/guest_stack.h"

// From a `throw` to its landing pad: the walk over the frames of guest code in between, by the
// unwind tables of artifacts (docs/contract.md, section 9).
namespace tenon::runtime {

// What the tables say about return addresses, kept for the next exception that passes there.
// Belongs to a store, which keeps the code loaded that it runs.
class FrameCache {
 public:
  struct Entry {
    const uint8_t* return_address = nullptr;
    const uint8_t* pad = nullptr;  // where an exception lands that leaves this call; or null
    std::array<uint16_t, compiler::saved_registers> saved_below{};
    uint32_t cfa_offset = 0;  // 0: this is not a guest's code
    bool from_rbp = false;
    bool is_adapter = false;  // between components, which exceptions do not cross
  };

  const Entry& find(const uint8_t* return_address) {
    auto hash = static_cast<size_t>(reinterpret_cast<uintptr_t>(return_address) * multiplier >> 56);
    Entry& entry = entries_[hash];
    if (entry.return_address != return_address) entry = look_up(return_address);
    return entry;
  }

 private:
  // Spreads addresses over the top bits of a product.
  static constexpr uint64_t multiplier = 0x9e3779b97f4a7c15;

  static Entry look_up(const uint8_t* return_address);

  std::array<Entry, 256> entries_;
};

// Where the frames of one entry are left.
enum class WalkEnd : uint8_t {
  landed,    // `landing` is a landing pad, with the registers that it expects
  entry,     // at the C++ that entered
  boundary,  // at the border of a component
};

// From the call at `landing`. The frames lie on `stack`.
WalkEnd find_landing(FrameCache& cache, const os::GuestStack& stack, os::Landing& landing);

// os::ThrowFunction.
bool throw_exception(os::CallState* state, os::Landing* landing, uint32_t exception);

}  // namespace tenon::runtime
