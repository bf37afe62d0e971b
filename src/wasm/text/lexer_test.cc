#include "wasm/text/lexer.h"

#include "wasm/text/name_map.h"

#include <doctest/doctest.h>

namespace tenon::wasm::text {
namespace {

// One letter for each token: ( ) k n s i c r, and what went wrong.
std::string kinds(std::string_view text) {
  Source source{"t", text};
  Lexer lexer(source, 0, text.size());
  std::string found;
  for (Token token = lexer.next(); !token.is(Token::Kind::end); token = lexer.next())
    found += "e()knsicr"[static_cast<size_t>(token.kind)];
  if (auto status = lexer.status(); !status) found += "!" + status.error().message();
  return found;
}

TEST_CASE("tokens are as long as they can be") {
  CHECK(kinds("(func $f 1 -2 \"s\")") == "(kinns)");
  CHECK(kinds("0$x") == "n");
  CHECK(kinds("a\"b\"") == "r");
  CHECK(kinds("\"a\"\"b\"") == "r");
  CHECK(kinds("$\"a\"b") == "r");
  CHECK(kinds("a,b") == "r");
  CHECK(kinds("[") == "r");
  CHECK(kinds("Abc _ @") == "rrr");
  CHECK(kinds("nop(nop)nop") == "k(k)k");
  CHECK(kinds("nop;;c\nnop(;c;)nop") == "kkk");
}

TEST_CASE("comments nest and end") {
  CHECK(kinds("(; (; ;) ;) a ;; b") == "k");
  CHECK(kinds(";; a\rnop") == "k");
  CHECK(kinds("(; (; ;)") == "!unclosed comment");
}

TEST_CASE("strings are closed, on their line, and their escapes make sense") {
  CHECK(kinds(R"("\t\n\r\"\'\\\00\u{1_0fFff}")") == "s");
  CHECK(kinds("\"a") == "!unclosed string");
  CHECK(kinds("\"a\nb\"") == "!unclosed string");
  CHECK(kinds("\"\x7f\"") == "!illegal character in string");
  for (const char* text : {R"("\u{d800}")", R"("\u{110000}")", R"("\u{}")", R"("\u{_1}")",
                           R"("\u{1_}")", R"("\u{1__0}")", R"("\u")", R"("\0")", R"("\x")"})
    CHECK(kinds(text) == "!illegal escape");
  std::string bytes;
  append_string(R"("a\u{20ac}\ff\t\\")", bytes);
  CHECK(bytes == "a\xe2\x82\xac\xff\t\\");
}

TEST_CASE("characters stand between single quotes") {
  CHECK(kinds(R"('a' '(' ')' ''' ';' ' ' '\n' '\'' '\"' '\u{20ac}')") == "cccccccccc");
  CHECK(kinds("'\xe2\x82\xac'") == "c");
  CHECK(kinds(R"($a'b')") == "i");
  CHECK(kinds(R"('ab' '\41')") == "rr");
  CHECK(kinds("'\"\"'") == "r");
  CHECK(kinds("'\\u{d800}'") == "r");
}

TEST_CASE("identifiers are not empty, and quoted ones are UTF-8") {
  CHECK(kinds("$a $\"a b\" $\"\\u{e9}\" $$") == "iiii");
  CHECK(kinds("$") == "!empty identifier");
  CHECK(kinds("$\"\"") == "!empty identifier");
  CHECK(kinds("$\"a\nb\"") == "!empty identifier");
  CHECK(kinds("$\"\\ff\"") == "!malformed UTF-8 encoding");
}

TEST_CASE("annotations are white space unless they were asked for") {
  CHECK(kinds("a (@x (y \")\" (;);) , ;) ) b") == "kk");
  CHECK(kinds("(@\"x y\")") == "");
  CHECK(kinds("( @x)") == "(r)");
  CHECK(kinds("(@)") == "!empty annotation id");
  CHECK(kinds("(@\"\")") == "!empty annotation id");
  CHECK(kinds("(@\"\\ff\")") == "!malformed UTF-8 encoding");
  CHECK(kinds("(@x (y)") == "!unclosed annotation");
  CHECK(kinds("(@x \"") == "!unclosed string");
  CHECK(kinds("(@x \x01)") == "!illegal character");

  constexpr std::string_view kept[] = {"custom"};
  Source source{"t", "(@a 1) (@custom \"x\" (y)) nop"};
  Lexer lexer(source, 0, source.text.size(), kept);
  CHECK(lexer.next().is_keyword("nop"));
  REQUIRE(lexer.annotations().size() == 1);
  CHECK(lexer.annotations()[0].contents == " \"x\" (y)");
  CHECK(lexer.annotations()[0].offset == 7);
}

TEST_CASE("what no rule accepts is an illegal character") {
  CHECK(kinds("nop \x01") == "k!illegal character");
  CHECK(kinds("nop \xc3\xa9") == "k!illegal character");
}

TEST_CASE("a form is passed over by its parentheses alone") {
  Source source{"t", "(a \")\\\"\" (; ) ;) ;; )\n (b)) nop"};
  Lexer lexer(source, 1, source.text.size());
  lexer.skip_form();
  CHECK(lexer.next().is_keyword("nop"));
  for (std::string_view text : {"(a", "(\"\\", "(;", "a (;"}) {
    Source open{"t", text};
    Lexer unclosed(open, 0, text.size());
    unclosed.skip_form();
    CHECK(!unclosed.ok());
  }
}

TEST_CASE("depth costs nothing but its length") {
  constexpr size_t depth = 1'000'000;
  std::string comments;
  for (size_t i = 0; i < depth; ++i) comments += "(;";
  CHECK(kinds(comments) == "!unclosed comment");
  std::string annotations = "(@a" + std::string(depth, '(') + std::string(depth, ')') + ")";
  CHECK(kinds(annotations) == "");
}

TEST_CASE("a map of names can be emptied and filled again") {
  NameMap map;
  CHECK(map.find("a") == nullptr);
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> names;
    for (int i = 0; i < 1000; ++i) names.push_back("name" + std::to_string(i * (round + 1)));
    for (uint32_t i = 0; i < 1000; ++i) CHECK(map.add(names[i], i));
    CHECK(!map.add(names[7], 1));
    for (uint32_t i = 0; i < 1000; ++i) CHECK(*map.find(names[i]) == i);
    map.clear();
    CHECK(map.find(names[0]) == nullptr);
  }
}

}  // namespace
}  // namespace tenon::wasm::text
