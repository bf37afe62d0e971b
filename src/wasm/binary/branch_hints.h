#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "wasm/module.h"

// The custom section metadata.code.branch_hint: which way `if` and `br_if` are expected to go. It
// is advice: nothing in it makes a module invalid, and a section that does not follow its format,
// or stands behind the code, holds no hints at all.
namespace tenon::wasm {

class BranchHints {
 public:
  explicit BranchHints(const Module& module);

  // Whether the condition of the instruction at this offset in the outermost binary (what a sink is
  // told as its position) is expected to be true.
  std::optional<bool> likely(uint64_t position) const;
  size_t size() const { return hints_.size(); }

 private:
  struct Hint {
    uint64_t position;
    bool likely;
  };
  bool read(const Module& module, std::span<const uint8_t> section);

  std::vector<Hint> hints_;  // by rising position
};

}  // namespace tenon::wasm
