#pragma once

#include <cstdint>

#include "base/result.h"
#include "compiler/gc_layout.h"
#include "runtime/gc/stable_array.h"
#include "wasm/types.h"

// The rows by which compiled code tests an object's (or function's) type, compiler::CastRow, one
// per type id of an engine. The owner of the ids adds a row for each, supertypes first, before
// anybody else can see the id, and one thread at a time; rows never move or change.
namespace tenon::runtime {

class CastRows {
 public:
  // For ids below `capacity`.
  static Result<CastRows> create(uint32_t capacity);

  // So that adding any id below `count` cannot fail.
  Result<void> make_room(uint64_t count) { return rows_.grow(count); }
  // `super` is 0 for a type without a supertype; else its row is there.
  Result<void> add(uint32_t id, wasm::SubType::Kind kind, uint32_t super);

  const compiler::CastRow* data() const { return rows_.data(); }
  const compiler::CastRow& operator[](uint32_t id) const { return rows_[id]; }

 private:
  StableArray<compiler::CastRow> rows_;
};

}  // namespace tenon::runtime
