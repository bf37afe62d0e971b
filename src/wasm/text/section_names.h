#pragma once

#include <cstdint>
#include <string_view>

#include "wasm/binary/codes.h"

// Numbers and names of custom sections, and words for sections, that both parser and printer need.
namespace tenon::wasm::text {

// wasm: binary-externidx
constexpr uint8_t func_kind = 0;
constexpr uint8_t table_kind = 1;
constexpr uint8_t memory_kind = 2;
constexpr uint8_t global_kind = 3;
constexpr uint8_t tag_kind = 4;

// wasm: binary-namesubsection, and what other tools have added.
namespace name_id {
constexpr uint8_t module = 0;
constexpr uint8_t function = 1;
constexpr uint8_t local = 2;
constexpr uint8_t label = 3;
constexpr uint8_t type = 4;
constexpr uint8_t table = 5;
constexpr uint8_t memory = 6;
constexpr uint8_t global = 7;
constexpr uint8_t elem = 8;
constexpr uint8_t data = 9;
constexpr uint8_t field = 10;
constexpr uint8_t tag = 11;
constexpr uint8_t param = 12;  // of function types, by type
}  // namespace name_id

constexpr std::string_view name_section_name = "name";
constexpr std::string_view branch_hint_section_name = "metadata.code.branch_hint";

// The words for sections in `(@custom "n" (after WORD) "...")`. wasm: text-customannot
struct SectionWord {
  std::string_view word;
  uint8_t id;
};
constexpr SectionWord section_words[] = {
    {"type", section_id::type},
    {"import", section_id::import},
    {"func", section_id::function},
    {"table", section_id::table},
    {"memory", section_id::memory},
    {"tag", section_id::tag},
    {"global", section_id::global},
    {"export", section_id::export_},
    {"start", section_id::start},
    {"elem", section_id::elem},
    {"datacount", section_id::data_count},
    {"code", section_id::code},
    {"data", section_id::data},
};

}  // namespace tenon::wasm::text
