#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// BLAKE3, the hash function of keys, digests and message authentication codes; built in because a
// start that finds its code in the cache links no library. Eight chunks at a time where there is
// AVX2.
namespace tenon {

using Digest = std::array<uint8_t, 32>;
using MacKey = std::array<uint8_t, 32>;

class Hasher {
 public:
  Hasher();                            // a plain hash
  explicit Hasher(const MacKey& key);  // a message authentication code
  ~Hasher();                           // wipes the key

  Hasher(const Hasher&) = default;
  Hasher& operator=(const Hasher&) = default;

  Hasher& add(std::span<const uint8_t> bytes);
  // Length first, so that no two lists of texts or numbers give the same bytes.
  Hasher& add(std::string_view text);
  Hasher& add(uint64_t number);
  Digest digest() const;

  static constexpr size_t block_size = 64;
  static constexpr size_t chunk_size = 1024;
  using Cv = std::array<uint32_t, 8>;  // a chaining value

 private:
  Hasher(const Cv& key, uint32_t flags);
  void push(Cv cv, uint64_t chunks);
  void finish_block();

  static constexpr int max_depth = 54;  // 2^64 bytes in chunks of 2^10

  Cv key_;
  uint32_t flags_;
  uint64_t chunks_ = 0;  // whole chunks that are in the stack
  Cv stack_[max_depth];  // roots of complete subtrees, larger ones first
  int depth_ = 0;
  Cv chunk_cv_;                // of the chunk being filled
  uint32_t chunk_blocks_ = 0;  // blocks already in chunk_cv_
  std::array<uint8_t, block_size>
      block_{};  // the block being filled; compressed once more bytes follow
  uint32_t block_bytes_ = 0;
};

Digest hash(std::span<const uint8_t> bytes);
Digest mac(const MacKey& key, std::span<const uint8_t> bytes);

// Takes the same time wherever the two differ.
bool same_digest(const Digest& a, const Digest& b);

std::string to_hex(std::span<const uint8_t> bytes);

}  // namespace tenon
