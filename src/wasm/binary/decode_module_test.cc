#include "wasm/binary/decode_module.h"

#include "base/limits.h"
#include "wasm/testing.h"

#include <doctest/doctest.h>

namespace tenon::wasm {

namespace {

using testing::Bytes;
using testing::check;
using testing::join;
using testing::preamble;
using testing::section;
using testing::starts_with;

// A module of the sections given; "" or the error.
std::string with(std::initializer_list<Bytes> sections, Features features = Features::compiled()) {
  Bytes all = preamble();
  for (const Bytes& one : sections) all.insert(all.end(), one.begin(), one.end());
  return check(all, features);
}

const Bytes one_type = section(1, {1, 0x60, 0, 0});
const Bytes one_function = section(3, {1, 0});
const Bytes one_body = section(10, {1, 2, 0, 0x0b});
const Bytes one_memory = section(5, {1, 0, 1});
const Bytes one_table = section(4, {1, 0x70, 0, 1});

Bytes leb(uint64_t value) {
  ByteWriter out;
  out.u64(value);
  return out.take();
}

}  // namespace

TEST_CASE("the preamble") {
  CHECK(check(preamble()) == "");
  CHECK(check(Bytes{}) == "unexpected end");
  CHECK(check(Bytes{0x00, 0x61, 0x73}) == "unexpected end");
  CHECK(check(Bytes{0x00, 0x61, 0x73, 0x6e, 1, 0, 0, 0}) == "magic header not detected");
  CHECK(check(Bytes{0x00, 0x61, 0x73, 0x6d, 2, 0, 0, 0}) == "unknown binary version");
  CHECK(check(Bytes{0x00, 0x61, 0x73, 0x6d, 1, 0, 0}) == "unexpected end");
  CHECK(is_core_module(preamble()));
  CHECK(!is_core_module(Bytes{0x00, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0}));
  CHECK(!is_core_module(Bytes{}));
}

TEST_CASE("the order and framing of sections") {
  CHECK(with({one_type, one_function, one_body}) == "");
  CHECK(with({section(14, {})}) == "malformed section id");
  CHECK(with({section(0x80, {})}) == "malformed section id");
  CHECK(with({one_type, one_type}) == "unexpected content after last section");
  CHECK(with({one_memory, one_type}) == "unexpected content after last section");
  CHECK(with({section(0, {1, 'x', 7}), one_type, section(0, {0})}) == "");
  CHECK(with({section(0, {})}) == "unexpected end");
  CHECK(with({section(0, {5, 'x'})}) == "length out of bounds");
  CHECK(with({section(0, {1, 0xff})}) == "malformed UTF-8 encoding");
  CHECK(with({Bytes{1, 5, 0}}) == "length out of bounds");
  CHECK(with({section(1, {1, 0x60, 0, 0, 0})}) == "section size mismatch");
  CHECK(with({Bytes{1, 0x80, 0x80, 0x80, 0x80, 0x80, 0}}) == "integer representation too long");
  CHECK(with({Bytes{1, 0xff, 0xff, 0xff, 0xff, 0x1f}}) == "integer too large");
  auto error = decode_module(join({preamble(), Bytes{1, 4, 1, 0x61, 0, 0}}), 0x100);
  REQUIRE(!error);
  CHECK(error.error().to_string() == "type section: malformed definition type (at 0x10b)");
}

TEST_CASE("types") {
  CHECK(with({section(1, {1, 0x60, 1, 0x7f, 2, 0x7e, 0x7b})}) == "");
  CHECK(with({section(1, {1, 0x60, 1, 0x40, 0})}) == "malformed value type");
  CHECK(with({section(1, {1, 0x60, 1, 0x7f})}) == "unexpected end");
  CHECK(with({section(1, {9, 0x60, 0, 0})}) == "length out of bounds");
  CHECK(starts_with(with({section(1, {1, 0x60, 0, 2, 0x7f, 0x7f})}, Features{}),
                    "a function with several results"));
  Features early = Features::validated()
                       .without(Feature::function_references)
                       .without(Feature::gc)
                       .without(Feature::exceptions);
  CHECK(starts_with(with({section(1, {1, 0x5f, 0})}, early), "a struct type needs the gc feature"));
  CHECK(starts_with(with({section(1, {1, 0x5e, 0x7f, 0})}, early),
                    "an array type needs the gc feature"));
  CHECK(starts_with(with({section(1, {1, 0x4e, 1, 0x60, 0, 0})}, early),
                    "a recursion group needs the gc feature"));
  CHECK(starts_with(with({section(1, {1, 0x50, 0, 0x60, 0, 0})}, early),
                    "a subtype declaration needs the gc feature"));
  CHECK(
      starts_with(with({section(1, {1, 0x60, 1, 0x63, 0, 0})}, early), "a typed reference needs"));
  CHECK(starts_with(with({section(1, {1, 0x60, 1, 0x6e, 0})}, early),
                    "this reference type needs the gc feature"));
  CHECK(starts_with(with({section(1, {1, 0x60, 1, 0x69, 0})}, early),
                    "this reference type needs the exceptions feature"));
}

TEST_CASE("types of the managed kind, with their features on") {
  Features gc = Features::validated().with(Feature::gc).with(Feature::function_references);
  // A group of two that refer to each other; a struct, open, and its extension; an array.
  CHECK(with({section(1, {1, 0x4e, 2, 0x60, 1, 0x63, 1, 0, 0x60, 1, 0x64, 0, 0})}, gc) == "");
  CHECK(with({section(1, {2, 0x50, 0, 0x5f, 1, 0x78, 1, 0x4f, 1, 0, 0x5f, 2, 0x78, 1, 0x7f, 0})},
             gc) == "");
  CHECK(with({section(1, {1, 0x5e, 0x77, 1})}, gc) == "");
  CHECK(starts_with(with({section(1, {2, 0x5f, 0, 0x4f, 1, 0, 0x5f, 0})}, gc),
                    "sub type 1 does not match"));
  CHECK(starts_with(
      with({section(1, {2, 0x50, 0, 0x5f, 1, 0x78, 1, 0x4f, 1, 0, 0x5f, 1, 0x78, 0})}, gc),
      "sub type 1"));
  CHECK(starts_with(with({section(1, {1, 0x60, 1, 0x63, 1, 0})}, gc),
                    "unknown type, used by type 0"));
  CHECK(starts_with(with({section(1, {1, 0x50, 1, 0, 0x60, 0, 0})}, gc),
                    "unknown type, used by type 0"));
  CHECK(starts_with(with({section(1, {1, 0x50, 2, 0, 0, 0x60, 0, 0})}, gc),
                    "2 supertypes, at most 1"));
  CHECK(with({section(1, {1, 0x5e, 0x77, 2})}, gc) == "malformed mutability");
}

TEST_CASE("imports") {
  auto import = [](const Bytes& what, Features features = Features::compiled()) {
    return with({one_type, section(2, join({Bytes{1, 1, 'm', 1, 'n'}, what}))}, features);
  };
  CHECK(import({0, 0}) == "");
  CHECK(import({0, 1}) == "unknown type 1");
  CHECK(import({1, 0x70, 0, 1}) == "");
  CHECK(import({1, 0x7f, 0, 1}) == "malformed reference type");
  CHECK(import({2, 1, 1, 2}) == "");
  CHECK(import({3, 0x7f, 1}) == "");
  CHECK(import({3, 0x7f, 2}) == "malformed mutability");
  CHECK(starts_with(import({3, 0x7f, 1}, Features{}), "an imported mutable global needs"));
  CHECK(starts_with(import({4, 0, 0}, Features::compiled().without(Feature::exceptions)),
                    "a tag needs the exceptions feature"));
  CHECK(import({5, 0}) == "malformed import kind");
  CHECK(with({section(2, {1, 2, 0xc0, 0x80, 0, 0, 0})}) == "malformed UTF-8 encoding");
}

TEST_CASE("limits of memories and tables") {
  auto memory = [](const Bytes& type, Features features = Features::validated()) {
    return with({section(5, join({Bytes{1}, type}))}, features);
  };
  auto without = [&](Feature feature, const Bytes& type) {
    return memory(type, Features::validated().without(feature));
  };
  CHECK(memory({0, 0x80, 0x80, 4}) == "");
  CHECK(starts_with(memory({0, 0x81, 0x80, 4}), "memory size"));
  CHECK(starts_with(memory({1, 0, 0x81, 0x80, 4}), "memory size"));
  CHECK(memory({1, 2, 1}) == "size minimum must not be greater than maximum");
  CHECK(memory({0x10, 1}) == "malformed limits flags");
  CHECK(starts_with(without(Feature::memory64, {4, 1}),
                    "a 64-bit memory or table needs the memory64 feature"));
  CHECK(starts_with(without(Feature::threads, {3, 1, 1}),
                    "a shared memory needs the threads feature"));
  CHECK(starts_with(without(Feature::custom_page_sizes, {8, 1, 0}),
                    "a memory with its own page size needs the custom-page-sizes"));
  CHECK(with({section(5, {2, 0, 0, 0, 0})}) == "");
  CHECK(starts_with(
      with({section(5, {2, 0, 0, 0, 0})}, Features::validated().without(Feature::multi_memory)),
      "a second memory needs"));

  auto table = [](const Bytes& type) { return with({section(4, join({Bytes{1}, type}))}); };
  CHECK(table({0x6f, 1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f}) == "");
  CHECK(table({0x70, 0, 0x80, 0x80, 0x80, 0x80, 0x10}) == "table size must be at most 2^32 - 1");
  CHECK(table({0x70, 1, 2, 1}) == "size minimum must not be greater than maximum");
  CHECK(table({0x70, 2, 1, 1}) == "malformed limits flags");
  Bytes initialized = section(4, {1, 0x40, 0, 0x70, 0, 0, 0xd0, 0x70, 0x0b});
  CHECK(
      starts_with(with({initialized}, Features::validated().without(Feature::function_references)),
                  "a table with an initializer needs"));
  auto with_init = [](const Bytes& init) {
    return with({section(4, join({Bytes{1, 0x40, 0, 0x70, 0, 0}, init}))}, Features::standard());
  };
  CHECK(with_init({0xd0, 0x70, 0x0b}) == "");
  CHECK(starts_with(with_init({0x0b}), "type mismatch"));
  CHECK(starts_with(with_init({0xd0, 0x6f, 0x0b}), "type mismatch"));
  CHECK(starts_with(with({section(4, {1, 0x64, 0x70, 0, 0})}, Features::standard()),
                    "type mismatch"));

  // Before reference types there was one table.
  Features old = Features::compiled().without(Feature::reference_types);
  CHECK(with({section(4, {1, 0x70, 0, 0})}, old) == "");
  CHECK(starts_with(with({section(4, {2, 0x70, 0, 0, 0x70, 0, 0})}, old), "a second table needs"));

  // Pages of one byte.
  auto bytes_memory = [](const Bytes& type) {
    return with({section(5, join({Bytes{1}, type}))}, Features::validated());
  };
  CHECK(bytes_memory({8, 0xff, 0xff, 0xff, 0xff, 0x0f, 0}) == "");
  CHECK(starts_with(bytes_memory({8, 0x80, 0x80, 0x80, 0x80, 0x10, 0}), "memory size must be"));
  CHECK(starts_with(bytes_memory({8, 1, 1}), "invalid custom page size"));
}

TEST_CASE("globals and constant expressions") {
  auto global = [](const Bytes& init, Features features = Features::compiled()) {
    return with({section(6, join({Bytes{1, 0x7f, 0}, init}))}, features);
  };
  CHECK(global({0x41, 0, 0x0b}) == "");
  CHECK(global({0x41, 0}) == "unexpected end of section or function");
  CHECK(starts_with(global({0x0b}), "type mismatch: expected i32, found nothing"));
  CHECK(starts_with(global({0x42, 0, 0x0b}), "type mismatch: expected i32, found i64"));
  CHECK(starts_with(global({0x41, 0, 0x41, 0, 0x0b}), "type mismatch: 1 operand"));
  CHECK(global({0x41, 1, 0x41, 2, 0x6a, 0x41, 3, 0x6c, 0x0b}) == "");
  CHECK(starts_with(global({0x41, 1, 0x6a, 0x0b}), "type mismatch"));
  CHECK(starts_with(global({0x41, 1, 0x41, 2, 0x6a, 0x0b}, Features{}),
                    "`i32.add` in a constant expression needs"));
  CHECK(
      starts_with(global({0x41, 0, 0x67, 0x0b}), "constant expression required, found `i32.clz`"));
  CHECK(global({0x27, 0x0b}) == "illegal opcode 27");
  CHECK(global({0x23, 0, 0x0b}) == "unknown global 0");
  CHECK(global({0xd2, 0, 0x0b}) == "unknown function 0");
  // Of several globals each may read those before it, unless they are mutable.
  CHECK(with({section(6, {2, 0x7f, 0, 0x41, 0, 0x0b, 0x7f, 0, 0x23, 0, 0x0b})}) == "");
  CHECK(starts_with(with({section(6, {2, 0x7f, 1, 0x41, 0, 0x0b, 0x7f, 0, 0x23, 0, 0x0b})}),
                    "constant expression"));
}

TEST_CASE("exports and start") {
  auto exported = [](const Bytes& what) {
    return with({one_type, one_function, section(7, what), one_body});
  };
  CHECK(exported({1, 1, 'f', 0, 0}) == "");
  CHECK(exported({2, 1, 'f', 0, 0, 1, 'f', 0, 0}) == "duplicate export name `f`");
  CHECK(exported({1, 1, 'f', 0, 1}) == "unknown function 1");
  CHECK(exported({1, 1, 'f', 1, 0}) == "unknown table 0");
  CHECK(exported({1, 1, 'f', 2, 0}) == "unknown memory 0");
  CHECK(exported({1, 1, 'f', 3, 0}) == "unknown global 0");
  CHECK(exported({1, 1, 'f', 4, 0}) == "unknown tag 0");
  CHECK(exported({1, 1, 'f', 5, 0}) == "malformed export kind");
  auto start = [](const Bytes& type, uint8_t function) {
    return with({section(1, type), one_function, section(8, {function}),
                 section(10, {1, 3, 0, 0x00, 0x0b})});
  };
  CHECK(start({1, 0x60, 0, 0}, 0) == "");
  CHECK(start({1, 0x60, 0, 0}, 1) == "unknown function 1");
  CHECK(starts_with(start({1, 0x60, 1, 0x7f, 0}, 0), "start function"));
  CHECK(starts_with(start({1, 0x60, 0, 1, 0x7f}, 0), "start function"));
}

TEST_CASE("element segments") {
  auto elem = [](const Bytes& what) {
    return with({one_type, one_function, one_table, section(9, what), one_body});
  };
  CHECK(elem({1, 0, 0x41, 0, 0x0b, 1, 0}) == "");
  CHECK(elem({1, 1, 0, 1, 0}) == "");
  CHECK(elem({1, 2, 0, 0x41, 0, 0x0b, 0, 1, 0}) == "");
  CHECK(elem({1, 3, 0, 1, 0}) == "");
  CHECK(elem({1, 4, 0x41, 0, 0x0b, 1, 0xd2, 0, 0x0b}) == "");
  CHECK(elem({1, 5, 0x70, 2, 0xd2, 0, 0x0b, 0xd0, 0x70, 0x0b}) == "");
  CHECK(elem({1, 6, 0, 0x41, 0, 0x0b, 0x70, 1, 0xd0, 0x70, 0x0b}) == "");
  CHECK(elem({1, 7, 0x6f, 1, 0xd0, 0x6f, 0x0b}) == "");
  CHECK(elem({1, 8, 0}) == "malformed elements segment kind");
  CHECK(elem({1, 1, 1, 0}) == "malformed element kind");
  CHECK(elem({1, 5, 0x7f, 0}) == "malformed reference type");
  CHECK(elem({1, 0, 0x41, 0, 0x0b, 1, 1}) == "unknown function 1");
  CHECK(elem({1, 2, 1, 0x41, 0, 0x0b, 0, 0}) == "unknown table 1");
  CHECK(starts_with(elem({1, 0, 0x42, 0, 0x0b, 0}), "type mismatch"));
  CHECK(starts_with(elem({1, 5, 0x6f, 1, 0xd2, 0, 0x0b}), "type mismatch"));
  CHECK(starts_with(elem({1, 5, 0x6f, 1, 0xd0, 0x70, 0x0b}), "type mismatch"));
  CHECK(starts_with(elem({1, 6, 0, 0x41, 0, 0x0b, 0x6f, 0}), "type mismatch"));
  auto features = Features::validated().without(Feature::bulk_memory);
  CHECK(starts_with(with({section(9, {1, 1, 0, 0})}, features),
                    "this kind of element segment needs"));
}

TEST_CASE("elements that only name functions are kept as functions") {
  auto decode = [](const Bytes& what) {
    auto module = decode_module(join({preamble(), section(9, what)}));
    REQUIRE(module);
    return module->elems[ElemIndex(0u)];
  };
  ElemSegment named = decode({1, 5, 0x70, 2, 0xd2, 3, 0x0b, 0xd2, 4, 0x0b});
  CHECK(named.functions == std::vector<FuncIndex>{FuncIndex(3u), FuncIndex(4u)});
  CHECK(named.exprs.empty());
  ElemSegment mixed = decode({1, 5, 0x70, 3, 0xd2, 3, 0x0b, 0xd0, 0x70, 0x0b, 0xd2, 4, 0x0b});
  CHECK(mixed.functions.empty());
  REQUIRE(mixed.exprs.size() == 3);
  CHECK(mixed.exprs[0][0].bits == 3);
  CHECK(mixed.exprs[1][0].kind == ConstOp::Kind::ref_null);
  CHECK(mixed.exprs[2][0].bits == 4);
  CHECK(mixed.size() == 3);
}

TEST_CASE("data segments and their count") {
  auto data = [](const Bytes& what) { return with({one_memory, section(11, what)}); };
  CHECK(data({1, 0, 0x41, 0, 0x0b, 2, 7, 8}) == "");
  CHECK(data({1, 1, 2, 7, 8}) == "");
  CHECK(data({1, 2, 0, 0x41, 0, 0x0b, 0}) == "");
  CHECK(data({1, 3, 0}) == "malformed data segment kind");
  CHECK(data({1, 1, 3, 7}) == "unexpected end");
  CHECK(data({1, 2, 1, 0x41, 0, 0x0b, 0}) == "unknown memory 1");
  CHECK(starts_with(data({1, 0, 0x42, 0, 0x0b, 0}), "type mismatch"));
  CHECK(with({section(12, {1}), section(11, {1, 1, 0})}) == "");
  CHECK(with({section(12, {0})}) == "");
  CHECK(with({section(12, {1})}) == "data count and data section have inconsistent lengths");
  CHECK(with({section(12, {2}), section(11, {1, 1, 0})}) ==
        "data count and data section have inconsistent lengths");
}

TEST_CASE("functions and bodies") {
  constexpr auto inconsistent = "function and code section have inconsistent lengths";
  CHECK(with({one_type, one_function}) == inconsistent);
  CHECK(with({one_body}) == inconsistent);
  CHECK(with({section(3, {1, 0}), one_body}) == "unknown type 0");
  CHECK(with({one_type, one_function, section(10, {1, 3, 0, 0x0b})}) == "unexpected end");
  CHECK(with({one_type, one_function, section(10, {1, 1, 0})}) ==
        "unexpected end of section or function");
  CHECK(with({one_type, one_function, section(10, {1, 4, 1, 1, 0x40, 0x0b})}) ==
        "malformed value type");
  CHECK(with({one_type, one_function, section(10, {1, 2, 9, 0x0b})}) == "length out of bounds");
}

TEST_CASE("limits of a module") {
  auto repeat = [](uint32_t count, const Bytes& entry) {
    Bytes all = leb(count);
    for (uint32_t i = 0; i < count; ++i) all.insert(all.end(), entry.begin(), entry.end());
    return all;
  };
  CHECK(with({section(4, repeat(limits::max_tables, {0x70, 0, 0}))}) == "");
  CHECK(starts_with(with({section(4, repeat(limits::max_tables + 1, {0x70, 0, 0}))}),
                    "101 tables, at most"));
  CHECK(starts_with(with({section(5, repeat(limits::max_memories + 1, {0, 0}))}), "101 memories"));
  CHECK(starts_with(with({section(11, repeat(limits::max_segments + 1, {1, 0}))}),
                    "100001 data segments"));
  CHECK(starts_with(with({section(9, repeat(limits::max_segments + 1, {1, 0, 0}))}),
                    "100001 element segments"));
  Bytes params = join({Bytes{1, 0x60}, repeat(limits::max_params + 1, {0x7f}), Bytes{0}});
  CHECK(starts_with(with({section(1, params)}), "1001 parameters"));
  Bytes results = join({Bytes{1, 0x60, 0}, repeat(limits::max_results + 1, {0x7f})});
  CHECK(starts_with(with({section(1, results)}), "1001 results"));
  Bytes name = repeat(limits::max_name_bytes + 1, {'a'});
  CHECK(starts_with(with({section(7, join({Bytes{1}, name, Bytes{0, 0}}))}),
                    "a name of 100001 bytes"));
  Bytes body(limits::max_function_bytes + 1, 0x01);
  body.front() = 0;
  body.back() = 0x0b;
  Bytes code = join({Bytes{1}, leb(body.size()), body});
  CHECK(starts_with(with({one_type, one_function, section(10, code)}), "a body of 7654322 bytes"));
  Bytes fields = join({Bytes{1, 0x5f}, repeat(limits::max_struct_fields + 1, {0x7f, 0})});
  CHECK(starts_with(with({section(1, fields)}, Features::standard()), "10001 fields"));
  Bytes group = join({Bytes{1, 0x4e}, repeat(limits::max_types + 1, {0x60, 0, 0})});
  CHECK(starts_with(with({section(1, group)}, Features::standard()), "1000001 types in a group"));
  Bytes half = join({Bytes{1, 0}, repeat(limits::max_table_elements / 2 + 1, {0})});
  CHECK(
      starts_with(with({section(9, join({Bytes{2}, half, half}))}), "more than 10000000 elements"));
  // Imports and definitions fill the same index space.
  Bytes imports = repeat(limits::max_memories, {0, 0, 2, 0, 0});
  CHECK(starts_with(with({section(2, imports), one_memory}), "more than 100 memories"));
}

TEST_CASE("no truncation and no flipped bit brings the decoder down") {
  ModuleBuilder builder;
  TypeIndex type = builder.type({ValType::i32}, {ValType::i32});
  builder.import_function("env", "f", type);
  MemoryIndex memory = builder.memory({Limits{.min = 1}});
  FuncIndex function = builder.function(type, "f");
  builder.body(function).local_get(0);
  builder.export_("f", function);
  const uint8_t data[] = {1, 2, 3};
  builder.active_data(memory, const_i32(1), data);
  auto bytes = builder.finish();
  REQUIRE(check(bytes) == "");
  for (size_t size = 0; size < bytes.size(); ++size) (void)check(std::span(bytes).first(size));
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto mutated = bytes;
      mutated[at] = static_cast<uint8_t>(mutated[at] ^ 1 << bit);
      (void)check(mutated);
    }
  }
}

}  // namespace tenon::wasm
