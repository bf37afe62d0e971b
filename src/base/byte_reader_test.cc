#include "base/byte_reader.h"

#include <doctest/doctest.h>

#include <vector>

using tenon::ByteReader;

static ByteReader reader(const std::vector<uint8_t>& bytes) {
  return ByteReader(bytes, 0x10);
}

TEST_CASE("leb128: values of every width") {
  CHECK(reader({0x00}).u32() == 0);
  CHECK(reader({0xff, 0xff, 0xff, 0xff, 0x0f}).u32() == 0xffffffff);
  CHECK(reader({0x7f}).s32() == -1);
  CHECK(reader({0x80, 0x80, 0x80, 0x80, 0x78}).s32() == INT32_MIN);
  CHECK(reader({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f}).s64() == INT64_MIN);
  CHECK(reader({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}).u64() == UINT64_MAX);
}

TEST_CASE("leb128: what is too long or too large fails with the standard's words") {
  std::vector<uint8_t> bytes{0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
  ByteReader r(bytes);
  CHECK(r.u32() == 0);
  CHECK(std::string_view(r.failure()) == "integer representation too long");
  bytes = {0xff, 0xff, 0xff, 0xff, 0x1f};
  ByteReader s(bytes);
  s.u32();
  CHECK(std::string_view(s.failure()) == "integer too large");
  bytes = {0xff, 0xff, 0xff, 0xff, 0x4f};
  ByteReader t(bytes);
  t.s32();
  CHECK(std::string_view(t.failure()) == "integer too large");
}

TEST_CASE("a truncated number yields zero, and the first failure stays") {
  std::vector<uint8_t> bytes{0x80};
  ByteReader r(bytes, 0x10);
  CHECK(r.u32() == 0);
  CHECK(r.failure_offset() == 0x11);
  r.fail("later");
  CHECK(std::string_view(r.failure()) == "unexpected end");
}

TEST_CASE("a count above the bytes left fails before any loop") {
  std::vector<uint8_t> bytes{0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2};
  ByteReader r(bytes);
  CHECK(r.count() == 0);
  CHECK(std::string_view(r.failure()) == "length out of bounds");
}

TEST_CASE("names are UTF-8") {
  std::vector<uint8_t> bytes{2, 0xc3, 0xa9, 2, 0xed, 0xa0};
  ByteReader r(bytes);
  CHECK(r.name() == "\xc3\xa9");
  CHECK(r.name().empty());
  CHECK(std::string_view(r.failure()) == "malformed UTF-8 encoding");
}
