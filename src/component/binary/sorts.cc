#include "component/binary/sorts.h"

namespace tenon::component {

Sort read_core_sort(wasm::Reader& in) {
  uint64_t start = in.offset();
  switch (in.byte()) {
    case 0x00: return Sort::core_func;
    case 0x01: return Sort::core_table;
    case 0x02: return Sort::core_memory;
    case 0x03: return Sort::core_global;
    case 0x04: return Sort::core_tag;
    case 0x10: return Sort::core_type;
    case 0x11: return Sort::core_module;
    case 0x12: return Sort::core_instance;
    default: in.fail_at("invalid core sort", start); return Sort::core_func;
  }
}

Sort read_sort(wasm::Reader& in) {
  uint64_t start = in.offset();
  switch (in.byte()) {
    case 0x00: return read_core_sort(in);
    case 0x01: return Sort::func;
    case 0x02: return Sort::value;
    case 0x03: return Sort::type;
    case 0x04: return Sort::component;
    case 0x05: return Sort::instance;
    default: in.fail_at("invalid sort", start); return Sort::func;
  }
}

}  // namespace tenon::component
