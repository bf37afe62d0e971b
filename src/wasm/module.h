#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/types.h"

// A decoded core module: plain data, made by binary/decode_module.h, checked by validate/. Function
// bodies, segment bytes and custom sections are views into the binary, which the owner of the
// Module keeps alive. Each index space lists imports first, as in the standard.
namespace tenon::wasm {

enum class ExternKind : uint8_t { func, table, memory, global, tag };

struct Import {
  std::string_view module;
  std::string_view name;
  ExternKind kind = ExternKind::func;
  uint32_t index = 0;  // in the index space of `kind`
};

struct Export {
  std::string_view name;
  ExternKind kind = ExternKind::func;
  uint32_t index = 0;
};

// wasm: valid-constant. A constant expression as a short list in postfix order; `end` is left out.
struct ConstOp {
  enum class Kind : uint8_t {
    i32_const,
    i64_const,
    f32_const,
    f64_const,
    v128_const,  // value in `bits` (v128: also `high`)
    global_get,
    ref_func,  // index in `bits`
    ref_null,  // heap type in `type`
    i32_add,
    i32_sub,
    i32_mul,
    i64_add,
    i64_sub,
    i64_mul,
    struct_new,
    struct_new_default,
    array_new,
    array_new_default,
    array_new_fixed,  // type index in `bits`
    ref_i31,
    any_convert_extern,
    extern_convert_any,
  };
  Kind kind = Kind::i32_const;
  ValType type;
  uint64_t bits = 0;
  uint64_t high = 0;  // v128: upper half; array_new_fixed: length
};
using ConstExpr = std::vector<ConstOp>;

struct Table {
  TableType type;
  ConstExpr init;  // empty: the default value
};

struct Global {
  GlobalType type;
  ConstExpr init;  // empty for imports
};

enum class SegmentMode : uint8_t { active, passive, declarative };

struct ElemSegment {
  SegmentMode mode = SegmentMode::passive;
  ValType type = ValType::funcref();
  TableIndex table;                  // active
  ConstExpr offset;                  // active
  std::vector<FuncIndex> functions;  // the elements, when each is a function index; else empty
  std::vector<ConstExpr> exprs;      // the elements, when they are expressions; else empty
  size_t size() const { return functions.empty() ? exprs.size() : functions.size(); }
};

struct DataSegment {
  SegmentMode mode = SegmentMode::passive;
  MemoryIndex memory;  // active
  ConstExpr offset;    // active
  std::span<const uint8_t> bytes;
};

struct FunctionBody {
  std::span<const uint8_t> bytes;  // locals and instructions, without the size in front
  uint64_t offset = 0;             // of `bytes` in the outermost binary
};

struct CustomSection {
  std::string_view name;
  std::span<const uint8_t> bytes;
  uint64_t offset = 0;
};

struct Module {
  IdVector<TypeIndex, SubType> types;
  // The first type of this module that each type equals (wasm: match-deftype, equality of rolled-up
  // types). Two types of a module are the same exactly if these are.
  IdVector<TypeIndex, TypeIndex> canonical_types;
  std::vector<RecGroup> rec_groups;
  std::vector<Import> imports;
  IdVector<FuncIndex, TypeIndex> functions;
  IdVector<TableIndex, Table> tables;
  IdVector<MemoryIndex, MemoryType> memories;
  IdVector<GlobalIndex, Global> globals;
  IdVector<TagIndex, TagType> tags;
  std::vector<Export> exports;
  std::optional<FuncIndex> start;
  IdVector<ElemIndex, ElemSegment> elems;
  IdVector<DataIndex, DataSegment> datas;
  std::optional<uint32_t> data_count;  // the data count section, when there is one
  std::vector<FunctionBody> bodies;    // one per defined function, in order
  std::vector<CustomSection> customs;
  // wasm: context (refs). Functions that occur outside bodies and the start: `ref.func` in a body
  // may name these. One bit per function.
  std::vector<bool> declared_functions;

  uint32_t imported_functions = 0;
  uint32_t imported_tables = 0;
  uint32_t imported_memories = 0;
  uint32_t imported_globals = 0;
  uint32_t imported_tags = 0;

  uint64_t offset =
      0;  // of the module's first byte in the outermost binary (a component's nested module: > 0)
  uint64_t size = 0;

  const FuncType& func_type(FuncIndex f) const { return types[functions[f]].func; }
  bool is_imported(FuncIndex f) const { return f.index < imported_functions; }
  const FunctionBody& body(FuncIndex f) const { return bodies[f.index - imported_functions]; }
};

}  // namespace tenon::wasm
