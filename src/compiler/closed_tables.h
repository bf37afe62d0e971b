#pragma once

#include <map>
#include <vector>

#include "wasm/module.h"

// Tables whose elements are known when the module is compiled: the module defines them and does not
// export them, its active segments fill them with functions of its own, and no instruction writes
// them. A call through such a table finds its function in read-only data (docs/contract.md, section
// 6), and its vmctx is the caller's.
//
// That holds from the first instruction on only if no segment can fail before the others are
// applied: a function that reached a table of somebody else by then could be called. So a module
// with a segment for another's table, or one that may be out of bounds, has no closed tables.
namespace tenon::compiler {

// Larger tables are not copied into an artifact.
constexpr uint32_t max_closed_elements = 1 << 16;
constexpr uint32_t max_known_positions = 4;

constexpr wasm::FuncIndex no_function{UINT32_MAX};

struct ClosedTable {
  wasm::TableIndex table;
  std::vector<wasm::FuncIndex> elements = {};  // as many as the table has; null: no_function
  // Of each type that max_known_positions elements have, or fewer: which, in order. By the type's
  // canonical index.
  std::map<uint32_t, std::vector<uint32_t>> positions = {};
};

// `module` is valid; `is_written` says of each table whether an instruction writes it. Sorted by
// table.
std::vector<ClosedTable> find_closed_tables(const wasm::Module& module,
                                            const std::vector<bool>& is_written);

}  // namespace tenon::compiler
