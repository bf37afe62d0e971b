#pragma once

#include <deque>
#include <optional>
#include <string>

#include "wasm/binary/byte_writer.h"
#include "wasm/binary/encode_types.h"
#include "wasm/module.h"
#include "wasm/opcode.h"
#include "wasm/validate/sink.h"

// Builds core modules in the binary format: what our own adapters are made of, and what tests feed
// to the decoder. It is for modules that we design: a misuse stops the program (CHECK), and types
// are not checked; the result goes through decoder and validator like any other module.
//
//   ModuleBuilder module;
//   TypeIndex type = module.type({ValType::i32}, {ValType::i32});
//   FuncIndex twice = module.function(type, "twice");
//   module.body(twice).local_get(0).local_get(0).op(Opcode::i32_add);
//   module.export_("twice", twice);
//   std::vector<uint8_t> bytes = module.finish();
namespace tenon::wasm {

namespace detail {

// The immediate of an instruction that takes one or two indices of these kinds.
constexpr Immediate immediate(FuncIndex) {
  return Immediate::func;
}
constexpr Immediate immediate(TypeIndex) {
  return Immediate::type;
}
constexpr Immediate immediate(TagIndex) {
  return Immediate::tag;
}
constexpr Immediate immediate(GlobalIndex) {
  return Immediate::global;
}
constexpr Immediate immediate(TableIndex) {
  return Immediate::table;
}
constexpr Immediate immediate(MemoryIndex) {
  return Immediate::memory;
}
constexpr Immediate immediate(ElemIndex) {
  return Immediate::elem;
}
constexpr Immediate immediate(DataIndex) {
  return Immediate::data;
}
constexpr Immediate immediate(TypeIndex, TableIndex) {
  return Immediate::type_table;
}
constexpr Immediate immediate(TypeIndex, TypeIndex) {
  return Immediate::type_type;
}
constexpr Immediate immediate(TypeIndex, DataIndex) {
  return Immediate::type_data;
}
constexpr Immediate immediate(TypeIndex, ElemIndex) {
  return Immediate::type_elem;
}
constexpr Immediate immediate(TableIndex, TableIndex) {
  return Immediate::table_table;
}
constexpr Immediate immediate(ElemIndex, TableIndex) {
  return Immediate::elem_table;
}
constexpr Immediate immediate(MemoryIndex, MemoryIndex) {
  return Immediate::memory_memory;
}
constexpr Immediate immediate(DataIndex, MemoryIndex) {
  return Immediate::data_memory;
}

}  // namespace detail

// The result of a block: nothing, one value, or a function type of the module.
class BlockSpec {
 public:
  BlockSpec() = default;
  BlockSpec(ValType result) : result_(result) {}  // NOLINT(google-explicit-constructor)
  BlockSpec(ValType::Kind result)
      : BlockSpec(ValType(result)) {}         // NOLINT(google-explicit-constructor)
  BlockSpec(TypeIndex type) : type_(type) {}  // NOLINT(google-explicit-constructor)
  void write(ByteWriter& out) const;

 private:
  std::optional<ValType> result_;
  std::optional<TypeIndex> type_;
};

// The instructions of one body. All functions but those that make labels or locals return the
// builder.
class BodyBuilder {
 public:
  // Names an enclosing block until that block's `end`. The body's own label is `Label{}`.
  struct Label {
    uint32_t depth = 0;
  };

  explicit BodyBuilder(uint32_t params) : params_(params) {}

  // A new local, after parameters and earlier ones; its index.
  uint32_t local(ValType type);

  // An instruction without immediates, or with one or two indices (in the order of the binary).
  BodyBuilder& op(Opcode opcode);
  template <typename Tag>
  BodyBuilder& op(Opcode opcode, Id<Tag> index) {
    return with_index(opcode, detail::immediate(index), index.index);
  }
  template <typename Tag1, typename Tag2>
  BodyBuilder& op(Opcode opcode, Id<Tag1> first, Id<Tag2> second) {
    return with_indices(opcode, detail::immediate(first, second), first.index, second.index);
  }
  BodyBuilder& i32_const(int32_t value);
  BodyBuilder& i64_const(int64_t value);
  BodyBuilder& f32_const(float value);
  BodyBuilder& f64_const(double value);
  BodyBuilder& v128_const(const V128& value);

  BodyBuilder& local_get(uint32_t i) { return with_index(Opcode::local_get, Immediate::local, i); }
  BodyBuilder& local_set(uint32_t i) { return with_index(Opcode::local_set, Immediate::local, i); }
  BodyBuilder& local_tee(uint32_t i) { return with_index(Opcode::local_tee, Immediate::local, i); }
  BodyBuilder& global_get(GlobalIndex global) { return op(Opcode::global_get, global); }
  BodyBuilder& global_set(GlobalIndex global) { return op(Opcode::global_set, global); }

  // Blocks. `end` closes the innermost one; that of the body itself is added by the module.
  Label block(BlockSpec type = {});
  Label loop(BlockSpec type = {});
  Label if_(BlockSpec type = {});
  // Clauses name labels outside of the block that this opens.
  struct CatchSpec {
    CatchKind kind = CatchKind::catch_all;
    Label target;
    TagIndex tag;  // catch_ and catch_ref
  };
  Label try_table(BlockSpec type, std::span<const CatchSpec> catches);
  BodyBuilder& else_();
  BodyBuilder& end();
  // Any branch whose one immediate is a label.
  BodyBuilder& branch(Opcode opcode, Label label);
  BodyBuilder& br(Label label) { return branch(Opcode::br, label); }
  BodyBuilder& br_if(Label label) { return branch(Opcode::br_if, label); }
  // br_on_cast and br_on_cast_fail.
  BodyBuilder& br_on_cast(Opcode opcode, Label label, ValType from, ValType to);
  BodyBuilder& br_table(std::span<const Label> labels, Label otherwise);
  BodyBuilder& return_() { return op(Opcode::return_); }
  BodyBuilder& unreachable() { return op(Opcode::unreachable); }
  BodyBuilder& drop() { return op(Opcode::drop); }
  BodyBuilder& select() { return op(Opcode::select); }
  BodyBuilder& select(ValType type);

  BodyBuilder& call(FuncIndex function) { return op(Opcode::call, function); }
  BodyBuilder& call_indirect(TypeIndex type, TableIndex table) {
    return op(Opcode::call_indirect, type, table);
  }
  BodyBuilder& return_call(FuncIndex function) { return op(Opcode::return_call, function); }
  BodyBuilder& return_call_indirect(TypeIndex type, TableIndex table) {
    return op(Opcode::return_call_indirect, type, table);
  }

  // Any load, store or atomic access without a lane, at the natural alignment unless `align` (a
  // power of two) says less.
  BodyBuilder& access(Opcode opcode, MemoryIndex memory, uint64_t offset,
                      std::optional<uint8_t> align = {});
  BodyBuilder& access_lane(Opcode opcode, MemoryIndex memory, uint64_t offset, uint8_t lane);
  // extract_lane and replace_lane.
  BodyBuilder& lane(Opcode opcode, uint8_t lane);
  BodyBuilder& shuffle(const V128& lanes);
  BodyBuilder& memory_size(MemoryIndex memory) { return op(Opcode::memory_size, memory); }
  BodyBuilder& memory_grow(MemoryIndex memory) { return op(Opcode::memory_grow, memory); }
  BodyBuilder& memory_fill(MemoryIndex memory) { return op(Opcode::memory_fill, memory); }
  BodyBuilder& memory_copy(MemoryIndex to, MemoryIndex from) {
    return op(Opcode::memory_copy, to, from);
  }
  BodyBuilder& memory_init(MemoryIndex to, DataIndex from) {
    return op(Opcode::memory_init, from, to);
  }
  BodyBuilder& data_drop(DataIndex data) { return op(Opcode::data_drop, data); }
  BodyBuilder& atomic_fence();

  BodyBuilder& ref_null(HeapType type);
  BodyBuilder& ref_func(FuncIndex function) { return op(Opcode::ref_func, function); }
  // To a nullable type: ref.test null, ref.cast null.
  BodyBuilder& ref_test(ValType to);
  BodyBuilder& ref_cast(ValType to);
  BodyBuilder& table_get(TableIndex table) { return op(Opcode::table_get, table); }
  BodyBuilder& table_set(TableIndex table) { return op(Opcode::table_set, table); }
  BodyBuilder& table_size(TableIndex table) { return op(Opcode::table_size, table); }
  BodyBuilder& table_grow(TableIndex table) { return op(Opcode::table_grow, table); }
  BodyBuilder& table_fill(TableIndex table) { return op(Opcode::table_fill, table); }
  BodyBuilder& table_copy(TableIndex to, TableIndex from) {
    return op(Opcode::table_copy, to, from);
  }
  BodyBuilder& table_init(TableIndex to, ElemIndex from) {
    return op(Opcode::table_init, from, to);
  }
  BodyBuilder& elem_drop(ElemIndex elem) { return op(Opcode::elem_drop, elem); }

  // struct.get and struct.set.
  BodyBuilder& field(Opcode opcode, TypeIndex type, uint32_t index) {
    return with_indices(opcode, Immediate::type_field, type.index, index);
  }
  BodyBuilder& array_new_fixed(TypeIndex type, uint32_t count) {
    return with_indices(Opcode::array_new_fixed, Immediate::type_count, type.index, count);
  }

  // Bytes as they are, for tests of what this builder does not write.
  BodyBuilder& raw(std::span<const uint8_t> bytes);

  // Locals, instructions and the last `end`. All blocks must be closed.
  void write(ByteWriter& out) const;

 private:
  BodyBuilder& with_index(Opcode opcode, Immediate kind, uint32_t index);
  BodyBuilder& with_indices(Opcode opcode, Immediate kind, uint32_t first, uint32_t second);
  Label open(Opcode opcode, BlockSpec type);
  void code(Opcode opcode);
  uint32_t depth_of(Label label) const;

  uint32_t params_;
  std::vector<ValType> locals_;
  uint32_t depth_ = 0;
  ByteWriter out_;
};

class ModuleBuilder {
 public:
  // The index of a function type; equal types share one.
  TypeIndex type(FuncType type);
  TypeIndex type(std::vector<ValType> params, std::vector<ValType> results) {
    return this->type(FuncType{std::move(params), std::move(results)});
  }
  // A new recursion group; the index of its first type. next_type() is that index beforehand, for
  // types that refer to each other.
  TypeIndex types(std::vector<SubType> group);
  TypeIndex next_type() const { return TypeIndex(types_.size()); }

  // Imports come before definitions of the same kind.
  FuncIndex import_function(std::string_view module, std::string_view name, TypeIndex type);
  TableIndex import_table(std::string_view module, std::string_view name, const TableType& type);
  MemoryIndex import_memory(std::string_view module, std::string_view name, const MemoryType& type);
  GlobalIndex import_global(std::string_view module, std::string_view name, const GlobalType& type);
  TagIndex import_tag(std::string_view module, std::string_view name, TypeIndex type);

  // Defines a function. `name` goes to the name section if it is not empty.
  FuncIndex function(TypeIndex type, std::string name = {});
  // The body of a function defined here; the reference stays valid.
  BodyBuilder& body(FuncIndex function);
  // `init` is the value of all elements; empty: null.
  TableIndex table(const TableType& type, const ConstExpr& init = {});
  MemoryIndex memory(const MemoryType& type);
  GlobalIndex global(const GlobalType& type, ConstExpr init);
  TagIndex tag(TypeIndex type);

  void export_(std::string_view name, FuncIndex function) {
    add_export(name, ExternKind::func, function.index);
  }
  void export_(std::string_view name, TableIndex table) {
    add_export(name, ExternKind::table, table.index);
  }
  void export_(std::string_view name, MemoryIndex memory) {
    add_export(name, ExternKind::memory, memory.index);
  }
  void export_(std::string_view name, GlobalIndex global) {
    add_export(name, ExternKind::global, global.index);
  }
  void export_(std::string_view name, TagIndex tag) {
    add_export(name, ExternKind::tag, tag.index);
  }
  void start(FuncIndex function) { start_ = function; }

  // Segments of functions.
  ElemIndex active_elem(TableIndex table, ConstExpr offset, std::span<const FuncIndex> functions);
  ElemIndex passive_elem(std::span<const FuncIndex> functions);
  // Any segment: of functions, or of expressions.
  ElemIndex elem(const ElemSegment& segment);
  // Makes functions known to `ref.func`.
  ElemIndex declare_elem(std::span<const FuncIndex> functions);
  DataIndex active_data(MemoryIndex memory, ConstExpr offset, std::span<const uint8_t> bytes);
  DataIndex passive_data(std::span<const uint8_t> bytes);

  void module_name(std::string name) { module_name_ = std::move(name); }
  // A custom section behind all others.
  void custom(std::string name, std::span<const uint8_t> bytes);

  std::vector<uint8_t> finish() const;

 private:
  struct Function {
    FuncIndex index;
    TypeIndex type;
    std::string name;
    BodyBuilder body;
  };
  // Entries of a section are written when they are made.
  struct Entries {
    uint32_t count = 0;
    ByteWriter out;
  };

  void import(std::string_view module, std::string_view name, ExternKind kind, bool has_defined);
  void add_export(std::string_view name, ExternKind kind, uint32_t index);
  void write_types(ByteWriter& out) const;
  void write_functions(ByteWriter& out) const;
  void write_code(ByteWriter& out) const;
  void write_names(ByteWriter& out) const;

  std::vector<SubType> types_;
  std::vector<RecGroup> groups_;
  std::vector<TypeIndex> function_types_;  // imports first
  std::deque<Function> functions_;
  Entries imports_, tables_, memories_, tags_, globals_, exports_, elems_, datas_;
  uint32_t table_count_ = 0, memory_count_ = 0, global_count_ = 0,
           tag_count_ = 0;  // with imports
  std::optional<FuncIndex> start_;
  std::string module_name_;
  ByteWriter customs_;
};

// Constant expressions of one instruction.
ConstExpr const_i32(int32_t value);
ConstExpr const_i64(int64_t value);
ConstExpr const_global(GlobalIndex global);
ConstExpr const_ref_null(HeapType type);
ConstExpr const_ref_func(FuncIndex function);

}  // namespace tenon::wasm
