#include "compiler/contract.h"

namespace tenon::compiler {

VmLayout VmLayout::of(const Counts& counts) {
  VmLayout layout;
  uint32_t next = sizeof(VmHeader);
  auto place = [&next](uint32_t count, size_t size, uint32_t alignment) {
    next = (next + alignment - 1) & ~(alignment - 1);
    uint32_t start = next;
    next += count * static_cast<uint32_t>(size);
    return start;
  };
  layout.memories = place(counts.memories, sizeof(MemorySlot), 16);
  layout.tables = place(counts.tables, sizeof(TableSlot), 16);
  layout.imported_functions = place(counts.imported_functions, sizeof(FuncRef), 32);
  layout.imported_globals = place(counts.imported_globals, sizeof(Slot*), 8);
  layout.globals = place(counts.defined_globals, sizeof(Slot), 16);
  layout.tags = place(counts.tags, sizeof(void*), 8);
  layout.func_refs = place(counts.escaping_functions, sizeof(FuncRef), 32);
  layout.size = next;
  return layout;
}

}  // namespace tenon::compiler
