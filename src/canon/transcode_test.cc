#include "canon/transcode.h"

#include <string>
#include <vector>

#include "base/utf8.h"

#include <doctest/doctest.h>

namespace tenon::canon {
namespace {

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Little-endian code units.
std::vector<uint8_t> units(std::initializer_list<uint32_t> list) {
  std::vector<uint8_t> bytes;
  for (uint32_t unit : list) {
    bytes.push_back(static_cast<uint8_t>(unit));
    bytes.push_back(static_cast<uint8_t>(unit >> 8));
  }
  return bytes;
}

std::vector<uint8_t> utf16_of(const std::string& text) {
  std::vector<uint8_t> to(2 * text.size());
  auto written = utf8_to_utf16(bytes_of(text), to);
  CHECK(written.has_value());
  to.resize(2 * written.value_or(0));
  return to;
}

const std::string samples[] = {
    "",
    "a",
    "plain ASCII text, longer than a word of eight",
    "\u00e9\u00ff\u0080",
    "\u0100\u07ff",
    "\u0800\ud7ff\ue000\uffff",
    "\U00010000\U0010ffff",
    "mixed \u00e9 \u65e5\u672c \U0001f600 end",
};

TEST_CASE("transcode: what is UTF-8 survives the way through UTF-16") {
  for (const std::string& text : samples) {
    std::vector<uint8_t> wide = utf16_of(text);
    std::string back(3 * wide.size() / 2, '\0');
    MutableBytes room(reinterpret_cast<uint8_t*>(back.data()), back.size());
    auto done = utf16_to_utf8(wide, room);
    CHECK(done);
    CHECK(done->read == wide.size() / 2);
    back.resize(done->written);
    CHECK(back == text);
  }
}

TEST_CASE("transcode: every cut of a sequence is refused") {
  for (const std::string& text : samples) {
    for (size_t size = 0; size < text.size(); size++) {
      std::string cut = text.substr(0, size);
      std::vector<uint8_t> to(2 * size + 2);
      CHECK(utf8_to_utf16(bytes_of(cut), to).has_value() == is_utf8(cut));
      CHECK(copy_utf8(bytes_of(cut), to) == is_utf8(cut));
      if (!is_utf8(cut))
        CHECK(std::string(utf8_problem(bytes_of(cut))) == "incomplete utf-8 byte sequence");
    }
  }
}

TEST_CASE("transcode: what is not UTF-8") {
  std::vector<uint8_t> to(16);
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                          "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80", "\xff", "\xe2\x28\xa1", "\xc3\xc3"}) {
    CHECK(!utf8_to_utf16(bytes_of(bad), to));
    CHECK(!utf8_to_latin1(bytes_of(bad), to));
  }
  CHECK(std::string(utf8_problem(bytes_of("a\xff"))) == "invalid utf-8");
}

TEST_CASE("transcode: lone surrogates are refused") {
  std::vector<uint8_t> to(16);
  for (const auto& bad : {units({0xd800}), units({0xdfff}), units({0xd800, 0x41}),
                          units({0xdc00, 0xd800}), units({0xd800, 0xd800, 0xdc00})}) {
    CHECK(!utf16_to_utf8(bad, to));
    CHECK(!copy_utf16(bad, to));
  }
  CHECK(copy_utf16(units({0xd83d, 0xde00}), to));
}

TEST_CASE("transcode: stops before what does not fit") {
  std::vector<uint8_t> to(3);
  CHECK(latin1_to_utf8(bytes_of("a\xe9\xe9"), to) == Progress{2, 3});
  CHECK(utf16_to_utf8(units({0x41, 0x65e5}), to) == Progress{1, 1});
  CHECK(latin1_to_ascii(bytes_of("a\xe9z"), to) == Progress{1, 1});
  CHECK(utf16_to_ascii(units({0x7f, 0x80, 0x41}), to) == Progress{1, 1});
  CHECK(utf8_to_latin1(bytes_of("ab\u0100"), to) == Progress{2, 2});
  CHECK(utf16_to_latin1(units({0xff, 0x100}), to) == Progress{1, 1});
  // The rest of the source is not looked at.
  CHECK(utf8_to_latin1(bytes_of("\u0100\xff"), to) == Progress{0, 0});
}

TEST_CASE("transcode: Latin-1 grows and shrinks in place") {
  std::vector<uint8_t> text = {'a', 0xe9, 'c', 0, 0, 0};
  widen_latin1(text, 3);
  CHECK(text == units({'a', 0xe9, 'c'}));
  CHECK(narrow_utf16(text));
  CHECK(text[1] == 0xe9);
  CHECK(text[2] == 'c');
  std::vector<uint8_t> wide = units({'a', 0x100});
  CHECK(!narrow_utf16(wide));
  CHECK(wide == units({'a', 0x100}));
}

TEST_CASE("transcode: source and destination may overlap") {
  std::vector<uint8_t> memory(64, 'x');
  MutableBytes all(memory);
  // No promise of what is written, only that it stays inside.
  for (size_t offset = 0; offset < 16; offset++) {
    (void)utf8_to_utf16(all.first(16), all.subspan(offset, 32));
    (void)utf16_to_utf8(all.first(16), all.subspan(offset, 24));
    (void)utf8_to_latin1(all.first(16), all.subspan(offset, 16));
    (void)copy_utf16(all.first(16), all.subspan(offset, 16));
    memory.assign(64, 'x');
  }
  CHECK(memory.size() == 64);
}

// Many characters are done at a time; what ends such a run can stand anywhere.
TEST_CASE("transcode: a character that is not ASCII, at every place of a long text") {
  for (size_t size : {7u, 8u, 9u, 31u, 40u, 67u}) {
    for (size_t place = 0; place <= size; place++) {
      std::string before(place, 'a'), after(size - place, 'b');
      std::string text = before + "\u00e9" + after;
      std::vector<uint8_t> wide = utf16_of(text);
      CHECK(wide.size() == 2 * (size + 1));
      std::vector<uint8_t> narrow(text.size());
      auto done = utf8_to_latin1(bytes_of(text), narrow);
      CHECK(done == Progress{text.size(), size + 1});
      narrow.resize(size + 1);
      std::vector<uint8_t> again(size + 1);
      CHECK(utf16_to_latin1(wide, again) == Progress{size + 1, size + 1});
      CHECK(again == narrow);
      std::vector<uint8_t> back(text.size());
      CHECK(latin1_to_utf8(narrow, back) == Progress{size + 1, text.size()});
      CHECK(std::string(back.begin(), back.end()) == text);
      CHECK(utf16_to_utf8(wide, back) == Progress{size + 1, text.size()});
      CHECK(std::string(back.begin(), back.end()) == text);

      std::string kanji = before + "\u65e5" + after;
      CHECK(utf8_to_latin1(bytes_of(kanji), narrow) == Progress{place, place});
      CHECK(utf16_to_latin1(utf16_of(kanji), again) == Progress{place, place});
      std::string wrong = before + "\xff" + after;
      std::vector<uint8_t> room(2 * wrong.size());
      CHECK_FALSE(utf8_to_utf16(bytes_of(wrong), room).has_value());
      CHECK_FALSE(copy_utf8(bytes_of(wrong), room));
    }
  }
}

}  // namespace
}  // namespace tenon::canon
