#pragma once

#include <vector>

#include "compiler/closed_tables.h"
#include "wasm/features.h"

// What is known of a module's calls before any of its functions is compiled: from one walk over all
// bodies.
namespace tenon::compiler {

struct CallFacts {
  std::vector<ClosedTable> closed_tables = {};
  // No function's tail call leaves the instance. Then calls within the module can rely on the vmctx
  // to be in its register when they return (docs/contract.md, section 1).
  bool stays = false;
  // Of each function: it is the module's own, and called by name or in a closed table.
  std::vector<bool> is_called = {};

  // Null: it is not closed.
  const ClosedTable* closed_table(wasm::TableIndex table) const;
  bool keeps_vmctx(wasm::FuncIndex function) const { return stays && is_called[function.index]; }
};

// `module` is valid.
CallFacts find_call_facts(const wasm::Module& module, const wasm::Features& features);

}  // namespace tenon::compiler
