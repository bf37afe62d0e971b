#include "base/hash.h"

#include <string.h>

#include <algorithm>
#include <bit>

#include "base/hash_blake3.h"

namespace tenon {

namespace {

using namespace blake3;

constexpr uint32_t last_block = Hasher::chunk_size / Hasher::block_size - 1;

void join(uint8_t (&block)[Hasher::block_size], const Cv& left, const Cv& right) {
  memcpy(block, left.data(), 32);
  memcpy(block + 32, right.data(), 32);
}

}  // namespace

Hasher::Hasher(const Cv& key, uint32_t flags) : key_(key), flags_(flags), chunk_cv_(key) {}
Hasher::Hasher() : Hasher(initial_value, 0) {}
Hasher::Hasher(const MacKey& key) : Hasher(std::bit_cast<Cv>(key), keyed_hash) {}
Hasher::~Hasher() {
  explicit_bzero(&key_, sizeof key_);
}

// Puts the root of a finished subtree on the stack, after joining it with those of equal size
// before it.
void Hasher::push(Cv cv, uint64_t chunks) {
  chunks_ += chunks;
  for (uint64_t total = chunks_ / chunks; (total & 1) == 0; total >>= 1) {
    uint8_t block[block_size];
    join(block, stack_[--depth_], cv);
    cv = key_;
    compress(cv, block, block_size, 0, flags_ | parent);
  }
  stack_[depth_++] = cv;
}

// Compresses the full block at hand, which is not the input's last.
void Hasher::finish_block() {
  uint32_t flags = flags_ | (chunk_blocks_ == 0 ? uint32_t{chunk_start} : 0);
  bool ends_chunk = chunk_blocks_ == last_block;
  compress(chunk_cv_, block_.data(), block_size, chunks_,
           flags | (ends_chunk ? uint32_t{chunk_end} : 0));
  block_bytes_ = 0;
  chunk_blocks_++;
  if (ends_chunk) {
    push(chunk_cv_, 1);
    chunk_cv_ = key_;
    chunk_blocks_ = 0;
  }
}

Hasher& Hasher::add(std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    if (block_bytes_ == block_size) finish_block();
    bool at_subtree = block_bytes_ == 0 && chunk_blocks_ == 0 && chunks_ % subtree_chunks == 0;
    if (at_subtree && bytes.size() > subtree_bytes) {
      push(subtree_cv(bytes.data(), key_, chunks_, flags_), subtree_chunks);
      bytes = bytes.subspan(subtree_bytes);
      continue;
    }
    size_t n = std::min<size_t>(bytes.size(), block_size - block_bytes_);
    memcpy(block_.data() + block_bytes_, bytes.data(), n);
    block_bytes_ += static_cast<uint32_t>(n);
    bytes = bytes.subspan(n);
  }
  return *this;
}

Hasher& Hasher::add(uint64_t number) {
  auto bytes = std::bit_cast<std::array<uint8_t, 8>>(number);
  return add(std::span<const uint8_t>(bytes));
}

Hasher& Hasher::add(std::string_view text) {
  add(uint64_t{text.size()});
  return add(std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

Digest Hasher::digest() const {
  uint8_t block[block_size] = {};
  memcpy(block, block_.data(), block_bytes_);
  Cv cv = chunk_cv_;
  uint32_t flags = flags_ | chunk_end | (chunk_blocks_ == 0 ? uint32_t{chunk_start} : 0);
  size_t length = block_bytes_;
  uint64_t counter = chunks_;
  for (int i = depth_; i > 0; i--) {
    compress(cv, block, length, counter, flags);
    join(block, stack_[i - 1], cv);
    cv = key_;
    flags = flags_ | parent;
    length = block_size;
    counter = 0;
  }
  compress(cv, block, length, counter, flags | root);
  return std::bit_cast<Digest>(cv);
}

Digest hash(std::span<const uint8_t> bytes) {
  return Hasher().add(bytes).digest();
}
Digest mac(const MacKey& key, std::span<const uint8_t> bytes) {
  return Hasher(key).add(bytes).digest();
}

bool same_digest(const Digest& a, const Digest& b) {
  uint8_t difference = 0;
  for (size_t i = 0; i < a.size(); i++) difference |= a[i] ^ b[i];
  return difference == 0;
}

std::string to_hex(std::span<const uint8_t> bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (uint8_t b : bytes) {
    text += digits[b >> 4];
    text += digits[b & 15];
  }
  return text;
}

}  // namespace tenon
