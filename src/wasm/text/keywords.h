#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "wasm/opcode.h"
#include "wasm/types.h"

// The words of the text format. From the name of an instruction to its opcode, by a table that is
// made from opcodes.def at compile time. Where several opcodes share a name (`select`, `ref.test`,
// `ref.cast`), the first of the table is found, and what follows the name decides.
namespace tenon::wasm::text {

std::optional<Opcode> find_instruction(std::string_view name);

// wasm: text-absheaptype
struct HeapWord {
  std::string_view word;
  std::string_view reference;  // the nullable reference to it
  HeapType::Abstract type;
};
inline constexpr std::array<HeapWord, 12> heap_words = {{
    {"func", "funcref", HeapType::func},
    {"nofunc", "nullfuncref", HeapType::nofunc},
    {"extern", "externref", HeapType::extern_},
    {"noextern", "nullexternref", HeapType::noextern},
    {"any", "anyref", HeapType::any},
    {"none", "nullref", HeapType::none},
    {"eq", "eqref", HeapType::eq},
    {"i31", "i31ref", HeapType::i31},
    {"struct", "structref", HeapType::struct_},
    {"array", "arrayref", HeapType::array},
    {"exn", "exnref", HeapType::exn},
    {"noexn", "nullexnref", HeapType::noexn},
}};

// Whether some rule of the grammar has this keyword. Where such a word stands in the wrong place it
// is unexpected; all others are unknown.
bool is_known_word(std::string_view word);

}  // namespace tenon::wasm::text
