// Memory: an open-addressing map from 64-bit keys to counts, filled, searched and thinned out.
#include "kernel.h"

enum { bits = 20, capacity = 1 << bits, keys = 500000, rounds = 3 };

struct Entry {
  uint64_t key;  // 0: free
  uint64_t count;
};
static struct Entry entries[capacity];

static struct Entry* find(uint64_t key) {
  uint64_t at = key * 0x9e3779b97f4a7c15u >> (64 - bits);
  while (entries[at].key && entries[at].key != key) at = (at + 1) & (capacity - 1);
  return &entries[at];
}

static uint64_t kernel(void) {
  memset(entries, 0, sizeof entries);
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < keys; ++i) {
      uint64_t key = (uint64_t)(random_u32() % keys) * 2654435761u + 1;
      struct Entry* entry = find(key);
      entry->key = key;
      ++entry->count;
    }
  }
  uint64_t found = 0, most = 0;
  for (uint64_t i = 0; i < keys; ++i) {
    const struct Entry* entry = find(i * 2654435761u + 1);
    found += entry->key != 0;
    if (entry->count > most) most = entry->count;
  }
  return found * 100 + most;
}
