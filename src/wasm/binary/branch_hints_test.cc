#include "wasm/binary/branch_hints.h"

#include "wasm/testing.h"

#include <doctest/doctest.h>

namespace tenon::wasm {

namespace {

using testing::Bytes;
using testing::join;
using testing::section;

const Bytes types = section(1, {1, 0x60, 0, 0});
const Bytes functions = section(3, {2, 0, 0});
// Each body is: i32.const 0 (offset 1), if (3), end, end.
const Bytes code = section(10, {2, 7, 0, 0x41, 0, 0x04, 0x40, 0x0b, 0x0b,  //
                                7, 0, 0x41, 0, 0x04, 0x40, 0x0b, 0x0b});

Bytes hints(const Bytes& content) {
  ByteWriter out;
  out.name("metadata.code.branch_hint");
  out.bytes(content);
  return section(0, out.take());
}

struct Found {
  size_t size = 0;
  std::optional<bool> first;  // of the `if` in each function
  std::optional<bool> second;
};

Found find(const std::vector<Bytes>& sections) {
  Bytes bytes = testing::preamble();
  for (const Bytes& part : sections) bytes.insert(bytes.end(), part.begin(), part.end());
  CHECK(testing::check(bytes) == "");
  auto module = decode_module(bytes, 100, Features::validated());
  REQUIRE(module);
  BranchHints found(*module);
  return {found.size(), found.likely(module->bodies[0].offset + 3),
          found.likely(module->bodies[1].offset + 3)};
}

Found with(const Bytes& content) {
  return find({types, functions, hints(content), code});
}

}  // namespace

TEST_CASE("hints are found by the position of their instruction") {
  Found both = with({2, 0, 1, 3, 1, 1, 1, 1, 3, 1, 0});
  CHECK(both.size == 2);
  CHECK(both.first == true);
  CHECK(both.second == false);
  Found second = with({1, 1, 1, 3, 1, 1});
  CHECK(!second.first);
  CHECK(second.second == true);
  CHECK(find({types, functions, code}).size == 0);
}

TEST_CASE("a section of hints that is not as it should be holds none, and is no error") {
  CHECK(with({1, 0, 1, 3, 1, 2}).size == 0);                 // no such value
  CHECK(with({1, 0, 1, 3, 2, 1, 1}).size == 0);              // no such size
  CHECK(with({1, 0, 1, 9, 1, 1}).size == 0);                 // behind the body
  CHECK(with({1, 5, 1, 3, 1, 1}).size == 0);                 // no such function
  CHECK(with({2, 1, 1, 3, 1, 1, 0, 1, 3, 1, 1}).size == 0);  // out of order
  CHECK(with({1, 0, 2, 3, 1, 1, 3, 1, 1}).size == 0);        // twice
  CHECK(with({1, 0, 1, 3, 1, 1, 0}).size == 0);              // bytes left
  CHECK(with({1, 0, 1, 3, 1}).size == 0);                    // cut short
  CHECK(with({0xff, 0xff, 0xff, 0xff, 0x0f}).size == 0);
  CHECK(find({types, functions, code, hints({1, 0, 1, 3, 1, 1})}).size == 0);  // behind the code
}

}  // namespace tenon::wasm
