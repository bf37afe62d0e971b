#include "tests/mutate/mutator.h"

#include <algorithm>
#include <utility>

namespace tenon::mutate {
namespace {

constexpr size_t preamble_size = 8;
constexpr uint8_t interesting[] = {0x00, 0x01, 0x02, 0x0b, 0x10, 0x3f, 0x40,
                                   0x60, 0x70, 0x7e, 0x7f, 0x80, 0xfe, 0xff};

struct Section {
  uint8_t id;
  Bytes content;
};

// A LEB128 number at `at`, which moves behind it; nothing when it does not end within 5 bytes or
// the input.
bool read_u32(std::span<const uint8_t> bytes, size_t& at, uint32_t& value) {
  value = 0;
  for (int shift = 0; shift < 35 && at < bytes.size(); shift += 7) {
    uint8_t byte = bytes[at++];
    value |= static_cast<uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

void write_u32(Bytes& out, size_t value) {
  do {
    uint8_t byte = value & 0x7f;
    value >>= 7;
    out.push_back(static_cast<uint8_t>(byte | (value ? 0x80 : 0)));
  } while (value);
}

std::vector<Section> split(std::span<const uint8_t> module) {
  std::vector<Section> sections;
  for (size_t at = preamble_size; at < module.size();) {
    uint8_t id = module[at++];
    uint32_t size = 0;
    if (!read_u32(module, at, size) || size > module.size() - at) break;
    auto content = module.subspan(at, size);
    sections.push_back({id, Bytes(content.begin(), content.end())});
    at += size;
  }
  return sections;
}

}  // namespace

Mutator::Mutator(std::span<const Bytes> seeds, uint64_t number)
    : seeds_(seeds), random_(number * 0x9e3779b97f4a7c15u + 1) {}

Bytes Mutator::make() {
  const Bytes& seed = seeds_[below(seeds_.size())];
  if (seed.size() > preamble_size && !one_in(4)) return damage_sections(seed);
  Bytes bytes = seed;
  damage(bytes);
  return bytes;
}

Bytes Mutator::damage_sections(const Bytes& module) {
  std::vector<Section> sections = split(module);
  Bytes bytes(module.begin(), module.begin() + preamble_size);
  if (sections.empty()) return bytes;
  Section& chosen = sections[below(sections.size())];
  // A component within is damaged in the same way, so that nesting is no shelter.
  bool nested =
      chosen.content.size() > preamble_size && chosen.content[0] == 0 && chosen.content[1] == 'a';
  if (nested) {
    chosen.content = damage_sections(chosen.content);
  } else {
    damage(chosen.content);
  }
  if (one_in(16)) std::swap(sections[below(sections.size())], sections[below(sections.size())]);
  if (one_in(16)) sections.push_back(sections[below(sections.size())]);
  for (const Section& section : sections) {
    bytes.push_back(section.id);
    write_u32(bytes, section.content.size());
    bytes.insert(bytes.end(), section.content.begin(), section.content.end());
  }
  return bytes;
}

void Mutator::damage(Bytes& bytes) {
  // Mostly one change, so that many mutants are still valid and reach the compiler.
  uint32_t times = one_in(4) ? 1 + below(8) : 1;
  for (uint32_t i = 0; i < times; ++i) damage_once(bytes);
}

void Mutator::damage_once(Bytes& bytes) {
  if (bytes.empty()) {
    bytes.push_back(static_cast<uint8_t>(random_()));
    return;
  }
  size_t at = below(bytes.size());
  auto place = bytes.begin() + static_cast<ptrdiff_t>(at);
  size_t length = std::min<size_t>(bytes.size() - at, 1 + below(16));
  switch (one_in(4) ? below(8) : below(4)) {
    case 0: *place ^= static_cast<uint8_t>(1u << below(8)); break;
    case 1: *place = static_cast<uint8_t>(random_()); break;
    case 2: *place = interesting[below(std::size(interesting))]; break;
    case 3: *place = static_cast<uint8_t>(*place + 1); break;
    case 4: bytes.erase(place, place + static_cast<ptrdiff_t>(length)); break;
    case 5: {
      Bytes copy(place, place + static_cast<ptrdiff_t>(length));
      bytes.insert(bytes.begin() + below(bytes.size() + 1), copy.begin(), copy.end());
      break;
    }
    case 6: {
      // A number far too large, in the longest form that is allowed.
      const uint8_t large[] = {0xff, 0xff, 0xff, 0xff,
                               static_cast<uint8_t>(one_in(2) ? 0x0f : 0x07)};
      bytes.insert(place, std::begin(large), std::end(large));
      break;
    }
    default: {
      if (one_in(4)) {
        bytes.resize(at);
        break;
      }
      const Bytes& other = seeds_[below(seeds_.size())];
      if (other.empty()) break;
      size_t from = below(other.size());
      size_t count = std::min<size_t>(other.size() - from, 1 + below(64));
      auto first = other.begin() + static_cast<ptrdiff_t>(from);
      bytes.insert(place, first, first + static_cast<ptrdiff_t>(count));
    }
  }
}

}  // namespace tenon::mutate
