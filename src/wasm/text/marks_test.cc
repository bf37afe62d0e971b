#include "wasm/text/parse_module.h"

// Last: it takes the name CHECK over.
#include <doctest/doctest.h>

namespace tenon::wasm::text {
namespace {

// What the text has where each mark points to, as `OFFSET:WORD`.
std::string marks_of(std::string_view text) {
  std::vector<SourceMark> marks;
  REQUIRE(parse_module({"m.wat", text}, {.with_names = false, .marks = &marks}).has_value());
  std::string out;
  for (const SourceMark& mark : marks) {
    size_t end = text.find_first_of(" )", mark.source + 1);
    out += std::to_string(mark.offset) + ":";
    out += text.substr(mark.source, end - mark.source);
    out += ' ';
  }
  return out;
}

}  // namespace

TEST_CASE("flat instructions are where their words are") {
  CHECK(marks_of("(module (func nop block nop end))") ==
        "17:(func 23:nop 24:block 26:nop 27:end 28:) ");
}

TEST_CASE("folded instructions follow their operands") {
  CHECK(marks_of("(func (drop (i32.eqz (i32.const 1))))") ==
        "17:(func 23:i32.const 25:i32.eqz 26:drop 27:) ");
  CHECK(marks_of("(func (if (i32.const 1) (then nop) (else (block))))") ==
        "17:(func 23:i32.const 25:if 27:nop 28:else 29:block 31:) 32:) 33:) ");
}

TEST_CASE("no place is known in front of the first mark") {
  std::vector<SourceMark> marks = {{10, 3}, {12, 7}};
  CHECK(!source_of(marks, 9));
  CHECK(source_of(marks, 10) == 3u);
  CHECK(source_of(marks, 11) == 3u);
  CHECK(source_of(marks, 500) == 7u);
}

}  // namespace tenon::wasm::text
