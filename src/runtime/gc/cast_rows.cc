#include "runtime/gc/cast_rows.h"

#include "base/check.h"

namespace tenon::runtime {

namespace {

uint32_t id_of(wasm::SubType::Kind kind) {
  switch (kind) {
    case wasm::SubType::Kind::func: return compiler::func_type_id;
    case wasm::SubType::Kind::struct_: return compiler::struct_type_id;
    case wasm::SubType::Kind::array: return compiler::array_type_id;
  }
  return 0;
}

}  // namespace

Result<CastRows> CastRows::create(uint32_t capacity) {
  CHECK(capacity >= compiler::first_defined_type_id);
  CastRows rows;
  rows.rows_ = TRY(StableArray<compiler::CastRow>::create(capacity));
  TRY_VOID(rows.rows_.grow(compiler::first_defined_type_id));
  rows.rows_[compiler::extern_type_id].ancestor[0] = compiler::extern_type_id;
  return rows;
}

Result<void> CastRows::add(uint32_t id, wasm::SubType::Kind kind, uint32_t super) {
  CHECK(id >= compiler::first_defined_type_id && super < id);
  TRY_VOID(rows_.grow(uint64_t{id} + 1));
  compiler::CastRow& row = rows_[id];
  if (super != 0) row = rows_[super];
  CHECK(row.ancestor[0] == (super == 0 ? 0 : id_of(kind)));
  row.ancestor[0] = id_of(kind);
  for (uint32_t& entry : row.ancestor) {
    if (entry != 0) continue;
    entry = id;
    break;
  }
  return {};
}

}  // namespace tenon::runtime
