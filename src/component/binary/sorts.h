#pragma once

#include <array>
#include <string_view>

#include "component/component.h"
#include "wasm/binary/byte_writer.h"
#include "wasm/binary/reader.h"

// component: Binary.md#instance-definitions (core:sort, sort). The codes and words of sorts, for
// decoder, encoder, parser and printer. What is no sort fails the reader at its place.
namespace tenon::component {

struct SortInfo {
  std::string_view word;  // without `core`
  uint8_t code;           // of a core sort: the second byte
  bool is_core;
};
inline constexpr std::array<SortInfo, sort_count> sort_table = {{
    {"func", 0x00, true},
    {"table", 0x01, true},
    {"memory", 0x02, true},
    {"global", 0x03, true},
    {"tag", 0x04, true},
    {"type", 0x10, true},
    {"module", 0x11, true},
    {"instance", 0x12, true},
    {"func", 0x01, false},
    {"value", 0x02, false},
    {"type", 0x03, false},
    {"component", 0x04, false},
    {"instance", 0x05, false},
}};
constexpr const SortInfo& info(Sort sort) {
  return sort_table[static_cast<size_t>(sort)];
}

Sort read_core_sort(wasm::Reader& in);
// Of a core sort, too: those are two bytes.
Sort read_sort(wasm::Reader& in);

void write_core_sort(wasm::ByteWriter& out, Sort sort);
void write_sort(wasm::ByteWriter& out, Sort sort);

}  // namespace tenon::component
