#include "component/binary/sorts.h"

namespace tenon::component {

namespace {

constexpr uint8_t core_prefix = 0x00;

Sort find(wasm::Reader& in, uint8_t code, uint64_t start, bool is_core) {
  for (size_t i = 0; i < sort_count; ++i) {
    if (sort_table[i].is_core == is_core && sort_table[i].code == code) return static_cast<Sort>(i);
  }
  in.fail_at(is_core ? "invalid core sort" : "invalid sort", start);
  return is_core ? Sort::core_func : Sort::func;
}

}  // namespace

Sort read_core_sort(wasm::Reader& in) {
  uint64_t start = in.offset();
  return find(in, in.byte(), start, true);
}

Sort read_sort(wasm::Reader& in) {
  uint64_t start = in.offset();
  uint8_t code = in.byte();
  return code == core_prefix ? read_core_sort(in) : find(in, code, start, false);
}

void write_core_sort(wasm::ByteWriter& out, Sort sort) {
  out.byte(info(sort).code);
}

void write_sort(wasm::ByteWriter& out, Sort sort) {
  if (info(sort).is_core) out.byte(core_prefix);
  out.byte(info(sort).code);
}

}  // namespace tenon::component
