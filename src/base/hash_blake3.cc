#include "base/hash_blake3.h"

#include <cstring>

namespace tenon::blake3 {

namespace {

constexpr int lane_count = 8;
using Lanes = uint32_t __attribute__((vector_size(4 * lane_count)));

constexpr uint8_t permutation[16] = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};

struct Schedule {
  uint8_t word[7][16];
};
constexpr Schedule make_schedule() {
  Schedule s{};
  for (uint8_t i = 0; i < 16; i++) s.word[0][i] = i;
  for (int round = 1; round < 7; round++) {
    for (int i = 0; i < 16; i++) s.word[round][i] = s.word[round - 1][permutation[i]];
  }
  return s;
}
constexpr Schedule schedule = make_schedule();

// The functions below work on one word or on eight lanes of words, and take lanes by reference
// only, so that they have one meaning with and without AVX2.
#define TENON_INLINE __attribute__((always_inline)) inline

template <int bits, typename Word>
TENON_INLINE void rotate_xor(Word& a, const Word& b) {
  a ^= b;
  a = (a >> bits) | (a << (32 - bits));
}

template <typename Word>
TENON_INLINE void mix(Word& a, Word& b, Word& c, Word& d, const Word& x, const Word& y) {
  a += b + x;
  rotate_xor<16>(d, a);
  c += d;
  rotate_xor<12>(b, c);
  a += b + y;
  rotate_xor<8>(d, a);
  c += d;
  rotate_xor<7>(b, c);
}

template <typename Word>
TENON_INLINE void rounds(Word (&v)[16], const Word (&m)[16]) {
  for (const auto& s : schedule.word) {
    mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
    mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
    mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
    mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
    mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
    mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
    mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
    mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
  }
}

// Eight rows of eight words to eight columns.
TENON_INLINE void transpose(Lanes* r) {
  Lanes t[8];
  for (int i = 0; i < 8; i += 2) {
    t[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    t[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  Lanes u[8];
  for (int i = 0; i < 8; i += 4) {
    u[i] = __builtin_shufflevector(t[i], t[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    u[i + 1] = __builtin_shufflevector(t[i], t[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    u[i + 2] = __builtin_shufflevector(t[i + 1], t[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
    u[i + 3] = __builtin_shufflevector(t[i + 1], t[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  for (int i = 0; i < 4; i++) {
    r[i] = __builtin_shufflevector(u[i], u[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    r[i + 4] = __builtin_shufflevector(u[i], u[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

// Eight inputs of `blocks` blocks each, one behind the other; writes eight chaining values. Leaves
// count chunks from `counter`; parents have counter zero.
struct Job {
  const uint8_t* bytes;
  int blocks;
  const Cv* key;
  uint64_t counter;
  bool counting;
  uint32_t flags, first_flag, last_flag;
  Cv* out;
};

TENON_INLINE void hash_lanes(const Job& job) {
  Lanes cv[8];
  for (int i = 0; i < 8; i++) cv[i] = Lanes{} + (*job.key)[static_cast<size_t>(i)];
  Lanes low{};
  Lanes high{};
  for (uint64_t i = 0; i < lane_count; i++) {
    uint64_t counter = job.counting ? job.counter + i : 0;
    low[i] = static_cast<uint32_t>(counter);
    high[i] = static_cast<uint32_t>(counter >> 32);
  }
  const size_t stride = static_cast<size_t>(job.blocks) * Hasher::block_size;
  for (int block = 0; block < job.blocks; block++) {
    uint32_t flags = job.flags | (block == 0 ? job.first_flag : 0) |
                     (block == job.blocks - 1 ? job.last_flag : 0);
    Lanes m[16];
    const uint8_t* from = job.bytes + static_cast<size_t>(block) * Hasher::block_size;
    for (size_t lane = 0; lane < lane_count; lane++) {
      std::memcpy(&m[lane], from + lane * stride, 32);
      std::memcpy(&m[lane + 8], from + lane * stride + 32, 32);
    }
    transpose(m);
    transpose(m + 8);
    Lanes v[16];
    for (int i = 0; i < 8; i++) v[i] = cv[i];
    for (int i = 0; i < 4; i++) v[i + 8] = Lanes{} + initial_value[static_cast<size_t>(i)];
    v[12] = low;
    v[13] = high;
    v[14] = Lanes{} + static_cast<uint32_t>(Hasher::block_size);
    v[15] = Lanes{} + flags;
    rounds(v, m);
    for (int i = 0; i < 8; i++) cv[i] = v[i] ^ v[i + 8];
  }
  transpose(cv);
  std::memcpy(job.out, cv, sizeof cv);
}

void hash_lanes_baseline(const Job& job) {
  hash_lanes(job);
}
__attribute__((target("avx2"))) void hash_lanes_avx2(const Job& job) {
  hash_lanes(job);
}

}  // namespace

void compress(Cv& cv, const uint8_t* block, size_t length, uint64_t counter, uint32_t flags) {
  uint32_t m[16];
  std::memcpy(m, block, sizeof m);
  uint32_t v[16] = {cv[0],
                    cv[1],
                    cv[2],
                    cv[3],
                    cv[4],
                    cv[5],
                    cv[6],
                    cv[7],
                    initial_value[0],
                    initial_value[1],
                    initial_value[2],
                    initial_value[3],
                    static_cast<uint32_t>(counter),
                    static_cast<uint32_t>(counter >> 32),
                    static_cast<uint32_t>(length),
                    flags};
  rounds(v, m);
  for (size_t i = 0; i < 8; i++) cv[i] = v[i] ^ v[i + 8];
}

Cv subtree_cv(const uint8_t* bytes, const Cv& key, uint64_t first_chunk, uint32_t flags) {
  auto* hash_eight = __builtin_cpu_supports("avx2") ? hash_lanes_avx2 : hash_lanes_baseline;
  Cv nodes[subtree_chunks];
  for (size_t i = 0; i < subtree_chunks; i += lane_count) {
    hash_eight({bytes + i * Hasher::chunk_size, Hasher::chunk_size / Hasher::block_size, &key,
                first_chunk + i, true, flags, chunk_start, chunk_end, nodes + i});
  }
  for (size_t count = subtree_chunks / 2; count > 0; count /= 2) {
    if (count >= lane_count) {
      for (size_t i = 0; i < count; i += lane_count) {
        Cv out[lane_count];
        hash_eight({reinterpret_cast<const uint8_t*>(nodes + 2 * i), 1, &key, 0, false,
                    flags | parent, 0, 0, out});
        std::memcpy(nodes + i, out, sizeof out);
      }
      continue;
    }
    for (size_t i = 0; i < count; i++) {
      uint8_t block[Hasher::block_size];
      std::memcpy(block, nodes + 2 * i, sizeof block);
      nodes[i] = key;
      compress(nodes[i], block, sizeof block, 0, flags | parent);
    }
  }
  return nodes[0];
}

}  // namespace tenon::blake3
