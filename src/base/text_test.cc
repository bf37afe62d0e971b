#include "base/text.h"

#include "tenon/error.h"

#include <doctest/doctest.h>

TEST_CASE("control characters become visible, other text stays") {
  CHECK(tenon::printable("caf\xc3\xa9 \x1b[31m\n") == "caf\xc3\xa9 \\x1b[31m\\x0a");
}

TEST_CASE("what hides or turns text becomes visible, too") {
  CHECK(tenon::printable("a\u202egnp.exe") == "a\\u{202e}gnp.exe");
  CHECK(tenon::printable("\u2066x\u2069\u200b\u061c\ufeff") ==
        "\\u{2066}x\\u{2069}\\u{200b}\\u{61c}\\u{feff}");
  // A terminal may take the second control set for escape sequences.
  CHECK(tenon::printable("\u009b31m") == "\\u{9b}31m");
  CHECK(tenon::printable("line\u2028break\U000e0041") == "line\\u{2028}break\\u{e0041}");
  CHECK(tenon::printable("\xff caf\xc3") == "\\xff caf\\xc3");
  CHECK(tenon::printable("\u0645\u0631\u062d\u0628\u0627") == "\u0645\u0631\u062d\u0628\u0627");
}

TEST_CASE("an error is one line, whatever names are in it") {
  tenon::Error error(tenon::ErrorCode::link, "no export named `a\nb`");
  CHECK(error.to_string() == "no export named `a\\x0ab`");
}
