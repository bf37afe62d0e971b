#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "compiler/contract.h"
#include "runtime/extern.h"
#include "runtime/gc/roots.h"
#include "runtime/guest_memory.h"
#include "runtime/memory.h"
#include "runtime/module.h"
#include "runtime/table.h"
#include "tenon/trap.h"

// A core module in a store. One block of memory holds this object, the host functions that it
// imports, and its vmctx (docs/contract.md, section 4) at the end: in front of the module's memory
// 0 where that is its own, else on the heap. Lives as long as its store.
namespace tenon::runtime {

class Store;

class Instance {
 public:
  // Checks the imports (in the order of ModuleInfo::imports) and makes memories, tables and
  // globals. Runs no guest code. The store owns the instance.
  static Result<Instance*> create(Store& store, const Module& module,
                                  std::span<const Import> imports);

  // Applies the active segments and runs the start function. Once, after `create`; the instance may
  // be used by others even when this fails (wasm: exec-instantiation).
  CallResult<void> initialize();

  Store& store() const { return store_; }
  const Module& module() const { return module_; }
  compiler::VmHeader* vmctx() const { return vmctx_; }

  std::optional<Extern> find_export(std::string_view name);
  // By index of the module's index space.
  Extern export_of(const compiler::ExportInfo& item);
  compiler::FuncRef* function(uint32_t index);
  Memory& memory(uint32_t index) { return Memory::of(memory_slots()[index].record); }
  Table& table(uint32_t index) { return Table::of(table_slots()[index].record); }
  compiler::Slot* global(uint32_t index);

  // The memory exported as "memory", which preview 1 and its like use.
  std::optional<GuestMemory> exported_memory();

  // An element of an element segment, as generated code holds it.
  RefBits element(uint32_t segment, uint64_t index);
  // The bytes of a data segment, and how many elements a segment has: none when it was dropped.
  std::span<const uint8_t> data(uint32_t segment) const;
  uint64_t element_count(uint32_t segment) const;
  // The references to heap objects in defined globals and in segments.
  void visit_roots(RootVisitor& visitor) const;
  void drop_data(uint32_t segment) { dropped_[segment] = 1; }
  void drop_elements(uint32_t segment);

 private:
  friend class Store;
  static void destroy(Instance* instance);
  Instance(Store& store, const Module& module, void* block, Memory* own_memory,
           compiler::VmHeader* vmctx, uint8_t* dropped, compiler::HostFunc* host_functions)
      : store_(store),
        module_(module),
        block_(block),
        own_memory_(own_memory),
        vmctx_(vmctx),
        dropped_(dropped),
        next_host_function_(host_functions) {}

  template <typename T>
  T* at(int32_t offset) const {
    return reinterpret_cast<T*>(reinterpret_cast<uint8_t*>(vmctx_) + offset);
  }
  const compiler::VmLayout& layout() const { return module_.info().layout; }
  compiler::MemorySlot* memory_slots() const { return at<compiler::MemorySlot>(layout().memories); }
  compiler::TableSlot* table_slots() const { return at<compiler::TableSlot>(layout().tables); }
  compiler::FuncRef* imported_functions() const {
    return at<compiler::FuncRef>(layout().imported_functions);
  }
  compiler::Slot** imported_globals() const {
    return at<compiler::Slot*>(layout().imported_globals);
  }
  Tag** tags() const { return at<Tag*>(layout().tags); }

  Result<void> link(std::span<const Import> imports);
  bool is_of_this_store(const Import& import) const;
  Result<void> link_import(const compiler::ImportInfo& wanted, const Import& given);
  Result<void> link_function(const compiler::ImportInfo& wanted, const Import& given);
  Result<void> link_tag(const compiler::ImportInfo& wanted, Tag& given);
  compiler::FuncRef bind(const HostFunction& definition);
  Result<void> make_memories();
  Result<void> make_tables();
  void make_tags();
  Result<void> make_globals();
  Result<void> make_elements();
  // A FuncRef by value, also of functions that do not escape.
  compiler::FuncRef make_function(uint32_t index) const;
  Result<compiler::Slot> evaluate(const wasm::ConstExpr& expr);
  // The value of one that makes no object.
  uint64_t constant(const wasm::ConstExpr& expr);
  CallResult<void> init_table(uint32_t segment);
  CallResult<void> init_memory(uint32_t segment);

  Store& store_;
  const Module& module_;
  void* const block_;         // the allocation that holds all of it; null where a memory does
  Memory* const own_memory_;  // that one
  compiler::VmHeader* const vmctx_;
  // By segment: the elements of those that cannot be made one by one when they are asked for.
  std::vector<std::vector<GcRef>> elements_;
  uint8_t* const dropped_;  // one byte per data segment, then per element segment
  compiler::HostFunc* next_host_function_;
};

}  // namespace tenon::runtime
