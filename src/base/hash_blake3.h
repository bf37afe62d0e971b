#pragma once

#include <cstddef>
#include <cstdint>

#include "base/hash.h"

// The inner functions of BLAKE3, for hash.cc alone.
namespace tenon::blake3 {

using Cv = Hasher::Cv;

enum Flag : uint32_t { chunk_start = 1, chunk_end = 2, parent = 4, root = 8, keyed_hash = 16 };

constexpr Cv initial_value = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                              0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// Compresses one block, padded with zeros to 64 bytes, into the chaining value.
void compress(Cv& cv, const uint8_t* block, size_t length, uint64_t counter, uint32_t flags);

// A complete subtree that is hashed at once, several chunks in parallel.
constexpr size_t subtree_chunks = 64;
constexpr size_t subtree_bytes = subtree_chunks * Hasher::chunk_size;
Cv subtree_cv(const uint8_t* bytes, const Cv& key, uint64_t first_chunk, uint32_t flags);

}  // namespace tenon::blake3
