#include <fmt/format.h>

#include "base/check.h"
#include "runtime/builtins.h"
#include "runtime/instance.h"
#include "runtime/store.h"
#include "runtime/type_text.h"

// What an instance imports: checks against the types that its module wants (wasm:
// match-externtype).
namespace tenon::runtime {

using compiler::FuncRef;
using compiler::HostFunc;
using compiler::ImportInfo;
using wasm::ExternKind;

namespace {

std::string_view kind_name(ExternKind kind) {
  switch (kind) {
    case ExternKind::func: return "a function";
    case ExternKind::table: return "a table";
    case ExternKind::memory: return "a memory";
    case ExternKind::global: return "a global";
    case ExternKind::tag: return "a tag";
  }
  return "nothing";
}

ExternKind kind_of(const Import& import) {
  if (std::holds_alternative<Table*>(import)) return ExternKind::table;
  if (std::holds_alternative<Memory*>(import)) return ExternKind::memory;
  if (std::holds_alternative<Global>(import)) return ExternKind::global;
  if (std::holds_alternative<Tag*>(import)) return ExternKind::tag;
  return ExternKind::func;
}

// Of everything but memories.
const Store* store_of(const Import& import) {
  if (const auto* table = std::get_if<Table*>(&import)) return &(*table)->store();
  if (const auto* global = std::get_if<Global>(&import)) return global->store;
  if (const auto* tag = std::get_if<Tag*>(&import)) return (*tag)->store;
  return &Store::of(*std::get<FuncRef*>(import));
}

std::unexpected<Error> mismatch(const ImportInfo& import, std::string_view expected,
                                std::string_view found) {
  return fail(ErrorCode::link,
              fmt::format("incompatible import type for `{}::{}`: expected {}, found {}",
                          import.module, import.name, expected, found));
}

// wasm: match-limits. `given` has the present size as its minimum.
bool limits_match(const wasm::Limits& given, const wasm::Limits& wanted) {
  if (given.is_64 != wanted.is_64 || given.min < wanted.min) return false;
  return !wanted.has_max || (given.has_max && given.max <= wanted.max);
}

bool global_matches(const TypeRegistry& types, const wasm::GlobalType& given,
                    const wasm::GlobalType& wanted) {
  if (given.is_mutable != wanted.is_mutable) return false;
  if (!types.matches(given.type, wanted.type)) return false;
  return !given.is_mutable || types.matches(wanted.type, given.type);
}

}  // namespace

Result<void> Instance::link(std::span<const Import> imports) {
  const std::vector<ImportInfo>& wanted = module_.info().imports;
  for (size_t i = 0; i < imports.size(); ++i) TRY_VOID(link_import(wanted[i], imports[i]));
  return {};
}

bool Instance::is_of_this_store(const Import& import) const {
  if (std::holds_alternative<const HostFunction*>(import)) return true;
  if (const auto* memory = std::get_if<Memory*>(&import)) return store_.holds(**memory);
  return store_of(import) == &store_;
}

Result<void> Instance::link_import(const ImportInfo& wanted, const Import& given) {
  if (kind_of(given) != wanted.kind)
    return mismatch(wanted, kind_name(wanted.kind), kind_name(kind_of(given)));
  if (!is_of_this_store(given)) {
    return fail(ErrorCode::link, fmt::format("what is given for `{}::{}` belongs to another store",
                                             wanted.module, wanted.name));
  }
  const compiler::ModuleInfo& info = module_.info();
  TypeRegistry& types = store_.engine().types();
  switch (wanted.kind) {
    case ExternKind::func: return link_function(wanted, given);
    case ExternKind::table: {
      Table* table = std::get<Table*>(given);
      wasm::TableType expected = info.tables[wanted.index].type;
      expected.element = TypeRegistry::canonical(expected.element, module_.type_ids());
      wasm::TableType found = table->type();
      found.limits.min = table->length();
      if (found.element != expected.element || !limits_match(found.limits, expected.limits))
        return mismatch(wanted, text_of(expected), text_of(found));
      table_slots()[wanted.index] = {table->record()->elements, table->record()};
      return {};
    }
    case ExternKind::memory: {
      Memory* memory = std::get<Memory*>(given);
      const wasm::MemoryType& expected = info.memories[wanted.index];
      wasm::MemoryType found = memory->type();
      found.limits.min = memory->pages();
      if (found.is_shared != expected.is_shared ||
          found.page_size_log2 != expected.page_size_log2 ||
          !limits_match(found.limits, expected.limits))
        return mismatch(wanted, text_of(expected), text_of(found));
      memory_slots()[wanted.index] = memory->slot();
      return {};
    }
    case ExternKind::global: {
      const Global& global = std::get<Global>(given);
      wasm::GlobalType expected = info.globals[wanted.index].type;
      expected.type = TypeRegistry::canonical(expected.type, module_.type_ids());
      if (!global_matches(types, global.type, expected))
        return mismatch(wanted, text_of(expected), text_of(global.type));
      imported_globals()[wanted.index] = global.slot;
      return {};
    }
    case ExternKind::tag: break;
  }
  return link_tag(wanted, *std::get<Tag*>(given));
}

// wasm: match-tagtype
Result<void> Instance::link_tag(const ImportInfo& wanted, Tag& given) {
  TypeRegistry& types = store_.engine().types();
  uint32_t expected = module_.type_ids()[module_.info().tags[wanted.index]];
  if (given.type_id != expected)
    return mismatch(wanted, text_of_tag(types.type(expected).func),
                    text_of_tag(types.type(given.type_id).func));
  tags()[wanted.index] = &given;
  return {};
}

Result<void> Instance::link_function(const ImportInfo& wanted, const Import& given) {
  TypeRegistry& types = store_.engine().types();
  uint32_t expected = module_.function_type_id(wanted.index);
  FuncRef& slot = imported_functions()[wanted.index];
  uint32_t found;
  if (const auto* host = std::get_if<const HostFunction*>(&given)) {
    found = TRY(types.add((*host)->type));
    slot = bind(**host);
    slot.type_id = found;
    slot.self = &slot;
  } else {
    const FuncRef& function = *std::get<FuncRef*>(given);
    found = function.type_id;
    slot = function;
  }
  if (!types.is_subtype(found, expected))
    return mismatch(wanted, text_of(types.type(expected).func), text_of(types.type(found).func));
  return {};
}

FuncRef Instance::bind(const HostFunction& definition) {
  HostFunc* host = next_host_function_++;
  *host = {&store_.context(), definition.function, definition.environment, this};
  if (definition.owner) store_.keep(definition.owner);
  return {host_call_entry(definition.type), host, 0, 0, nullptr};
}

}  // namespace tenon::runtime
