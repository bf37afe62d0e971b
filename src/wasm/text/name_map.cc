#include "wasm/text/name_map.h"

#include <cstring>

namespace tenon::wasm::text {

namespace {

constexpr size_t first_size = 16;

uint64_t mix(uint64_t a, uint64_t b) {
  auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Where the program was loaded: of all that differs between processes, the cheapest to ask for.
uint64_t seed() {
  static const char anchor = 0;
  return reinterpret_cast<uintptr_t>(&anchor) * 0x9e37'79b9'7f4a'7c15u;
}

uint64_t hash(std::string_view name) {
  uint64_t state = seed() ^ name.size();
  const char* p = name.data();
  size_t left = name.size();
  for (; left >= 8; p += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    state = mix(state ^ word, 0xa076'1d64'78bd'642fu);
  }
  uint64_t word = 0;
  if (left > 0) std::memcpy(&word, p, left);
  state = mix(state ^ word, 0xe703'7ed1'a0b4'28dbu);
  return mix(state, seed() | 1);
}

}  // namespace

// The slot of the name, or the free one where it belongs.
NameMap::Slot& NameMap::slot(std::string_view name) {
  size_t mask = slots_.size() - 1;
  for (size_t i = hash(name) & mask;; i = (i + 1) & mask) {
    Slot& candidate = slots_[i];
    if (candidate.generation != generation_ || candidate.name == name) return candidate;
  }
}

uint32_t* NameMap::find(std::string_view name) {
  if (used_ == 0) return nullptr;
  Slot& found = slot(name);
  return found.generation == generation_ ? &found.value : nullptr;
}

bool NameMap::add(std::string_view name, uint32_t value) {
  if (used_ * 2 >= slots_.size()) grow();
  Slot& found = slot(name);
  if (found.generation == generation_) return false;
  found = Slot{name, value, generation_};
  ++used_;
  return true;
}

void NameMap::clear() {
  if (used_ == 0) return;
  used_ = 0;
  if (++generation_ != 0) return;
  slots_.clear();
  generation_ = 1;
}

void NameMap::grow() {
  std::vector<Slot> old = std::move(slots_);
  slots_.assign(old.empty() ? first_size : old.size() * 2, Slot{});
  for (const Slot& entry : old) {
    if (entry.generation == generation_) slot(entry.name) = entry;
  }
}

}  // namespace tenon::wasm::text
