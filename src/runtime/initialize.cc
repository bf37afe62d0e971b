#include <cstring>

#include "runtime/instance.h"
#include "runtime/store.h"

namespace tenon::runtime {

namespace {

std::unexpected<Trap> trap(TrapCode code) {
  return std::unexpected(Trap{code, {}, 0, {}});
}

}  // namespace

// wasm: exec-instantiation. Element segments, then data segments, then the start function; what
// came before a trap stays.
CallResult<void> Instance::initialize() {
  const compiler::ModuleInfo& info = module_.info();
  for (uint32_t i = 0; i < info.elems.size(); ++i) {
    if (info.elems[i].mode == wasm::SegmentMode::passive) continue;
    if (info.elems[i].mode == wasm::SegmentMode::active) TRY_VOID(init_table(i));
    drop_elements(i);
  }
  for (uint32_t i = 0; i < info.datas.size(); ++i) {
    if (info.datas[i].mode != wasm::SegmentMode::active) continue;
    if (!info.datas[i].in_image) TRY_VOID(init_memory(i));
    drop_data(i);
  }
  if (!info.start) return {};
  compiler::FuncRef start = *info.start < info.imported_functions
                                ? imported_functions()[*info.start]
                                : make_function(*info.start);
  if (!store_.enter_integer(start)) return std::unexpected(store_.take_trap());
  return {};
}

CallResult<void> Instance::init_table(uint32_t segment) {
  const compiler::ModuleInfo& info = module_.info();
  const compiler::ElemInfo& elements = info.elems[segment];
  uint64_t offset = constant(elements.offset);
  Table& target = table(elements.table);
  uint64_t count = elements.size();
  if (!target.holds(offset, count)) return trap(TrapCode::table_out_of_bounds);
  if (!target.is_function_table()) {
    for (uint64_t i = 0; i < count; ++i) target.set(offset + i, element(segment, i));
    return {};
  }
  bool is_new = elements.table >= info.imported_tables && info.tables[elements.table].init.empty();
  if (!is_new) target.reset(offset, count);
  target.init_lazily(offset, *this, segment, 0, count);
  return {};
}

CallResult<void> Instance::init_memory(uint32_t segment) {
  const compiler::DataInfo& data = module_.info().datas[segment];
  uint64_t offset = constant(data.offset);
  std::span<const uint8_t> bytes = module_.code().artifact().segment(data);
  auto target = GuestMemory(*memory_slots()[data.memory].record).slice(offset, bytes.size());
  if (!target) return trap(TrapCode::memory_out_of_bounds);
  if (!bytes.empty()) std::memcpy(target->data(), bytes.data(), bytes.size());
  return {};
}

}  // namespace tenon::runtime
