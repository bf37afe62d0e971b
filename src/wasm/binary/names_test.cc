#include "wasm/binary/names.h"

#include "wasm/testing.h"

#include <doctest/doctest.h>

namespace tenon::wasm {

namespace {

using testing::Bytes;
using testing::join;

// A module of four functions with this name section.
struct Named {
  Bytes bytes;
  Module module;
};

Named with_names(const Bytes& content) {
  ModuleBuilder builder;
  TypeIndex type = builder.type({}, {});
  for (int i = 0; i < 4; ++i) builder.function(type);
  builder.custom("name", content);
  Named named{builder.finish(), {}};
  auto module = decode_module(named.bytes);
  REQUIRE(module);
  named.module = std::move(*module);
  return named;
}

FuncIndex func(uint32_t index) {
  return FuncIndex(index);
}

}  // namespace

TEST_CASE("names of functions and of the module") {
  auto named = with_names({0, 2, 1, 'm', 1, 7, 2, 0, 1, 'a', 2, 1, 'b'});
  Names names(named.module);
  CHECK(names.module_name() == "m");
  CHECK(names.function(func(0)) == "a");
  CHECK(names.function(func(1)) == "");
  CHECK(names.function(func(2)) == "b");
  CHECK(names.function(func(99)) == "");
}

TEST_CASE("a module without names") {
  Module module;
  CHECK(Names(module).function(func(0)) == "");
}

TEST_CASE("bad entries are passed over") {
  // Out of range, not UTF-8, twice, out of order.
  auto named =
      with_names({1, 19, 6, 0, 1, 'a', 9, 1, 'x', 1, 1, 0xff, 2, 1, 'b', 2, 1, 'c', 0, 1, 'd'});
  Names names(named.module);
  CHECK(names.function(func(0)) == "a");
  CHECK(names.function(func(1)) == "");
  CHECK(names.function(func(2)) == "b");
}

TEST_CASE("reading stops where the format is broken") {
  for (const Bytes& content : {Bytes{1}, Bytes{1, 200}, Bytes{1, 3, 0xff, 0xff, 0xff},
                               Bytes{1, 4, 2, 0, 9, 'a'}, Bytes{0x80, 0x80}, Bytes{0, 1, 5}}) {
    auto named = with_names(content);
    Names names(named.module);
    CHECK(names.function(func(0)) == "");
    CHECK(names.module_name() == "");
  }
}

TEST_CASE("errors in a body name its function") {
  ModuleBuilder builder;
  FuncIndex function = builder.function(builder.type({}, {}), "broken");
  builder.body(function).drop();
  auto bytes = builder.finish();
  auto module = decode_module(bytes);
  REQUIRE(module);
  auto valid = validate_module(*module, Features::defaults());
  REQUIRE(!valid);
  CHECK(valid.error().to_string() ==
        "func 0 (`broken`): type mismatch: expected any type, found nothing (at 0x17)");
}

}  // namespace tenon::wasm
