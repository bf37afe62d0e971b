#pragma once

#include <random>

#include "component/types.h"
#include "tenon/value.h"
#include "tests/canon/model.h"

// Random types and values of the model, and the same of the library.
namespace model {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(engine_() % n); }
  bool one_in(uint32_t n) { return below(n) == 0; }
  uint64_t bits() { return engine_() >> below(64); }

 private:
  std::mt19937_64 engine_;
};

// Types that validation accepts, nested to `depth`.
TypeRef random_type(Random& random, int depth);
Value random_value(Random& random, const Type& type);

// The type in a table of the library.
tenon::component::ValType add_type(tenon::component::ComponentTypes& types, const Type& type);
tenon::Value to_library(const Type& type, const Value& value);

}  // namespace model
