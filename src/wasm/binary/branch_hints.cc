#include "wasm/binary/branch_hints.h"

#include <algorithm>

#include "base/byte_reader.h"

namespace tenon::wasm {

BranchHints::BranchHints(const Module& module) {
  if (module.bodies.empty()) return;
  auto custom =
      std::ranges::find(module.customs, "metadata.code.branch_hint", &CustomSection::name);
  if (custom == module.customs.end() || custom->offset > module.bodies.front().offset) return;
  if (!read(module, custom->bytes)) hints_.clear();
}

// Functions, and hints within each, come in rising order.
bool BranchHints::read(const Module& module, std::span<const uint8_t> section) {
  ByteReader in(section);
  uint32_t functions = in.count();
  for (uint32_t i = 0; i < functions && in.ok(); ++i) {
    FuncIndex function(in.u32());
    if (!module.functions.contains(function) || module.is_imported(function)) return false;
    const FunctionBody& body = module.body(function);
    uint32_t count = in.count();
    for (uint32_t k = 0; k < count && in.ok(); ++k) {
      uint32_t offset = in.u32();
      uint32_t size = in.u32();
      uint8_t value = in.byte();
      uint64_t position = body.offset + offset;
      bool is_hint = size == 1 && value <= 1 && offset < body.bytes.size() &&
                     (hints_.empty() || position > hints_.back().position);
      if (!is_hint) return false;
      hints_.push_back({position, value == 1});
    }
  }
  return in.ok() && in.at_end();
}

std::optional<bool> BranchHints::likely(uint64_t position) const {
  auto at = std::ranges::lower_bound(hints_, position, {}, &Hint::position);
  if (at == hints_.end() || at->position != position) return std::nullopt;
  return at->likely;
}

}  // namespace tenon::wasm
