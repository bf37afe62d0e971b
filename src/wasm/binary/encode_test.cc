#include "wasm/binary/encode.h"

#include "wasm/binary/names.h"
#include "wasm/testing.h"

#include <doctest/doctest.h>

namespace tenon::wasm {

namespace {

using testing::check;

Limits pages(uint64_t min) {
  return Limits{.min = min};
}

Module decode(const std::vector<uint8_t>& bytes) {
  auto module = decode_module(bytes, 0, Features::validated());
  REQUIRE_MESSAGE(module.has_value(), (module ? "" : module.error().to_string()));
  return std::move(*module);
}

}  // namespace

TEST_CASE("an empty module") {
  auto bytes = ModuleBuilder().finish();
  CHECK(bytes.size() == 8);
  CHECK(check(bytes) == "");
}

TEST_CASE("integers keep their value") {
  ModuleBuilder module;
  FuncIndex function = module.function(module.type({}, {}));
  const std::vector<int64_t> values = {0,   1,   -1,        63,        64,        -64,      -65,
                                       127, 128, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
  for (int64_t value : values) {
    module.global({ValType::i64, false}, const_i64(value));
    module.global({ValType::i32, false}, const_i32(static_cast<int32_t>(value)));
    module.body(function).i64_const(value).drop();
  }
  auto bytes = module.finish();
  CHECK(check(bytes) == "");
  Module decoded = decode(bytes);
  REQUIRE(decoded.globals.size() == 2 * values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    CHECK(decoded.globals[GlobalIndex(2 * i)].init[0].bits == static_cast<uint64_t>(values[i]));
    CHECK(decoded.globals[GlobalIndex(2 * i + 1)].init[0].bits == static_cast<uint32_t>(values[i]));
  }
}

TEST_CASE("all sections come back as they were built") {
  ModuleBuilder module;
  TypeIndex nothing = module.type({}, {});
  TypeIndex binary = module.type({ValType::i32, ValType::i32}, {ValType::i32});
  CHECK(module.type({}, {}) == nothing);
  FuncIndex imported = module.import_function("env", "f", binary);
  TableIndex table_import = module.import_table("env", "t", {pages(1), ValType::externref()});
  MemoryIndex memory_import =
      module.import_memory("env", "m", {Limits{.min = 1, .max = 4, .has_max = true}});
  GlobalIndex global_import = module.import_global("env", "g", {ValType::i64, true});
  FuncIndex sum = module.function(binary, "sum");
  FuncIndex begin = module.function(nothing);
  TableIndex table = module.table({pages(10), ValType::funcref()});
  MemoryIndex memory = module.memory({pages(2)});
  GlobalIndex base = module.global({ValType::i32, false}, const_i32(-5));
  GlobalIndex null = module.global({ValType::externref(), true}, const_ref_null(HeapType::extern_));
  module.body(sum).local_get(0).local_get(1).op(Opcode::i32_add);
  module.export_("sum", sum);
  module.export_("table", table);
  module.export_("memory", memory);
  module.export_("base", base);
  module.start(begin);
  const FuncIndex functions[] = {imported, sum};
  ElemIndex active = module.active_elem(table, const_i32(3), functions);
  ElemIndex passive = module.passive_elem(functions);
  ElemIndex declared = module.declare_elem(functions);
  const uint8_t data[] = {1, 2, 3};
  DataIndex first = module.active_data(memory, const_i32(16), data);
  DataIndex second = module.passive_data(data);
  module.module_name("adapter");
  module.custom("producers", data);

  auto bytes = module.finish();
  CHECK(check(bytes) == "");
  Module decoded = decode(bytes);
  CHECK(decoded.types.size() == 2);
  CHECK(decoded.imports.size() == 4);
  CHECK(decoded.imports[3].name == "g");
  CHECK(decoded.imported_functions == 1);
  CHECK(decoded.func_type(sum).params.size() == 2);
  CHECK(decoded.tables[table_import].type.element == ValType::externref());
  CHECK(decoded.tables[table].type.limits.min == 10);
  CHECK(decoded.memories[memory_import].limits.max == 4);
  CHECK(decoded.memories[memory].limits.min == 2);
  CHECK(decoded.globals[global_import].type.is_mutable);
  CHECK(decoded.globals[base].init[0].bits == 0xfffffffb);
  CHECK(decoded.globals[null].init[0].kind == ConstOp::Kind::ref_null);
  CHECK(decoded.exports.size() == 4);
  CHECK(decoded.exports[2].kind == ExternKind::memory);
  CHECK(decoded.exports[2].index == 1);
  CHECK(decoded.start == begin);
  CHECK(decoded.elems[active].table == table);
  CHECK(decoded.elems[active].functions.size() == 2);
  CHECK(decoded.elems[passive].mode == SegmentMode::passive);
  CHECK(decoded.elems[declared].mode == SegmentMode::declarative);
  CHECK(decoded.datas[first].memory == memory);
  CHECK(decoded.datas[first].offset[0].bits == 16);
  CHECK(decoded.datas[second].bytes.size() == 3);
  CHECK(decoded.data_count == 2u);
  CHECK(decoded.customs.size() == 2);
  CHECK(decoded.customs[0].name == "producers");
  CHECK(decoded.declared_functions == std::vector<bool>{true, true, false});
  Names names(decoded);
  CHECK(names.module_name() == "adapter");
  CHECK(names.function(sum) == "sum");
  CHECK(names.function(begin) == "");
}

TEST_CASE("blocks, labels and branches") {
  ModuleBuilder module;
  TypeIndex pair = module.type({ValType::i32}, {ValType::i32, ValType::i32});
  FuncIndex function = module.function(module.type({ValType::i32}, {ValType::i32}), "walk");
  BodyBuilder& body = module.body(function);
  uint32_t at = body.local(ValType::i32);
  CHECK(at == 1);
  auto done = body.block();
  auto again = body.loop();
  body.local_get(0).op(Opcode::i32_eqz).br_if(done);
  auto inner = body.block();
  const BodyBuilder::Label targets[] = {done, again, inner};
  body.local_get(0).br_table(targets, again);
  body.end().br(again).end().end();
  body.local_get(at);
  body.block(pair);
  body.i32_const(1).end().op(Opcode::i32_sub);
  body.if_(ValType::i32);
  body.i32_const(1).else_().i32_const(2).end();
  CHECK(check(module.finish()) == "");
}

TEST_CASE("memories, tables and calls by index") {
  ModuleBuilder module;
  TypeIndex type = module.type({}, {});
  MemoryIndex from = module.memory({pages(1)});
  MemoryIndex to = module.memory({pages(1)});
  TableIndex table = module.table({pages(4), ValType::funcref()});
  TableIndex other = module.table({pages(4), ValType::funcref()});
  FuncIndex function = module.function(type);
  const FuncIndex functions[] = {function};
  ElemIndex elem = module.passive_elem(functions);
  DataIndex data = module.passive_data({});
  BodyBuilder& body = module.body(function);
  body.i32_const(0).access(Opcode::i64_load, from, 1u << 20).drop();
  body.i32_const(0).i32_const(1).access(Opcode::i32_store8, to, 5);
  body.i32_const(0).f32_const(1.5f).access(Opcode::f32_store, to, 0, 0);
  body.i32_const(0)
      .v128_const({})
      .access_lane(Opcode::v128_load16_lane, to, 5, 7)
      .lane(Opcode::i16x8_extract_lane_u, 7);
  body.drop().v128_const({}).v128_const({}).shuffle({0, 31}).drop();
  body.i32_const(0).i32_const(0).i32_const(8).memory_copy(to, from);
  body.i32_const(0).i32_const(0).i32_const(8).memory_fill(to);
  body.i32_const(0).i32_const(0).i32_const(8).memory_init(to, data).data_drop(data);
  body.memory_size(to).memory_grow(from).drop();
  body.i32_const(0).table_get(other).drop();
  body.i32_const(0).ref_func(function).table_set(other);
  body.ref_null(HeapType::func).table_size(other).table_grow(table).drop();
  body.i32_const(0).ref_null(HeapType::func).i32_const(1).table_fill(other);
  body.i32_const(0).i32_const(0).i32_const(8).table_copy(other, table);
  body.i32_const(0).i32_const(0).i32_const(8).table_init(other, elem).elem_drop(elem);
  body.call(function).i32_const(0).call_indirect(type, other);
  body.i64_const(1).i64_const(2).i32_const(0).select().drop();
  body.ref_null(HeapType::func)
      .ref_null(HeapType::func)
      .i32_const(0)
      .select(ValType::funcref())
      .drop();
  body.f64_const(0.5).drop();
  body.block();
  body.i32_const(0).return_call_indirect(type, table).end();
  body.return_call(function);
  auto bytes = module.finish();
  CHECK(check(bytes) == "");
  CHECK(testing::starts_with(check(bytes, Features::validated().without(Feature::multi_memory)),
                             "a second memory needs the multi-memory feature"));
}

TEST_CASE("types of all kinds come back as they were built") {
  SubType node;
  node.kind = SubType::Kind::struct_;
  node.is_final = false;
  node.fields = {{ValType::reference(HeapType(TypeIndex(1u)), true)},
                 {ValType::i32, FieldType::Packing::i8, true},
                 {ValType::i32, FieldType::Packing::i16, false}};
  SubType leaf = node;
  leaf.supertypes = {TypeIndex(0u)};
  leaf.fields.push_back({ValType::v128, FieldType::Packing::none, true});
  SubType list;
  list.kind = SubType::Kind::array;
  list.fields = {{ValType::reference(HeapType(TypeIndex(0u)), false)}};
  SubType open;
  open.is_final = false;
  open.func = {{ValType::reference(HeapType::noextern, false)},
               {ValType::reference(HeapType::exn, true), ValType::f64}};
  SubType defined;
  defined.func = open.func;
  const std::vector<SubType> group = {node, leaf};

  ModuleBuilder module;
  CHECK(module.next_type() == TypeIndex(0u));
  CHECK(module.types(group) == TypeIndex(0u));
  CHECK(module.types({list}) == TypeIndex(2u));
  CHECK(module.types({}) == TypeIndex(3u));
  CHECK(module.types({open}) == TypeIndex(3u));
  TypeIndex plain = module.type(open.func);
  CHECK(plain == TypeIndex(4u));
  auto bytes = module.finish();
  CHECK(check(bytes) == "");
  Module decoded = decode(bytes);
  CHECK(decoded.types.items() == std::vector<SubType>{node, leaf, list, open, defined});
  REQUIRE(decoded.rec_groups.size() == 5);
  CHECK(decoded.rec_groups[0].size == 2);
  CHECK(decoded.rec_groups[2].size == 0);
}

TEST_CASE("memories, tables, tags and segments of the later features come back") {
  const MemoryType memories[] = {
      {Limits{.min = 1, .max = 9, .has_max = true, .is_64 = true}, true},
      {Limits{.min = uint64_t{1} << 40, .is_64 = true}, false, 0},
  };
  TableType wide{Limits{.min = uint64_t{1} << 33, .is_64 = true}, ValType::externref()};
  TableType full{Limits{.min = 1}, ValType::reference(HeapType::func, false)};
  ModuleBuilder module;
  TypeIndex type = module.type({ValType::i32}, {});
  module.import_tag("env", "t", type);
  FuncIndex function = module.function(type);
  for (const MemoryType& memory : memories) module.memory(memory);
  module.table(wide);
  TableIndex table = module.table(full, const_ref_func(function));
  TagIndex tag = module.tag(type);
  module.export_("t", tag);
  ElemSegment segment;
  segment.mode = SegmentMode::active;
  segment.table = table;
  segment.offset = const_i32(0);
  segment.type = full.element;
  segment.functions = {function};
  module.elem(segment);
  ElemSegment nulls;
  nulls.type = ValType::externref();
  nulls.exprs = {const_ref_null(HeapType::extern_), const_ref_null(HeapType::noextern)};
  module.elem(nulls);
  auto bytes = module.finish();
  CHECK(check(bytes) == "");
  Module decoded = decode(bytes);
  CHECK(decoded.memories.items() == std::vector<MemoryType>(memories, memories + 2));
  REQUIRE(decoded.tables.size() == 2);
  CHECK(decoded.tables[TableIndex(0u)].type == wide);
  CHECK(decoded.tables[table].type == full);
  CHECK(decoded.tables[table].init.size() == 1);
  CHECK(decoded.tags.size() == 2);
  CHECK(decoded.exports[0].kind == ExternKind::tag);
  REQUIRE(decoded.elems.size() == 2);
  CHECK(decoded.elems[ElemIndex(0u)].functions == segment.functions);
  CHECK(decoded.elems[ElemIndex(0u)].table == table);
  CHECK(decoded.elems[ElemIndex(1u)].exprs.size() == 2);
  CHECK(decoded.elems[ElemIndex(1u)].type == ValType::externref());
}

TEST_CASE("constant instructions come back as they were built") {
  using Kind = ConstOp::Kind;
  ModuleBuilder module;
  for (Kind kind : {Kind::struct_new, Kind::struct_new_default, Kind::array_new,
                    Kind::array_new_default, Kind::array_new_fixed, Kind::ref_i31,
                    Kind::any_convert_extern, Kind::extern_convert_any, Kind::v128_const}) {
    ConstOp op;
    op.kind = kind;
    op.bits = kind == Kind::ref_i31 || kind == Kind::any_convert_extern ||
                      kind == Kind::extern_convert_any
                  ? 0
                  : 300;
    op.high = kind == Kind::array_new_fixed || kind == Kind::v128_const ? 7 : 0;
    GlobalIndex global = module.global({ValType::i32, false}, {op});
    Module decoded = decode(module.finish());
    REQUIRE(decoded.globals[global].init.size() == 1);
    const ConstOp& found = decoded.globals[global].init[0];
    CHECK(found.kind == op.kind);
    CHECK(found.bits == op.bits);
    CHECK(found.high == op.high);
  }
}

}  // namespace tenon::wasm
