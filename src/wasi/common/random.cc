#include "wasi/common/random.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tenon::wasi {

InsecureRandom::InsecureRandom(const std::array<uint64_t, 4>& seed) : state_(seed) {
  state_[0] |= 1;  // the state must not be all zero
}

uint64_t InsecureRandom::next() {
  auto& s = state_;
  uint64_t result = std::rotl(s[1] * 5, 7) * 9;
  uint64_t shifted = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = std::rotl(s[3], 45);
  return result;
}

void InsecureRandom::fill(std::span<uint8_t> bytes) {
  while (!bytes.empty()) {
    uint64_t value = next();
    size_t n = std::min(bytes.size(), sizeof value);
    std::memcpy(bytes.data(), &value, n);
    bytes = bytes.subspan(n);
  }
}

}  // namespace tenon::wasi
