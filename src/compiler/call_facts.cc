#include "compiler/call_facts.h"

#include <algorithm>

#include "base/check.h"
#include "wasm/validate/function.h"
#include "wasm/validate/null_sink.h"

namespace tenon::compiler {

namespace {

using wasm::ElemIndex;
using wasm::FuncIndex;
using wasm::FuncType;
using wasm::TableIndex;
using wasm::TypeIndex;

struct CallSink : wasm::NullSink {
  explicit CallSink(const wasm::Module& of)
      : module(of),
        is_written(module.tables.size()),
        is_left_through(module.tables.size()),
        is_called(module.functions.size()) {}

  void table_set(TableIndex table, Value, Value) { is_written[table.index] = true; }
  Value table_grow(TableIndex table, Value, Value) {
    is_written[table.index] = true;
    return {};
  }
  void table_fill(TableIndex table, Value, Value, Value) { is_written[table.index] = true; }
  void table_copy(TableIndex to, TableIndex, Value, Value, Value) { is_written[to.index] = true; }
  void table_init(TableIndex table, ElemIndex, Value, Value, Value) {
    is_written[table.index] = true;
  }

  void call(FuncIndex function, const FuncType&, Values, Results) {
    is_called[function.index] = true;
  }
  void return_call(FuncIndex function, const FuncType&, Values) {
    is_called[function.index] = true;
    leaves |= module.is_imported(function);
  }
  void return_call_indirect(TypeIndex, TableIndex table, const FuncType&, Value, Values) {
    is_left_through[table.index] = true;
  }
  void return_call_ref(TypeIndex, const FuncType&, const Ref&, Values) { leaves = true; }

  const wasm::Module& module;
  std::vector<bool> is_written;       // tables
  std::vector<bool> is_left_through;  // tables, by tail calls
  std::vector<bool> is_called;        // functions, by name
  bool leaves = false;                // by a tail call of who knows what
};
static_assert(wasm::Sink<CallSink>);

}  // namespace

const ClosedTable* CallFacts::closed_table(TableIndex table) const {
  auto found = std::ranges::find(closed_tables, table, &ClosedTable::table);
  return found == closed_tables.end() ? nullptr : &*found;
}

CallFacts find_call_facts(const wasm::Module& module, const wasm::Features& features) {
  CallSink sink(module);
  wasm::BodyWalker<CallSink> walker(module, features, sink);
  for (uint32_t i = 0; i < module.bodies.size(); i++)
    CHECK(walker.walk(FuncIndex(module.imported_functions + i)).has_value());
  CallFacts facts;
  facts.closed_tables = find_closed_tables(module, sink.is_written);
  facts.stays = !sink.leaves;
  for (uint32_t i = 0; i < module.tables.size(); i++)
    facts.stays &= !sink.is_left_through[i] || facts.closed_table(TableIndex(i)) != nullptr;
  facts.is_called = std::move(sink.is_called);
  std::fill_n(facts.is_called.begin(), module.imported_functions, false);
  for (const ClosedTable& table : facts.closed_tables) {
    for (FuncIndex function : table.elements) {
      if (function != no_function) facts.is_called[function.index] = true;
    }
  }
  return facts;
}

}  // namespace tenon::compiler
