#include "wasm/text/keywords.h"

#include <algorithm>
#include <bit>

namespace tenon::wasm::text {

namespace {

constexpr uint32_t hash(std::string_view name) {
  uint32_t state = 0x811c'9dc5u;
  for (char c : name) state = (state ^ static_cast<uint8_t>(c)) * 0x0100'0193u;
  return state ^ state >> 15;
}

constexpr uint16_t no_opcode = 0xffff;
constexpr size_t table_size = std::bit_ceil(static_cast<size_t>(opcode_count) * 4);

struct Table {
  std::array<uint16_t, table_size> slots{};
};

// Open addressing: the entries of one hash follow each other.
constexpr Table table = [] {
  Table made;
  made.slots.fill(no_opcode);
  for (uint16_t i = 0; i < opcode_count; ++i) {
    std::string_view name = opcode_table[i].text;
    size_t at = hash(name) % table_size;
    while (made.slots[at] != no_opcode && opcode_table[made.slots[at]].text != name)
      at = (at + 1) % table_size;
    if (made.slots[at] == no_opcode) made.slots[at] = i;
  }
  return made;
}();

}  // namespace

std::optional<Opcode> find_instruction(std::string_view name) {
  for (size_t at = hash(name) % table_size; table.slots[at] != no_opcode;
       at = (at + 1) % table_size) {
    if (opcode_table[table.slots[at]].text == name) return static_cast<Opcode>(table.slots[at]);
  }
  return std::nullopt;
}

bool is_known_word(std::string_view word) {
  // Those that are no instructions and no types.
  constexpr std::string_view others[] = {
      "module",    "type",          "rec",    "sub",     "final",  "func",     "param",
      "result",    "local",         "struct", "array",   "field",  "mut",      "import",
      "export",    "table",         "memory", "global",  "tag",    "start",    "elem",
      "data",      "offset",        "item",   "declare", "then",   "catch",    "catch_ref",
      "catch_all", "catch_all_ref", "ref",    "null",    "shared", "pagesize", "i8",
      "i16",       "i32",           "i64",    "f32",     "f64",    "v128",     "i8x16",
      "i16x8",     "i32x4",         "i64x2",  "f32x4",   "f64x2",  "inf",      "nan"};
  return find_instruction(word) || std::ranges::find(others, word) != std::end(others) ||
         std::ranges::any_of(
             heap_words,
             [&](const HeapWord& heap) { return heap.word == word || heap.reference == word; }) ||
         word.starts_with("offset=") || word.starts_with("align=");
}

}  // namespace tenon::wasm::text
