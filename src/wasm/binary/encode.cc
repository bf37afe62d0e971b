#include "wasm/binary/encode.h"

#include <algorithm>

#include "base/check.h"

namespace tenon::wasm {

namespace {

// Section ids. wasm: binary-section
constexpr uint8_t custom_id = 0;
constexpr uint8_t type_id = 1;
constexpr uint8_t import_id = 2;
constexpr uint8_t function_id = 3;
constexpr uint8_t table_id = 4;
constexpr uint8_t memory_id = 5;
constexpr uint8_t global_id = 6;
constexpr uint8_t export_id = 7;
constexpr uint8_t start_id = 8;
constexpr uint8_t elem_id = 9;
constexpr uint8_t code_id = 10;
constexpr uint8_t data_id = 11;
constexpr uint8_t data_count_id = 12;

constexpr uint8_t func_type_byte = 0x60;

ConstOp const_op(ConstOp::Kind kind, uint64_t bits) {
  ConstOp op;
  op.kind = kind;
  op.bits = bits;
  return op;
}

// wasm: binary-limits
void write_limits(ByteWriter& out, const Limits& limits, bool is_shared) {
  out.byte(static_cast<uint8_t>((limits.has_max ? 1 : 0) | (is_shared ? 2 : 0) |
                                (limits.is_64 ? 4 : 0)));
  out.u64(limits.min);
  if (limits.has_max) out.u64(limits.max);
}

void write_table_type(ByteWriter& out, const TableType& type) {
  write_val_type(out, type.element);
  write_limits(out, type.limits, false);
}

void write_global_type(ByteWriter& out, const GlobalType& type) {
  write_val_type(out, type.type);
  out.byte(type.is_mutable ? 1 : 0);
}

void write_const_op(ByteWriter& out, const ConstOp& op) {
  using Kind = ConstOp::Kind;
  auto code = [&](Opcode opcode) { out.byte(info(opcode).first_byte()); };
  switch (op.kind) {
    case Kind::i32_const: code(Opcode::i32_const); return out.s64(static_cast<int32_t>(op.bits));
    case Kind::i64_const: code(Opcode::i64_const); return out.s64(static_cast<int64_t>(op.bits));
    case Kind::f32_const:
      code(Opcode::f32_const);
      return out.fixed_u32(static_cast<uint32_t>(op.bits));
    case Kind::f64_const: code(Opcode::f64_const); return out.fixed_u64(op.bits);
    case Kind::v128_const:
      code(Opcode::v128_const);
      out.u32(info(Opcode::v128_const).number());
      out.fixed_u64(op.bits);
      return out.fixed_u64(op.high);
    case Kind::global_get: code(Opcode::global_get); return out.u64(op.bits);
    case Kind::ref_func: code(Opcode::ref_func); return out.u64(op.bits);
    case Kind::ref_null: {
      CHECK(!op.type.heap().is_concrete());
      code(Opcode::ref_null);
      return write_val_type(out, op.type);
    }
    case Kind::i32_add: return code(Opcode::i32_add);
    case Kind::i32_sub: return code(Opcode::i32_sub);
    case Kind::i32_mul: return code(Opcode::i32_mul);
    case Kind::i64_add: return code(Opcode::i64_add);
    case Kind::i64_sub: return code(Opcode::i64_sub);
    case Kind::i64_mul: return code(Opcode::i64_mul);
    default: CHECK(false);
  }
}

void write_const_expr(ByteWriter& out, const ConstExpr& expr) {
  for (const ConstOp& op : expr) write_const_op(out, op);
  out.byte(info(Opcode::end).first_byte());
}

void write_section(ByteWriter& out, uint8_t id, const ByteWriter& content) {
  out.byte(id);
  out.sized(content);
}

// A section of `count` entries, unless there are none.
void write_entries(ByteWriter& out, uint8_t id, size_t count, const ByteWriter& entries) {
  if (count == 0) return;
  ByteWriter content;
  content.size(count);
  content.bytes(entries.view());
  write_section(out, id, content);
}

}  // namespace

ConstExpr const_i32(int32_t value) {
  return {const_op(ConstOp::Kind::i32_const, static_cast<uint32_t>(value))};
}
ConstExpr const_i64(int64_t value) {
  return {const_op(ConstOp::Kind::i64_const, static_cast<uint64_t>(value))};
}
ConstExpr const_global(GlobalIndex global) {
  return {const_op(ConstOp::Kind::global_get, global.index)};
}
ConstExpr const_ref_func(FuncIndex function) {
  return {const_op(ConstOp::Kind::ref_func, function.index)};
}

ConstExpr const_ref_null(HeapType::Abstract type) {
  ConstOp op = const_op(ConstOp::Kind::ref_null, 0);
  op.type = ValType::reference(type, true);
  return {op};
}

TypeIndex ModuleBuilder::type(FuncType type) {
  auto known = std::ranges::find(types_, type);
  if (known != types_.end()) return TypeIndex(static_cast<size_t>(known - types_.begin()));
  types_.push_back(std::move(type));
  return TypeIndex(types_.size() - 1);
}

void ModuleBuilder::import(std::string_view module, std::string_view name, ExternKind kind,
                           bool has_defined) {
  CHECK(!has_defined);
  imports_.out.name(module);
  imports_.out.name(name);
  imports_.out.byte(static_cast<uint8_t>(kind));
  ++imports_.count;
}

FuncIndex ModuleBuilder::import_function(std::string_view module, std::string_view name,
                                         TypeIndex type) {
  import(module, name, ExternKind::func, !functions_.empty());
  imports_.out.u32(type.index);
  function_types_.push_back(type);
  return FuncIndex(function_types_.size() - 1);
}

TableIndex ModuleBuilder::import_table(std::string_view module, std::string_view name,
                                       const TableType& type) {
  import(module, name, ExternKind::table, tables_.count != 0);
  write_table_type(imports_.out, type);
  return TableIndex(table_count_++);
}

MemoryIndex ModuleBuilder::import_memory(std::string_view module, std::string_view name,
                                         const MemoryType& type) {
  import(module, name, ExternKind::memory, memories_.count != 0);
  write_limits(imports_.out, type.limits, type.is_shared);
  return MemoryIndex(memory_count_++);
}

GlobalIndex ModuleBuilder::import_global(std::string_view module, std::string_view name,
                                         const GlobalType& type) {
  import(module, name, ExternKind::global, globals_.count != 0);
  write_global_type(imports_.out, type);
  return GlobalIndex(global_count_++);
}

FuncIndex ModuleBuilder::function(TypeIndex type, std::string name) {
  CHECK(type.index < types_.size());
  FuncIndex index(function_types_.size());
  function_types_.push_back(type);
  auto params = static_cast<uint32_t>(types_[type.index].params.size());
  functions_.push_back({index, type, std::move(name), BodyBuilder(params)});
  return index;
}

BodyBuilder& ModuleBuilder::body(FuncIndex function) {
  size_t imported = function_types_.size() - functions_.size();
  CHECK(function.index >= imported && function.index < function_types_.size());
  return functions_[function.index - imported].body;
}

TableIndex ModuleBuilder::table(const TableType& type) {
  write_table_type(tables_.out, type);
  ++tables_.count;
  return TableIndex(table_count_++);
}

MemoryIndex ModuleBuilder::memory(const MemoryType& type) {
  write_limits(memories_.out, type.limits, type.is_shared);
  ++memories_.count;
  return MemoryIndex(memory_count_++);
}

GlobalIndex ModuleBuilder::global(const GlobalType& type, ConstExpr init) {
  write_global_type(globals_.out, type);
  write_const_expr(globals_.out, init);
  ++globals_.count;
  return GlobalIndex(global_count_++);
}

void ModuleBuilder::add_export(std::string_view name, ExternKind kind, uint32_t index) {
  exports_.out.name(name);
  exports_.out.byte(static_cast<uint8_t>(kind));
  exports_.out.u32(index);
  ++exports_.count;
}

// Ends a segment that holds functions.
ElemIndex ModuleBuilder::add_elem(uint32_t flags, std::span<const FuncIndex> functions) {
  constexpr uint8_t func_kind = 0;
  if (flags != 0) elems_.out.byte(func_kind);
  elems_.out.size(functions.size());
  for (FuncIndex function : functions) elems_.out.u32(function.index);
  return ElemIndex(elems_.count++);
}

// wasm: binary-elem
ElemIndex ModuleBuilder::active_elem(TableIndex table, ConstExpr offset,
                                     std::span<const FuncIndex> functions) {
  uint32_t flags = table.index == 0 ? 0 : 2;
  elems_.out.u32(flags);
  if (flags != 0) elems_.out.u32(table.index);
  write_const_expr(elems_.out, offset);
  return add_elem(flags, functions);
}

ElemIndex ModuleBuilder::passive_elem(std::span<const FuncIndex> functions) {
  elems_.out.u32(1);
  return add_elem(1, functions);
}

ElemIndex ModuleBuilder::declare_elem(std::span<const FuncIndex> functions) {
  elems_.out.u32(3);
  return add_elem(3, functions);
}

// wasm: binary-data
DataIndex ModuleBuilder::active_data(MemoryIndex memory, ConstExpr offset,
                                     std::span<const uint8_t> bytes) {
  datas_.out.u32(memory.index == 0 ? 0 : 2);
  if (memory.index != 0) datas_.out.u32(memory.index);
  write_const_expr(datas_.out, offset);
  datas_.out.size(bytes.size());
  datas_.out.bytes(bytes);
  return DataIndex(datas_.count++);
}

DataIndex ModuleBuilder::passive_data(std::span<const uint8_t> bytes) {
  datas_.out.u32(1);
  datas_.out.size(bytes.size());
  datas_.out.bytes(bytes);
  return DataIndex(datas_.count++);
}

void ModuleBuilder::custom(std::string name, std::span<const uint8_t> bytes) {
  ByteWriter content;
  content.name(name);
  content.bytes(bytes);
  write_section(customs_, custom_id, content);
}

void ModuleBuilder::write_functions(ByteWriter& out) const {
  ByteWriter entries;
  for (const Function& function : functions_) entries.u32(function.type.index);
  write_entries(out, function_id, functions_.size(), entries);
}

void ModuleBuilder::write_code(ByteWriter& out) const {
  ByteWriter entries;
  for (const Function& function : functions_) {
    ByteWriter body;
    function.body.write(body);
    entries.sized(body);
  }
  write_entries(out, code_id, functions_.size(), entries);
}

// wasm: binary-namesec
void ModuleBuilder::write_names(ByteWriter& out) const {
  ByteWriter content;
  content.name("name");
  if (!module_name_.empty()) {
    ByteWriter name;
    name.name(module_name_);
    content.byte(0);
    content.sized(name);
  }
  uint32_t named = 0;
  ByteWriter entries;
  for (const Function& function : functions_) {
    if (function.name.empty()) continue;
    entries.u32(function.index.index);
    entries.name(function.name);
    ++named;
  }
  if (named != 0) write_entries(content, 1, named, entries);
  if (named != 0 || !module_name_.empty()) write_section(out, custom_id, content);
}

// wasm: binary-module
std::vector<uint8_t> ModuleBuilder::finish() const {
  ByteWriter out;
  constexpr std::array<uint8_t, 8> preamble = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00};
  out.bytes(preamble);
  ByteWriter types;
  for (const FuncType& type : types_) {
    types.byte(func_type_byte);
    types.size(type.params.size());
    for (ValType param : type.params) write_val_type(types, param);
    types.size(type.results.size());
    for (ValType result : type.results) write_val_type(types, result);
  }
  write_entries(out, type_id, types_.size(), types);
  write_entries(out, import_id, imports_.count, imports_.out);
  write_functions(out);
  write_entries(out, table_id, tables_.count, tables_.out);
  write_entries(out, memory_id, memories_.count, memories_.out);
  write_entries(out, global_id, globals_.count, globals_.out);
  write_entries(out, export_id, exports_.count, exports_.out);
  if (start_) {
    ByteWriter start;
    start.u32(start_->index);
    write_section(out, start_id, start);
  }
  write_entries(out, elem_id, elems_.count, elems_.out);
  if (datas_.count != 0) {
    ByteWriter count;
    count.u32(datas_.count);
    write_section(out, data_count_id, count);
  }
  write_code(out);
  write_entries(out, data_id, datas_.count, datas_.out);
  out.bytes(customs_.view());
  write_names(out);
  return out.take();
}

}  // namespace tenon::wasm
