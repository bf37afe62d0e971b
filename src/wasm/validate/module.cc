#include "wasm/validate/module.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "wasm/validate/const_expr.h"
#include "wasm/validate/function.h"
#include "wasm/validate/null_sink.h"

namespace tenon::wasm {

namespace {

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::invalid, std::move(message));
}

std::unexpected<Error> in_item(Error error, const char* what, size_t index) {
  return std::unexpected(std::move(error).in(fmt::format("{} {}", what, index)));
}

// Applies `check` to each element of an index space, and names the element that it refuses.
template <typename Space, typename Check>
Result<void> for_each(const Space& space, const char* what, Check check) {
  size_t index = 0;
  for (const auto& item : space) {
    if (Result<void> checked = check(item, index); !checked)
      return in_item(std::move(checked).error(), what, index);
    ++index;
  }
  return {};
}

Result<void> check_val_type(const Module& module, ValType type) {
  if (!type.is_ref() || !type.heap().is_concrete() || module.types.contains(type.heap().type()))
    return {};
  return invalid(unknown("type", type.heap().type().index));
}

// wasm: valid-limits
Result<void> check_limits(const Limits& limits, uint64_t most, std::string_view message) {
  if (limits.min > most || (limits.has_max && limits.max > most))
    return invalid(std::string(message));
  if (limits.has_max && limits.min > limits.max)
    return invalid("size minimum must not be greater than maximum");
  return {};
}

// Supertypes precede their subtypes. All depths are checked before any types are compared, since
// that walks along chains of supertypes, of later types too.
Result<void> check_subtype_depths(const Module& module) {
  std::vector<uint8_t> depths(module.types.size(), 0);
  return for_each(module.types, "type", [&](const SubType& type, size_t index) -> Result<void> {
    for (TypeIndex above : type.supertypes)
      depths[index] = static_cast<uint8_t>(depths[above.index] + 1);
    if (depths[index] <= limits::max_subtype_depth) return {};
    return fail(ErrorCode::limit, "the chain of supertypes is too long");
  });
}

// wasm: valid-subtype
Result<void> check_types(const Module& module) {
  TRY_VOID(check_subtype_depths(module));
  return for_each(module.types, "type", [&](const SubType& type, size_t index) -> Result<void> {
    for (TypeIndex above : type.supertypes) {
      const SubType& super = module.types[above];
      if (!super.is_final && composite_matches(module, type, super)) continue;
      return invalid(fmt::format("sub type {} does not match super type {}", index, above.index));
    }
    return {};
  });
}

Result<void> check_func_type(const Module& module, TypeIndex type) {
  if (module.types.contains(type) && module.types[type].kind == SubType::Kind::func) return {};
  return invalid(unknown("type", type.index));
}

Result<void> check_functions(const Module& module) {
  return for_each(module.functions, "func",
                  [&](TypeIndex type, size_t) { return check_func_type(module, type); });
}

// wasm: valid-table
// wasm: valid-tabletype
Result<void> check_tables(const Module& module) {
  return for_each(module.tables, "table", [&](const Table& table, size_t index) -> Result<void> {
    TRY_VOID(check_limits(table.type.limits, max_table_size(table.type),
                          "table size must be at most 2^32 - 1"));
    TRY_VOID(check_val_type(module, table.type.element));
    bool is_imported = index < module.imported_tables;
    if (is_imported || (table.init.empty() && table.type.element.has_default())) return {};
    return validate_const_expr(module, table.init, table.type.element, module.imported_globals);
  });
}

// wasm: valid-memtype
Result<void> check_memories(const Module& module) {
  return for_each(module.memories, "memory", [&](const MemoryType& memory, size_t) -> Result<void> {
    TRY_VOID(check_limits(memory.limits, max_memory_pages(memory),
                          "memory size must be at most 65536 pages (4GiB)"));
    if (memory.is_shared && !memory.limits.has_max)
      return invalid("shared memory must have maximum");
    return {};
  });
}

// wasm: valid-tag
Result<void> check_tags(const Module& module) {
  return for_each(module.tags, "tag", [&](const TagType& tag, size_t) -> Result<void> {
    TRY_VOID(check_func_type(module, tag.type));
    if (!module.types[tag.type].func.results.empty()) return invalid("non-empty tag result type");
    return {};
  });
}

// Before any initial value: that of a table may read a global, too.
// wasm: valid-globaltype
Result<void> check_global_types(const Module& module) {
  return for_each(module.globals, "global", [&](const Global& global, size_t) {
    return check_val_type(module, global.type.type);
  });
}

// wasm: valid-global
Result<void> check_globals(const Module& module) {
  return for_each(module.globals, "global",
                  [&](const Global& global, size_t index) -> Result<void> {
                    if (index < module.imported_globals) return {};
                    return validate_const_expr(module, global.init, global.type.type, index);
                  });
}

struct IndexSpace {
  const char* name;
  size_t size;
};

IndexSpace space_of(const Module& module, ExternKind kind) {
  switch (kind) {
    case ExternKind::func: return {"function", module.functions.size()};
    case ExternKind::table: return {"table", module.tables.size()};
    case ExternKind::memory: return {"memory", module.memories.size()};
    case ExternKind::global: return {"global", module.globals.size()};
    case ExternKind::tag: return {"tag", module.tags.size()};
  }
  return {"definition", 0};
}

// wasm: valid-export
Result<void> check_exports(const Module& module, Features features) {
  std::vector<std::string_view> names;
  names.reserve(module.exports.size());
  for (const Export& item : module.exports) {
    IndexSpace space = space_of(module, item.kind);
    auto refuse = [&](ErrorCode code, std::string message) {
      return std::unexpected(
          Error(code, std::move(message)).in(fmt::format("export `{}`", item.name)));
    };
    if (item.index >= space.size)
      return refuse(ErrorCode::invalid, unknown(space.name, item.index));
    if (item.kind == ExternKind::global &&
        module.globals[GlobalIndex(item.index)].type.is_mutable &&
        !features.has(Feature::mutable_globals)) {
      return refuse(ErrorCode::unsupported,
                    unsupported_message(Feature::mutable_globals, "an exported mutable global"));
    }
    names.push_back(item.name);
  }
  std::ranges::sort(names);
  auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) return invalid(fmt::format("duplicate export name `{}`", *twice));
  return {};
}

// wasm: valid-start
Result<void> check_start(const Module& module) {
  if (!module.start) return {};
  if (!module.functions.contains(*module.start))
    return invalid(unknown("function", module.start->index));
  const FuncType& type = module.func_type(*module.start);
  if (type.params.empty() && type.results.empty()) return {};
  return invalid("start function must have no parameters and no results");
}

ValType address_type(const Limits& limits) {
  return limits.is_64 ? ValType::i64 : ValType::i32;
}

Result<void> check_elements(const Module& module, const ElemSegment& segment) {
  TRY_VOID(check_val_type(module, segment.type));
  for (FuncIndex function : segment.functions) {
    if (!module.functions.contains(function)) return invalid(unknown("function", function.index));
    ValType type = ValType::reference(HeapType(module.functions[function]), false);
    if (!val_matches(module, type, segment.type)) return invalid(type_mismatch(segment.type, type));
  }
  for (const ConstExpr& expr : segment.exprs) {
    TRY_VOID(validate_const_expr(module, expr, segment.type, module.globals.size()));
  }
  return {};
}

// wasm: valid-elem
Result<void> check_elems(const Module& module) {
  return for_each(module.elems, "elem", [&](const ElemSegment& segment, size_t) -> Result<void> {
    TRY_VOID(check_elements(module, segment));
    if (segment.mode != SegmentMode::active) return {};
    if (!module.tables.contains(segment.table))
      return invalid(unknown("table", segment.table.index));
    const TableType& table = module.tables[segment.table].type;
    if (!val_matches(module, segment.type, table.element))
      return invalid(type_mismatch(table.element, segment.type));
    return validate_const_expr(module, segment.offset, address_type(table.limits),
                               module.globals.size());
  });
}

// wasm: valid-data
Result<void> check_datas(const Module& module) {
  return for_each(module.datas, "data", [&](const DataSegment& segment, size_t) -> Result<void> {
    if (segment.mode != SegmentMode::active) return {};
    if (!module.memories.contains(segment.memory))
      return invalid(unknown("memory", segment.memory.index));
    ValType type = address_type(module.memories[segment.memory].limits);
    return validate_const_expr(module, segment.offset, type, module.globals.size());
  });
}

}  // namespace

Result<void> validate_declarations(const Module& module, Features features) {
  TRY_VOID(check_types(module));
  TRY_VOID(check_functions(module));
  TRY_VOID(check_global_types(module));
  TRY_VOID(check_tables(module));
  TRY_VOID(check_memories(module));
  TRY_VOID(check_tags(module));
  TRY_VOID(check_globals(module));
  TRY_VOID(check_exports(module, features));
  TRY_VOID(check_start(module));
  TRY_VOID(check_elems(module));
  return check_datas(module);
}

Result<void> validate_module(const Module& module, Features features) {
  TRY_VOID(validate_declarations(module, features));
  NullSink sink;
  BodyWalker<NullSink> walker(module, features, sink);
  for (size_t i = module.imported_functions; i < module.functions.size(); ++i)
    TRY_VOID(walker.walk(FuncIndex(i)));
  return {};
}

}  // namespace tenon::wasm
