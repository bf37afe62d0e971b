#include "compiler/closed_tables.h"

#include <algorithm>
#include <optional>

namespace tenon::compiler {

namespace {

using wasm::ConstExpr;
using wasm::ConstOp;
using wasm::ElemSegment;
using wasm::FuncIndex;
using wasm::TableIndex;

std::optional<uint64_t> constant(const ConstExpr& expression) {
  if (expression.size() != 1) return std::nullopt;
  ConstOp::Kind kind = expression[0].kind;
  if (kind != ConstOp::Kind::i32_const && kind != ConstOp::Kind::i64_const) return std::nullopt;
  return expression[0].bits;
}

// The function that an element is, if it is known: no_function for null.
std::optional<FuncIndex> function_of(const ElemSegment& segment, size_t number) {
  if (!segment.functions.empty()) return segment.functions[number];
  const ConstExpr& expression = segment.exprs[number];
  if (expression.size() != 1) return std::nullopt;
  if (expression[0].kind == ConstOp::Kind::ref_null) return no_function;
  if (expression[0].kind != ConstOp::Kind::ref_func) return std::nullopt;
  return FuncIndex(static_cast<uint32_t>(expression[0].bits));
}

class Finder {
 public:
  Finder(const wasm::Module& module, const std::vector<bool>& is_written)
      : module_(module), is_open_(is_written) {}

  std::vector<ClosedTable> find() {
    close_private_tables();
    if (tables_.empty()) return {};
    for (const ElemSegment& segment : module_.elems.items()) {
      if (segment.mode == wasm::SegmentMode::active && !apply(segment)) return {};
    }
    std::erase_if(tables_, [&](const ClosedTable& t) { return is_open_[t.table.index]; });
    for (ClosedTable& table : tables_) note_positions(table);
    return std::move(tables_);
  }

 private:
  void close_private_tables() {
    for (const wasm::Export& item : module_.exports) {
      if (item.kind == wasm::ExternKind::table) is_open_[item.index] = true;
    }
    for (uint32_t i = module_.imported_tables; i < module_.tables.size(); i++) {
      const wasm::Table& table = module_.tables[TableIndex(i)];
      bool is_null = table.init.empty() ||
                     (table.init.size() == 1 && table.init[0].kind == ConstOp::Kind::ref_null);
      if (!is_null || table.type.limits.min > max_closed_elements) is_open_[i] = true;
      if (is_open_[i] || table.type.element != wasm::ValType::funcref()) continue;
      tables_.push_back(
          {TableIndex(i), std::vector(static_cast<size_t>(table.type.limits.min), no_function)});
    }
  }

  // Whether the segment is applied, whatever else happens.
  bool apply(const ElemSegment& segment) {
    std::optional<uint64_t> offset = constant(segment.offset);
    uint64_t length = module_.tables[segment.table].type.limits.min;
    if (segment.table.index < module_.imported_tables || !offset || *offset > length ||
        segment.size() > length - *offset)
      return false;
    auto table = std::ranges::find(tables_, segment.table, &ClosedTable::table);
    if (table == tables_.end()) return true;
    for (size_t i = 0; i < segment.size(); i++) {
      std::optional<FuncIndex> function = function_of(segment, i);
      if (!function || (*function != no_function && module_.is_imported(*function)))
        is_open_[segment.table.index] = true;
      else
        table->elements[*offset + i] = *function;
    }
    return true;
  }

  void note_positions(ClosedTable& table) const {
    for (uint32_t i = 0; i < table.elements.size(); i++) {
      if (table.elements[i] == no_function) continue;
      uint32_t type = module_.canonical_types[module_.functions[table.elements[i]]].index;
      std::vector<uint32_t>& positions = table.positions[type];
      if (positions.size() <= max_known_positions) positions.push_back(i);
    }
    std::erase_if(table.positions,
                  [](const auto& of_type) { return of_type.second.size() > max_known_positions; });
  }

  const wasm::Module& module_;
  std::vector<bool> is_open_;  // somebody may write it, or it holds what is not known
  std::vector<ClosedTable> tables_;
};

}  // namespace

std::vector<ClosedTable> find_closed_tables(const wasm::Module& module,
                                            const std::vector<bool>& is_written) {
  return Finder(module, is_written).find();
}

}  // namespace tenon::compiler
