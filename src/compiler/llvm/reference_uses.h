#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "wasm/module.h"

// How long each local of reference type is of use, from one walk over a body: a local is dead
// behind the last instruction that can read the value it has there. A loop reads again at its start
// what it carries from one iteration to the next: what it reads before it has surely assigned it.
// Positions are those of `set_position`.
namespace tenon::compiler::llvm_tier {

// Whether functions of the module can hold references to objects, and which of a function's locals
// do.
bool holds_object_references(const wasm::Module& module);
std::vector<uint32_t> object_reference_locals(const wasm::Module& module,
                                              std::span<const wasm::ValType> locals);

class ReferenceUses {
 public:
  // So many locals carried by loops, in sum over the loops; beyond, every local is of use to the
  // end.
  static constexpr size_t max_carried = 1 << 20;

  void start(std::vector<uint32_t> locals, uint32_t local_count) {
    locals_ = std::move(locals);
    depth_ = 1;
    last_use_.assign(locals_.empty() ? 0 : local_count, 0);
    is_reference_.assign(locals_.empty() ? 0 : local_count, false);
    for (uint32_t local : locals_) is_reference_[local] = true;
  }
  void set_position(uint64_t position) { position_ = position; }
  void open_frame() { ++depth_; }
  void open_loop() {
    ++depth_;
    loops_.push_back({next_loop_++, depth_, {}});
  }
  void close_frame() { --depth_; }
  void close_loop() {
    for (uint32_t local : loops_.back().carried) last_use_[local] = position_ + 1;
    loops_.pop_back();
    --depth_;
  }

  void get(uint32_t local) {
    if (locals_.empty() || !is_reference_[local]) return;
    last_use_[local] = std::max(last_use_[local], position_ + 1);
    for (auto loop = loops_.rbegin(); loop != loops_.rend() && carried_ < max_carried; ++loop) {
      std::pair<uint32_t, uint32_t> key{loop->number, local};
      if (assigned_.contains(key) || !known_.insert(key).second) return;
      loop->carried.push_back(local);
      ++carried_;
    }
  }
  void set(uint32_t local) {
    if (locals_.empty() || !is_reference_[local] || loops_.empty()) return;
    const Loop& loop = loops_.back();
    std::pair<uint32_t, uint32_t> key{loop.number, local};
    if (loop.depth == depth_ && carried_ < max_carried && !known_.contains(key)) {
      assigned_.insert(key);
      ++carried_;
    }
  }

  // Those of reference type.
  std::span<const uint32_t> locals() const { return locals_; }
  bool is_used_behind(uint32_t local, uint64_t position) const {
    return carried_ >= max_carried || last_use_[local] > position + 1;
  }

 private:
  struct Loop {
    uint32_t number;
    uint32_t depth;
    std::vector<uint32_t> carried;
  };

  std::vector<uint32_t> locals_;
  std::vector<bool> is_reference_;
  std::vector<uint64_t> last_use_;  // position plus 1
  uint64_t position_ = 0;
  uint32_t depth_ = 0;
  uint32_t next_loop_ = 0;
  std::vector<Loop> loops_;  // open ones, innermost last
  // By loop and local: read before it was assigned; assigned on every way to what follows.
  std::set<std::pair<uint32_t, uint32_t>> known_;
  std::set<std::pair<uint32_t, uint32_t>> assigned_;
  size_t carried_ = 0;
};

}  // namespace tenon::compiler::llvm_tier
