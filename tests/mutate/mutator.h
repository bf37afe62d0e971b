#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

// Damages WebAssembly binaries, reproducibly: the same inputs and the same number give the same
// bytes everywhere. Most mutants keep the lengths of their sections right, so that damage
// reaches what lies behind the first length check.
namespace tenon::mutate {

using Bytes = std::vector<uint8_t>;

class Mutator {
 public:
  // `seeds` are borrowed and not empty; `number` is the mutant's.
  Mutator(std::span<const Bytes> seeds, uint64_t number);

  Bytes make();

 private:
  uint32_t below(size_t bound) { return static_cast<uint32_t>(random_() % bound); }
  bool one_in(uint32_t n) { return below(n) == 0; }

  // Changes a few places of `bytes`.
  void damage(Bytes& bytes);
  void damage_once(Bytes& bytes);
  // Damages the content of one section and corrects its length; sections may change places, too.
  Bytes damage_sections(const Bytes& module);

  std::span<const Bytes> seeds_;
  std::mt19937_64 random_;
};

}  // namespace tenon::mutate
