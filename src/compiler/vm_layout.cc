#include "compiler/contract.h"

namespace tenon::compiler {

VmLayout VmLayout::of(const Counts& counts) {
  VmLayout layout;
  uint32_t used = 0;
  auto place = [&used](uint32_t count, size_t size, uint32_t alignment) {
    used += count * static_cast<uint32_t>(size);
    used = (used + alignment - 1) & ~(alignment - 1);
    return -static_cast<int32_t>(used);
  };
  layout.globals = place(counts.defined_globals, sizeof(Slot), 16);
  layout.memories = place(counts.memories, sizeof(MemorySlot), 16);
  layout.tables = place(counts.tables, sizeof(TableSlot), 16);
  layout.imported_functions = place(counts.imported_functions, sizeof(FuncRef), 32);
  layout.imported_globals = place(counts.imported_globals, sizeof(Slot*), 8);
  layout.tags = place(counts.tags, sizeof(void*), 8);
  layout.func_refs = place(counts.escaping_functions, sizeof(FuncRef), 32);
  layout.size = (used + vmctx_alignment - 1) & ~(vmctx_alignment - 1);
  return layout;
}

}  // namespace tenon::compiler
