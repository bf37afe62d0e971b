#include "component/adapter/module.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace tenon::component {
namespace {

constexpr const char* import_module = "";

std::vector<uint32_t> key_of(const CoreDef& def) {
  auto kind = static_cast<uint32_t>(def.index());
  if (auto* item = std::get_if<CoreExport>(&def)) {
    return {kind, item->instance.index, static_cast<uint32_t>(item->kind), item->index};
  }
  if (auto* flag = std::get_if<InstanceFlag>(&def)) {
    return {kind, flag->instance.index, static_cast<uint32_t>(flag->which)};
  }
  return {kind, std::get<TrampolineId>(def).index};
}

uint32_t id_or_none(const std::optional<MemoryId>& id) {
  return id ? id->index : UINT32_MAX;
}
uint32_t id_or_none(const std::optional<FunctionId>& id) {
  return id ? id->index : UINT32_MAX;
}

enum Helper : uint32_t { range_helper, realloc_helper, string_helper };

const wasm::GlobalType flag_type{Core::i32, true};

}  // namespace

std::vector<CoreDef> ImportList::in_order() const {
  std::vector<CoreDef> all;
  for (const Import& import : functions) all.push_back(import.def);
  for (const Memory& import : memories) all.push_back(import.def);
  all.insert(all.end(), globals.begin(), globals.end());
  return all;
}

AdapterWriter::AdapterWriter(const ComponentTypes& component_types, AdapterImports& imports,
                             ImportList& list)
    : types_(component_types), imports_(imports), list_(list) {
  uint32_t index = 0;
  auto name = [&] { return std::to_string(index++); };
  for (const ImportList::Import& import : list.functions) {
    module_.import_function(import_module, name(), module_.type(import.type));
  }
  for (const ImportList::Memory& import : list.memories) {
    module_.import_memory(import_module, name(), import.type);
  }
  for (size_t i = 0; i < list.globals.size(); i++)
    module_.import_global(import_module, name(), flag_type);
  module_.module_name("adapters");
  trap_ = trampoline({{{FlatType::i32}, {}}, Trap{}});
}

FuncIndex AdapterWriter::function(const CoreDef& def, const wasm::FuncType& type) {
  auto [found, is_new] =
      list_.known.try_emplace(key_of(def), static_cast<uint32_t>(list_.functions.size()));
  if (is_new) list_.functions.push_back({def, type});
  return FuncIndex(found->second);
}

FuncIndex AdapterWriter::trampoline(Trampoline made) {
  wasm::FuncType type = to_wasm(made.signature);
  return function(imports_.trampoline(std::move(made)), type);
}

MemoryIndex AdapterWriter::memory(MemoryId id) {
  CoreExport def = imports_.memory(id);
  auto [found, is_new] =
      list_.known.try_emplace(key_of(def), static_cast<uint32_t>(list_.memories.size()));
  if (is_new) {
    wasm::MemoryType type = imports_.memory_type(id);
    wasm::Limits any_size;
    any_size.is_64 = type.limits.is_64;
    type.limits = any_size;
    list_.memories.push_back({def, type});
  }
  return MemoryIndex(found->second);
}

wasm::GlobalIndex AdapterWriter::flag(InstanceId instance, InstanceFlag::Which which) {
  CoreDef def = InstanceFlag{instance, which};
  auto [found, is_new] =
      list_.known.try_emplace(key_of(def), static_cast<uint32_t>(list_.globals.size()));
  if (is_new) list_.globals.push_back(def);
  return wasm::GlobalIndex(found->second);
}

std::pair<FuncIndex, bool> AdapterWriter::helper(std::vector<uint32_t> key,
                                                 const wasm::FuncType& type, const char* name) {
  auto [found, is_new] = helpers_.try_emplace(std::move(key));
  if (is_new) found->second = module_.function(module_.type(type), name);
  return {found->second, is_new};
}

FuncIndex AdapterWriter::range_check(const Options& side) {
  MemoryId id = *side.memory;
  bool is_64 = side.pointer == FlatType::i64;
  wasm::FuncType type{{to_wasm(side.pointer), Core::i64, Core::i32, Core::i32}, {}};
  auto [function, is_new] = helper({range_helper, id.index}, type, "check-range");
  if (!is_new) return function;
  constexpr uint32_t pointer = 0, bytes = 1, mask = 2, trap = 3;
  Code code = this->code(function);
  code->local_get(pointer);
  if (is_64) code->op(Opcode::i32_wrap_i64);
  code->local_get(mask).op(Opcode::i32_and);
  code.trap_if(AdapterTrap::unaligned_pointer);
  Scratch end(code, Core::i64);
  code->local_get(pointer);
  if (!is_64) code->op(Opcode::i64_extend_i32_u);
  code->local_get(bytes).op(Opcode::i64_add).local_tee(end);
  code->memory_size(memory(id));
  if (!is_64) code->op(Opcode::i64_extend_i32_u);
  code->i64_const(imports_.memory_type(id).page_size_log2).op(Opcode::i64_shl);
  code->op(Opcode::i64_gt_u);
  if (is_64) {
    // Near 2^64 the sum has wrapped.
    code->local_get(end).local_get(pointer).op(Opcode::i64_lt_u).op(Opcode::i32_or);
  }
  code->if_();
  code->local_get(trap).call(trap_).unreachable().end();
  return function;
}

FuncIndex AdapterWriter::realloc(const Options& side) {
  CHECK(side.memory && side.realloc);
  std::vector<uint32_t> key = {realloc_helper, side.instance.index, side.memory->index,
                               side.realloc->index};
  Core address = to_wasm(side.pointer);
  wasm::FuncType type{{address, Core::i32, Core::i32, Core::i32, Core::i32}, {address}};
  auto [function, is_new] = helper(std::move(key), type, "realloc");
  if (!is_new) return function;
  constexpr uint32_t old = 0, old_size = 1, alignment = 2, new_size = 3, trap = 4;
  Code code = this->code(function);
  wasm::GlobalIndex may_leave = flag(side.instance, InstanceFlag::Which::may_leave);
  FuncIndex guest_realloc =
      this->function(*side.realloc, {std::vector<Core>(4, address), {address}});
  Scratch result(code, kind_of(side.pointer));
  bool is_task = tracks_tasks(side.instance);
  if (is_task) code->call(trampoline({{}, EnterTask{side.instance}}));
  code->i32_const(0).global_set(may_leave);
  code->local_get(old);
  for (uint32_t size : {old_size, alignment, new_size}) {
    code->local_get(size);
    code.extend_to(side.pointer);
  }
  code->call(guest_realloc).local_set(result).i32_const(1).global_set(may_leave);
  if (is_task) code->call(trampoline({{}, ExitTask{}}));
  code->local_get(result).local_get(new_size).op(Opcode::i64_extend_i32_u);
  code->local_get(alignment).i32_const(1).op(Opcode::i32_sub);
  code->local_get(trap).call(range_check(side)).local_get(result);
  return function;
}

FuncIndex AdapterWriter::string(const Options& from, const Options& to) {
  std::vector<uint32_t> key = {string_helper,           static_cast<uint32_t>(from.string_encoding),
                               id_or_none(from.memory), static_cast<uint32_t>(to.string_encoding),
                               to.instance.index,       id_or_none(to.memory),
                               id_or_none(to.realloc)};
  std::string name =
      fmt::format("string {} to {}", name_of(from.string_encoding), name_of(to.string_encoding));
  wasm::FuncType type{std::vector<Core>(2, to_wasm(from.pointer)),
                      std::vector<Core>(2, to_wasm(to.pointer))};
  auto [function, is_new] = helper(std::move(key), type, name.c_str());
  if (!is_new) return function;
  Code code = this->code(function);
  write_string_function(*this, code, from, to);
  return function;
}

Result<AdapterModule> build_adapters(const ComponentTypes& types,
                                     const std::vector<AdapterRequest>& requests,
                                     AdapterImports& imports) {
  ImportList list;
  AdapterModule result;
  for (bool is_final : {false, true}) {
    AdapterWriter writer(types, imports, list);
    for (size_t i = 0; i < requests.size(); i++) {
      AdapterFunctions functions =
          TRY(write_adapter(writer, requests[i], fmt::format("adapter {}", i)));
      if (writer.nodes > limits::max_plan_steps) {
        return fail(ErrorCode::limit, fmt::format("calls between components move more than {} "
                                                  "values of distinct types",
                                                  limits::max_plan_steps));
      }
      writer.module().export_(std::to_string(i), functions.call);
      if (functions.finish) writer.module().export_(fmt::format("{} finish", i), *functions.finish);
      if (is_final) result.functions.push_back(functions);
    }
    result.nodes = writer.nodes;
    if (is_final) result.bytes = writer.module().finish();
  }
  result.args = list.in_order();
  return result;
}

}  // namespace tenon::component
