#include "runtime/instance.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "base/check.h"
#include "os/guest_call.h"
#include "runtime/builtins.h"
#include "runtime/store.h"

namespace tenon::runtime {

using compiler::FuncRef;
using compiler::HostFunc;
using compiler::ModuleInfo;
using compiler::Slot;
using compiler::vmctx_alignment;
using compiler::VmHeader;

namespace {

size_t align_up(size_t size, size_t alignment) {
  return (size + alignment - 1) & ~(alignment - 1);
}

size_t count_host_functions(std::span<const Import> imports) {
  return static_cast<size_t>(std::ranges::count_if(imports, [](const Import& import) {
    return std::holds_alternative<const HostFunction*>(import);
  }));
}

}  // namespace

Result<Instance*> Instance::create(Store& store, const Module& module,
                                   std::span<const Import> imports) {
  const ModuleInfo& info = module.info();
  CHECK(imports.size() == info.imports.size());
  if (&module.code().engine() != &store.engine())
    return fail(ErrorCode::link, "the module was loaded into another engine than the store's");
  TRY_VOID(store.count_instance());

  size_t host_at = align_up(sizeof(Instance), alignof(HostFunc));
  size_t dropped_at = host_at + count_host_functions(imports) * sizeof(HostFunc);
  size_t vmctx_at = align_up(dropped_at + info.datas.size() + info.elems.size(), vmctx_alignment) +
                    info.layout.size;
  size_t size = vmctx_at + sizeof(VmHeader);
  // Zeroed, and for large modules fresh from the system: what is not used costs no time.
  Memory* own_memory = nullptr;
  void* block = nullptr;
  uint8_t* end;
  if (compiler::follows_header(info.memories, info.imported_memories)) {
    own_memory = TRY(store.add_memory(info.memories[0], size));
    end = own_memory->base();
  } else {
    block = std::calloc(1, size + vmctx_alignment);
    if (block == nullptr) return fail(ErrorCode::limit, "no memory for an instance");
    end = reinterpret_cast<uint8_t*>(align_up(reinterpret_cast<size_t>(block), vmctx_alignment)) +
          size;
  }
  uint8_t* start = end - size;
  auto* header = new (start + vmctx_at)
      VmHeader{&store.context(), start, builtin_stubs(), module.type_ids().data()};
  auto* instance =
      new (start) Instance(store, module, block, own_memory, header, start + dropped_at,
                           reinterpret_cast<HostFunc*>(start + host_at));
  store.instances_.push_back(instance);
  store.keep(module.code().shared_from_this());

  if (info.needs_heap) TRY_VOID(store.heap());
  if (auto linked = instance->link(imports); !linked) {
    store.drop_newest_instance();
    return std::unexpected(std::move(linked).error());
  }
  TRY_VOID(instance->make_memories());
  TRY_VOID(instance->make_tables());
  instance->make_tags();
  TRY_VOID(instance->make_globals());
  TRY_VOID(instance->make_elements());
  return instance;
}

void Instance::destroy(Instance* instance) {
  void* block = instance->block_;
  instance->~Instance();
  std::free(block);
}

Result<void> Instance::make_memories() {
  const ModuleInfo& info = module_.info();
  for (uint32_t i = info.imported_memories; i < info.memories.size(); ++i) {
    Memory* memory = i == 0 && own_memory_ ? own_memory_ : TRY(store_.add_memory(info.memories[i]));
    memory_slots()[i] = memory->slot();
  }
  const compiler::Artifact& artifact = module_.code().artifact();
  for (const compiler::MemoryImage& image : info.images) {
    Memory& memory = this->memory(image.memory);
    uint64_t mapped = os::round_to_pages(image.size);
    if (image.address > memory.byte_length() || mapped > memory.byte_length() - image.address)
      return fail(ErrorCode::malformed, "a memory image lies outside of its memory");
    TRY_VOID(memory.map_image(image.address, artifact.file(), artifact.image_file_offset(image),
                              image.size));
  }
  return {};
}

Result<void> Instance::make_tables() {
  const ModuleInfo& info = module_.info();
  for (uint32_t i = info.imported_tables; i < info.tables.size(); ++i) {
    wasm::TableType type = info.tables[i].type;
    type.element = TypeRegistry::canonical(type.element, module_.type_ids());
    Table* table = TRY(store_.add_table(type));
    table_slots()[i] = {table->record()->elements, table->record()};
  }
  return {};
}

// wasm: alloc-tag. Each instance has its own.
void Instance::make_tags() {
  const ModuleInfo& info = module_.info();
  for (uint32_t i = info.imported_tags; i < info.tags.size(); ++i)
    tags()[i] = store_.add_tag(module_.type_ids()[info.tags[i]]);
}

// Elements of tables may depend on globals, and globals on imported ones and those before them.
Result<void> Instance::make_globals() {
  const ModuleInfo& info = module_.info();
  for (uint32_t i = info.imported_globals; i < info.globals.size(); ++i)
    *global(i) = TRY(evaluate(info.globals[i].init));
  for (uint32_t i = info.imported_tables; i < info.tables.size(); ++i) {
    if (info.tables[i].init.empty()) continue;
    RefBits value = TRY(evaluate(info.tables[i].init)).low;
    if (value != 0) table(i).fill(0, value, table(i).length());
  }
  return {};
}

// References to objects: each element is one object, however often it is asked for.
Result<void> Instance::make_elements() {
  const std::vector<compiler::ElemInfo>& segments = module_.info().elems;
  for (size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].exprs.empty() || !module_.is_heap_reference(segments[i].type)) continue;
    elements_.resize(segments.size());
    elements_[i].reserve(segments[i].exprs.size());
    for (const wasm::ConstExpr& expr : segments[i].exprs)
      elements_[i].push_back(static_cast<GcRef>(TRY(evaluate(expr)).low));
  }
  return {};
}

void Instance::visit_roots(RootVisitor& visitor) const {
  const auto* globals = at<Slot>(layout().globals);
  for (uint32_t i : module_.heap_globals()) visitor.visit(static_cast<GcRef>(globals[i].low));
  for (const std::vector<GcRef>& segment : elements_) visitor.visit(segment);
}

void Instance::drop_elements(uint32_t segment) {
  dropped_[module_.info().datas.size() + segment] = 1;
  if (segment < elements_.size()) elements_[segment] = {};
}

Slot* Instance::global(uint32_t index) {
  uint32_t imported = module_.info().imported_globals;
  if (index < imported) return imported_globals()[index];
  return at<Slot>(layout().globals) + (index - imported);
}

FuncRef Instance::make_function(uint32_t index) const {
  return {module_.entry(index), vmctx_, module_.function_type_id(index), 0, nullptr};
}

FuncRef* Instance::function(uint32_t index) {
  const ModuleInfo& info = module_.info();
  if (index < info.imported_functions) return imported_functions()[index].self;
  auto found = std::ranges::lower_bound(info.escaping, index);
  CHECK(found != info.escaping.end() && *found == index);
  FuncRef* reference = at<FuncRef>(layout().func_refs) + (found - info.escaping.begin());
  if (reference->self == nullptr) {
    *reference = make_function(index);
    reference->self = reference;
  }
  return reference;
}

Extern Instance::export_of(const compiler::ExportInfo& item) {
  switch (item.kind) {
    case wasm::ExternKind::func: return function(item.index);
    case wasm::ExternKind::table: return &table(item.index);
    case wasm::ExternKind::memory: return &memory(item.index);
    case wasm::ExternKind::global: {
      wasm::GlobalType type = module_.info().globals[item.index].type;
      type.type = TypeRegistry::canonical(type.type, module_.type_ids());
      return Global{global(item.index), type, &store_};
    }
    case wasm::ExternKind::tag: break;
  }
  return tags()[item.index];
}

std::optional<Extern> Instance::find_export(std::string_view name) {
  const compiler::ExportInfo* item = module_.find_export(name);
  if (item == nullptr) return std::nullopt;
  return export_of(*item);
}

std::optional<GuestMemory> Instance::exported_memory() {
  std::optional<uint32_t> index = module_.exported_memory();
  if (!index) return std::nullopt;
  return GuestMemory(*memory_slots()[*index].record);
}

RefBits Instance::element(uint32_t segment, uint64_t index) {
  const compiler::ElemInfo& info = module_.info().elems[segment];
  if (!info.functions.empty()) return reinterpret_cast<RefBits>(function(info.functions[index]));
  if (segment < elements_.size() && !elements_[segment].empty()) return elements_[segment][index];
  return constant(info.exprs[index]);
}

uint64_t Instance::element_count(uint32_t segment) const {
  const ModuleInfo& info = module_.info();
  return dropped_[info.datas.size() + segment] != 0 ? 0 : info.elems[segment].size();
}

std::span<const uint8_t> Instance::data(uint32_t segment) const {
  if (dropped_[segment] != 0) return {};
  return module_.code().artifact().segment(module_.info().datas[segment]);
}

}  // namespace tenon::runtime
