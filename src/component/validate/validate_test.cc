#include "component/validate/validate.h"

#include <doctest/doctest.h>

#include "base/limits.h"
#include "component/binary/decode.h"
#include "component/testing/builder.h"

namespace tenon::component {
namespace {

using namespace testing;

constexpr auto i32 = wasm::ValType::i32;

// "" when valid, else the message.
std::string check(const Bytes& bytes, wasm::Features features = wasm::Features::defaults()) {
  auto decoded = decode(bytes);
  REQUIRE(decoded);
  auto validated = validate(*decoded, features);
  return validated ? "" : validated.error().message();
}
std::string check(const ComponentBuilder& builder) {
  return check(builder.finish());
}

// A guest with one function of `type`, its memory and realloc: core func 0 is "realloc", 1 is "f0".
ComponentBuilder guest(const wasm::FuncType& type) {
  ComponentBuilder builder;
  builder.core_module(guest_module({type})).core_instantiate(0);
  builder.alias_core(core_memory, 0, "mem")
      .alias_core(core_func, 0, "realloc")
      .alias_core(core_func, 0, "f0");
  return builder;
}

TEST_CASE("value types") {
  CHECK(check(ComponentBuilder().type(record({field("a", u8)})).type(list({0x00}))).empty());
  CHECK(check(ComponentBuilder().type(record({}))) == "record type must have at least one field");
  CHECK(check(ComponentBuilder().type(flags({}))) == "flags must have at least one entry");
  CHECK(check(ComponentBuilder().type(tuple({}))) == "tuple type must have at least one type");
  CHECK(check(ComponentBuilder().type(record({field("a", u8), field("A", u8)}))) ==
        "record field name `A` conflicts with previous field name `a`");
  CHECK(check(ComponentBuilder().type(enum_({""}))) == "enum tag name cannot be empty");
  CHECK(check(ComponentBuilder().type(enum_({"1a"}))) == "enum tag name `1a` is not in kebab case");
  CHECK(check(ComponentBuilder().type(list({0x00}))) == "unknown type 0: type index out of bounds");
  CHECK(check(ComponentBuilder().type(func({})).type(list({0x00}))) ==
        "type index 0 is not a defined type");
  CHECK(check(ComponentBuilder().type(list(u8)).type(own(0))) ==
        "type index 0 is not a resource type");
  CHECK(check(ComponentBuilder().type(resource).type(borrow(0)).type(func({}, {0x01}))) ==
        "function result cannot contain a `borrow` type");
}

TEST_CASE("lift checks the core function and the options") {
  Bytes takes_string = func({field("s", string)});
  CHECK(check(guest({{i32, i32}, {}})
                  .type(takes_string)
                  .lift(1, 0, {memory_option(0), realloc_option(0)}))
            .empty());
  CHECK(check(guest({{i32, i32}, {}}).type(takes_string).lift(1, 0)) ==
        "canonical option `memory` is required");
  CHECK(check(guest({{i32, i32}, {}}).type(takes_string).lift(1, 0, {memory_option(0)})) ==
        "canonical option `realloc` is required");
  CHECK(check(guest({{i32, i32}, {}}).type(takes_string).lift(1, 0, {realloc_option(0)})) ==
        "canonical option `realloc` requires `memory` to also be specified");
  CHECK(check(guest({{i32, i32}, {}})
                  .type(takes_string)
                  .lift(1, 0, {memory_option(0), realloc_option(1)})) ==
        "canonical option `realloc` uses a core function with an incorrect signature");
  CHECK(check(guest({{i32}, {}})
                  .type(takes_string)
                  .lift(1, 0, {memory_option(0), realloc_option(0)})) ==
        "lowered parameter types `[I32, I32]` do not match parameter types `[I32]` of the core "
        "function");
  CHECK(check(guest({{}, {}}).type(func({})).lift(1, 0, {post_return_option(1)})).empty());
  CHECK(check(guest({{}, {}}).type(func({})).lift(1, 0, {post_return_option(0)})) ==
        "canonical option `post-return` uses a core function with an incorrect signature");
  CHECK(check(guest({{}, {}}).type(func({})).lift(9, 0)) ==
        "unknown func 9: func index out of bounds");
  CHECK(check(guest({{}, {}}).type(func({})).lift(1, 0, {memory_option(3)})) ==
        "unknown memory 3: memory index out of bounds");
  CHECK(check(guest({{}, {}}).type(list(u8)).lift(1, 0)) == "type index 0 is not a function type");
}

const Bytes async_option = {0x06};
Bytes callback_option(uint32_t function) {
  return cat({{0x07}, u32(function)});
}
Bytes async_func(const std::vector<Bytes>& params, const Bytes& result = {}) {
  Bytes type = func(params, result);
  type[0] = 0x43;
  return type;
}

TEST_CASE("types of collections, streams and futures") {
  auto map = [](const Bytes& key, const Bytes& value) { return cat({{0x63}, key, value}); };
  auto stream = [](const Bytes& payload) { return cat({{0x66, 0x01}, payload}); };
  auto future = [](const Bytes& payload) { return cat({{0x65, 0x01}, payload}); };
  CHECK(check(ComponentBuilder().type(map(char_, u8))).empty());
  CHECK(check(ComponentBuilder().type(u8).type(map({0x00}, u8))).empty());
  CHECK(check(ComponentBuilder().type(map(f32, u8))) == "invalid map key type");
  CHECK(check(ComponentBuilder().type(tuple({u8})).type(map({0x00}, u8))) ==
        "invalid map key type");
  CHECK(check(ComponentBuilder().type(cat({{0x67}, u8, u32(3)}))).empty());
  CHECK(check(ComponentBuilder().type(cat({{0x67}, u8, u32(0)}))) ==
        "a list of fixed length must have elements");
  CHECK(check(ComponentBuilder().type(cat({{0x67}, string, u32(1u << 24)}))) ==
        "value type exceeds maximum byte size of 268435455");
  CHECK(check(ComponentBuilder().type({0x66, 0x00}).type(future({0x00}))).empty());
  CHECK(check(ComponentBuilder().type(stream(char_))) ==
        "`stream<char>` is not valid at this time");
  CHECK(check(ComponentBuilder().type(char_).type(stream({0x00}))) ==
        "`stream<char>` is not valid at this time");
  CHECK(check(ComponentBuilder().type(resource).type(borrow(0)).type(stream({0x01}))) ==
        "`stream` payload cannot contain a `borrow` type");
  CHECK(check(ComponentBuilder().type(resource).type(borrow(0)).type(future({0x01}))) ==
        "`future` payload cannot contain a `borrow` type");
}

TEST_CASE("asynchronous lifts and lowers have signatures of their own") {
  auto lifted = [](const wasm::FuncType& core, const Bytes& type,
                   const std::vector<Bytes>& options) {
    return check(guest(core).type(type).lift(1, 0, options));
  };
  Bytes plain = async_func({field("a", u8), field("b", u64)}, u8);
  CHECK(lifted({{i32, wasm::ValType::i64}, {}}, plain, {async_option}).empty());
  CHECK(lifted({{i32, wasm::ValType::i64}, {i32}}, plain, {}).empty());
  CHECK(lifted({{i32}, {}}, func({field("a", u8)}), {async_option}) ==
        "the `async` canonical option requires an async function type");
  CHECK(lifted({{}, {}}, async_func({}), {async_option, post_return_option(1)}) ==
        "cannot specify post-return function in async");
  CHECK(lifted({{}, {}}, async_func({}), {callback_option(1)}) ==
        "cannot specify callback without async");
  CHECK(lifted({{}, {}}, async_func({}), {async_option, callback_option(1)}) ==
        "canonical option `callback` uses a core function with an incorrect signature");
  // The callback itself serves as the function, for a type that it fits.
  CHECK(lifted({{i32, i32, i32}, {i32}},
               async_func({field("a", u8), field("b", u8), field("c", u8)}),
               {async_option, callback_option(1)})
            .empty());
  CHECK(lifted({{}, {}}, async_func({}, string), {async_option}) ==
        "canonical option `memory` is required");
  CHECK(lifted({{}, {}}, async_func({}, string), {async_option, memory_option(0)}).empty());

  // What the lowered function takes shows where a module imports it.
  auto lowered = [](const Bytes& type, const std::vector<Bytes>& options,
                    const wasm::FuncType& core) {
    wasm::ModuleBuilder importer;
    importer.import_function("m", "f", importer.type(core));
    ComponentBuilder builder = guest({{}, {}});
    builder.core_module(importer.finish()).type(type).import("f", func_desc(0)).lower(0, options);
    builder.core_exports({{"f", core_func, 2}}).core_instantiate(1, {{"m", 1}});
    return check(builder);
  };
  CHECK(lowered(plain, {async_option, memory_option(0)}, {{i32, wasm::ValType::i64, i32}, {i32}})
            .empty());
  CHECK(lowered(async_func({}), {async_option}, {{}, {i32}}).empty());
  CHECK(lowered(plain, {async_option}, {{}, {i32}}) == "canonical option `memory` is required");
  std::vector<Bytes> params;
  for (auto label : {"a", "b", "c", "d", "e"}) params.push_back(field(label, u64));
  CHECK(lowered(async_func(params), {async_option, memory_option(0)}, {{i32}, {i32}}).empty());
  CHECK(lowered(func({}), {async_option}, {{}, {}}) ==
        "the `async` canonical option requires an async function type");
  CHECK(lowered(async_func({}), {async_option, callback_option(1)}, {{}, {i32}}) ==
        "canonical option `callback` cannot be specified for lowerings");
}

TEST_CASE("a component uses one type for all its context") {
  auto with = [](uint8_t get, uint8_t set) {
    return check(ComponentBuilder()
                     .item(8, {0x0a, get, 0x00})
                     .item(8, {0x0b, set, 0x01})
                     .component(ComponentBuilder().item(8, {0x0a, 0x7f, 0x00}).finish()));
  };
  CHECK(with(0x7f, 0x7f).empty());
  CHECK(with(0x7e, 0x7e).empty());
  CHECK(with(0x7f, 0x7e) ==
        "`context.set` has another type than the component's other uses of context");
}

TEST_CASE("aliases of a memory are not memories") {
  ComponentBuilder builder = guest({{}, {}});
  for (uint32_t i = 0; i < 2 * limits::max_memories; i++) builder.alias_core(core_memory, 0, "mem");
  CHECK(check(builder).empty());
}

TEST_CASE("built-ins check their immediates") {
  // Type 0 is (stream string), 1 (future u8), 2 (list u8); core type 0 (func (param i32)).
  auto with = [](const Bytes& canon) {
    ComponentBuilder builder = guest({{}, {}});
    builder.item(3, {0x60, 0x01, 0x7f, 0x00});
    builder.type({0x66, 0x01, 0x73}).type({0x65, 0x01, 0x7d}).type(list(u8));
    return check(builder.item(8, canon));
  };
  CHECK(with({0x0e, 0x00}).empty());
  CHECK(with({0x0e, 0x01}) == "`stream.new` requires a stream type");
  CHECK(with({0x15, 0x00}) == "`future.new` requires a future type");
  CHECK(with({0x15, 0x09}) == "unknown type 9: type index out of bounds");
  CHECK(with({0x0f, 0x00, 0x02, 0x03, 0x00, 0x04, 0x00}).empty());
  CHECK(with({0x0f, 0x00, 0x00}) == "canonical option `memory` is required");
  CHECK(with({0x0f, 0x00, 0x01, 0x03, 0x00}) == "canonical option `realloc` is required");
  CHECK(with({0x10, 0x00, 0x02, 0x06, 0x03, 0x00}).empty());
  CHECK(with({0x16, 0x01, 0x01, 0x03, 0x00}).empty());
  CHECK(with({0x09, 0x00, 0x79, 0x00}).empty());
  CHECK(with({0x09, 0x00, 0x02, 0x00}) == "canonical option `memory` is required");
  CHECK(with({0x09, 0x00, 0x02, 0x01, 0x03, 0x00}).empty());
  CHECK(with({0x09, 0x01, 0x00, 0x01, 0x06}) ==
        "canonical option `async` cannot be specified for `task.return`");
  CHECK(with({0x09, 0x01, 0x00, 0x02, 0x03, 0x00, 0x04, 0x00}) ==
        "canonical option `realloc` cannot be specified for `task.return`");
  CHECK(with({0x0a, 0x7f, 0x01}).empty());
  CHECK(with({0x0b, 0x7e, 0x00}).empty());
  CHECK(with({0x0a, 0x7f, 0x02}) == "`context.get` immediate must be zero or one: 2");
  CHECK(with({0x0b, 0x7d, 0x00}) == "`context.set` only supports `i32` or `i64`");
  CHECK(with({0x20, 0x00, 0x00}).empty());
  CHECK(with({0x21, 0x00, 0x07}) == "unknown memory 7: memory index out of bounds");
  CHECK(with({0x0c, 0x01}) ==
        "`cancellable` of `thread.yield` needs the cm-legacy feature, which is switched off");
  CHECK(with({0x1c, 0x00}) == "canonical option `memory` is required");
  CHECK(with({0x1d, 0x01, 0x03, 0x00}) == "canonical option `realloc` is required");
  CHECK(with({0x27, 0x00, 0x00}) == "unknown table 0: table index out of bounds");
  CHECK(with({0x27, 0x03, 0x00}) == "unknown type 3: type index out of bounds");
}

TEST_CASE("names that differ by hyphens alone were valid once") {
  Bytes bytes = ComponentBuilder()
                    .type(func({}))
                    .import("a1", func_desc(0))
                    .import("a-1", func_desc(0))
                    .finish();
  CHECK(check(bytes) == "import name `a-1` conflicts with previous name `a1`");
  auto legacy = wasm::Features::defaults().with(wasm::Feature::component_legacy);
  CHECK(check(bytes, legacy).empty());
}

TEST_CASE("a version suffix follows a canonical version") {
  auto with = [](std::string_view text, std::string_view suffix) {
    ComponentBuilder builder;
    builder.type(instance_type({}));
    return check(
        builder.item(10, cat({{0x02}, name(text), {0x01, 0x01}, name(suffix), instance_desc(0)})));
  };
  CHECK(with("a:b/c@1", ".2.3").empty());
  CHECK(with("a:b/c@0.2", ".6-rc.1").empty());
  CHECK(with("a:b/c@0.0.1", "-alpha").empty());
  CHECK(with("a:b/c@1.2.3", "") ==
        "name `a:b/c@1.2.3` with a `versionsuffix` must end in a canonical version");
  CHECK(with("a:b/c", ".1") ==
        "name `a:b/c` with a `versionsuffix` must end in a canonical version");
  CHECK(with("a:b/c@1", "") == "unexpected end of input in version");
}

TEST_CASE("lower checks the options") {
  auto imports = [](const Bytes& type) {
    ComponentBuilder builder = guest({{}, {}});
    builder.type(type).import("f", func_desc(0));
    return builder;
  };
  CHECK(check(imports(func({field("s", string)})).lower(0, {memory_option(0)})).empty());
  CHECK(check(imports(func({field("s", string)})).lower(0)) ==
        "canonical option `memory` is required");
  CHECK(check(imports(func({}, string)).lower(0, {memory_option(0)})) ==
        "canonical option `realloc` is required");
  CHECK(check(imports(func({})).lower(0, {post_return_option(1)})) ==
        "canonical option `post-return` cannot be specified for lowerings");
  CHECK(check(imports(func({})).lower(1)) == "unknown func 1: func index out of bounds");
}

TEST_CASE("only the component that defines a resource makes and opens its handles") {
  CHECK(check(ComponentBuilder().type(resource).resource_new(0).resource_rep(0).resource_drop(0))
            .empty());
  CHECK(check(ComponentBuilder().import("r", sub_resource).resource_drop(0)).empty());
  CHECK(check(ComponentBuilder().import("r", sub_resource).resource_new(0)) ==
        "type index 0 is not a local resource");
  CHECK(check(ComponentBuilder().import("r", sub_resource).resource_rep(0)) ==
        "type index 0 is not a local resource");
  CHECK(check(ComponentBuilder().type(list(u8)).resource_drop(0)) ==
        "type index 0 is not a resource type");
  CHECK(check(ComponentBuilder().type({0x3f, 0x7d, 0x00})) ==
        "resources can only be represented by `i32` or `i64`");
}

TEST_CASE("instantiation wants each import, and types that fit") {
  Bytes wants_u32 =
      ComponentBuilder().type(func({field("x", u32_)})).import("f", func_desc(0)).finish();
  auto with = [&](const Bytes& type) {
    ComponentBuilder builder;
    builder.component(wants_u32)
        .type(type)
        .import("f", func_desc(0))
        .instantiate(0, {{"f", func_sort, 0}});
    return check(builder);
  };
  CHECK(with(func({field("x", u32_)})).empty());
  CHECK(with(func({field("y", u32_)})) == "expected parameter named `x`, found `y`");
  CHECK(with(func({field("x", u8)})) == "expected primitive `u32` found primitive `u8`");
  CHECK(with(func({})) == "expected 1 parameters, found 0");
  CHECK(check(ComponentBuilder().component(wants_u32).instantiate(0)) ==
        "missing import named `f`");
  CHECK(check(ComponentBuilder().component(wants_u32).instantiate(0, {{"f", component_sort, 0}})) ==
        "expected func, found component");
  CHECK(check(ComponentBuilder().instantiate(0)) ==
        "unknown component 0: component index out of bounds");
}

TEST_CASE("resources keep their identity through instantiation") {
  // (component (import "a" (type (sub resource))) (import "b" (type (eq 0))))
  Bytes wants_same = ComponentBuilder().import("a", sub_resource).import("b", type_eq(0)).finish();
  auto with = [&](uint32_t a, uint32_t b) {
    ComponentBuilder builder;
    builder.component(wants_same).type(resource).type(resource);
    return check(builder.instantiate(0, {{"a", type_sort, a}, {"b", type_sort, b}}));
  };
  CHECK(with(0, 0).empty());
  CHECK(with(1, 1).empty());
  CHECK(with(0, 1) == "resource types are not the same");
  // Each instance makes resources of its own.
  Bytes makes = ComponentBuilder().type(resource).export_("r", type_sort, 0).finish();
  auto twice = [&](uint32_t a, uint32_t b) {
    ComponentBuilder builder;
    builder.component(wants_same).component(makes).instantiate(1).instantiate(1);
    builder.alias_export(type_sort, 0, "r").alias_export(type_sort, 1, "r");
    return check(builder.instantiate(0, {{"a", type_sort, a}, {"b", type_sort, b}}));
  };
  CHECK(twice(0, 0).empty());
  CHECK(twice(0, 1) == "resource types are not the same");
}

TEST_CASE("types need a name where they leave the component") {
  Bytes module = guest_module({{{}, {i32}}});
  auto exports = [&](const Bytes& type, bool named) {
    ComponentBuilder builder;
    builder.core_module(module).core_instantiate(0).alias_core(core_func, 0, "f0").type(type);
    if (named) builder.export_("t", type_sort, 0);
    builder.type(func({}, u32(named ? 1 : 0))).lift(0, named ? 2 : 1);
    return check(builder.export_("f", func_sort, 0));
  };
  CHECK(exports(record({field("x", u32_)}), true).empty());
  CHECK(exports(record({field("x", u32_)}), false) == "func not valid to be used as export");
  CHECK(exports(tuple({u32_}), false).empty());
}

TEST_CASE("an exported instance names the types that other exports refer to") {
  Bytes nested = ComponentBuilder()
                     .core_module(guest_module({{{}, {i32}}}))
                     .core_instantiate(0)
                     .alias_core(core_func, 0, "f0")
                     .type(record({field("x", u32_)}))
                     .export_("t", type_sort, 0)
                     .type(func({}, {0x01}))
                     .lift(0, 2)
                     .export_("f", func_sort, 0)
                     .finish();
  ComponentBuilder builder;
  builder.component(nested).instantiate(0).alias_export(type_sort, 0, "t");
  builder.item(5, cat({{0x01}, vec({cat({{0x00}, name("t"), {type_sort}, u32(0)})})}));
  builder.alias_export(func_sort, 0, "f");
  ComponentBuilder without = builder;
  CHECK(check(builder.export_("types", instance_sort, 1).export_("f", func_sort, 0)).empty());
  CHECK(check(without.export_("f", func_sort, 0)) == "func not valid to be used as export");
}

TEST_CASE("outer aliases reach enclosing components, without resources") {
  Bytes of_type = ComponentBuilder().alias_outer(type_sort, 1, 0).finish();
  CHECK(check(ComponentBuilder().type(list(u8)).component(of_type)).empty());
  CHECK(check(ComponentBuilder().component(of_type)) == "unknown type 0: type index out of bounds");
  CHECK(check(ComponentBuilder().type(resource).component(of_type))
            .starts_with("cannot alias outer type"));
  CHECK(check(ComponentBuilder().alias_outer(type_sort, 1, 0)) == "invalid outer alias count of 1");
  CHECK(check(ComponentBuilder().alias_outer(func_sort, 0, 0)) ==
        "a func cannot be aliased from an outer scope here");
}

TEST_CASE("core instantiation wants each import") {
  wasm::ModuleBuilder wants;
  wants.import_function("a", "f", wants.type({i32}, {}));
  Bytes importer = wants.finish();
  auto with = [&](const wasm::FuncType& type, std::string_view text) {
    ComponentBuilder builder;
    builder.core_module(importer).core_module(guest_module({type})).core_instantiate(1);
    builder.alias_core(core_func, 0, "f0").core_exports({{text, core_func, 0}});
    return check(builder.core_instantiate(0, {{"a", 1}}));
  };
  CHECK(with({{i32}, {}}, "f").empty());
  CHECK(with({{}, {}}, "f") == "expected: (func (param i32)), found: (func)");
  CHECK(with({{i32}, {}}, "g") ==
        "module instantiation argument `a` does not export an item named `f`");
  CHECK(check(ComponentBuilder().core_module(importer).core_instantiate(0)) ==
        "missing module instantiation argument named `a`");
  CHECK(check(ComponentBuilder().core_instantiate(0)) ==
        "unknown module 0: module index out of bounds");
}

TEST_CASE("export names are unique and in kebab case") {
  auto twice = [](std::string_view a, std::string_view b) {
    ComponentBuilder builder;
    builder.type(list(u8)).export_(a, type_sort, 0);
    return check(builder.export_(b, type_sort, 0));
  };
  CHECK(twice("a", "b").empty());
  CHECK(twice("a", "A") == "export name `A` conflicts with previous name `a`");
  CHECK(twice("a", "B_") == "`B_` is not in kebab case");
}

TEST_CASE("types that are copied over and over meet a limit") {
  // A long name in an instance type that another has ten times, and that is imported over and over.
  Bytes named = instance_type({export_decl(std::string(50'000, 'a'), sub_resource)});
  std::vector<Bytes> decls = {type_decl(named)};
  for (int i = 0; i < 10; i++)
    decls.push_back(export_decl("i" + std::to_string(i), instance_desc(0)));
  ComponentBuilder builder;
  builder.type(instance_type(decls));
  for (int i = 0; i < 900; i++) builder.import("i" + std::to_string(i), instance_desc(0));
  Bytes bytes = builder.finish();
  auto decoded = decode(bytes);
  REQUIRE(decoded);
  auto validated = validate(*decoded);
  REQUIRE_FALSE(validated.has_value());
  CHECK(validated.error().code() == ErrorCode::limit);
}

TEST_CASE("an invalid core module makes its component invalid") {
  wasm::ModuleBuilder module;
  module.body(module.function(module.type({}, {i32})));
  CHECK_FALSE(check(ComponentBuilder().core_module(module.finish())).empty());
}

}  // namespace
}  // namespace tenon::component
