#include "api/test_components.h"
#include "tenon/instance.h"

// Calls of async functions by the host. What guests do among themselves is the matter of the
// standard's scripts.
namespace tenon {
namespace {

using namespace component::testing;

// Functions that are lifted async with the callback "again":
//   "now"    returns its parameter plus 1 and exits
//   "later"  keeps its parameter and yields; the callback returns it plus 2
//   "never"  waits for a set with nothing in it
//   "twice"  returns two times
//   "silent" exits without a result
Bytes async_module() {
  ModuleBuilder module;
  auto task_return = module.import_function("", "task.return", module.type({i32}, {}));
  auto new_set = module.import_function("", "waitable-set.new", module.type({}, {i32}));
  auto kept = module.global({i32, true}, wasm::const_i32(0));
  auto function = [&](const char* name) -> wasm::BodyBuilder& {
    wasm::FuncIndex made = module.function(module.type({i32}, {i32}));
    module.export_(name, made);
    return module.body(made);
  };
  function("now").local_get(0).i32_const(1).op(Opcode::i32_add).call(task_return).i32_const(0);
  function("later").local_get(0).global_set(kept).i32_const(1);
  function("never").call(new_set).i32_const(4).op(Opcode::i32_shl).i32_const(2).op(Opcode::i32_or);
  function("twice").i32_const(1).call(task_return).i32_const(2).call(task_return).i32_const(0);
  function("silent").i32_const(0);
  wasm::FuncIndex again = module.function(module.type({i32, i32, i32}, {i32}));
  module.export_("again", again);
  module.body(again)
      .global_get(kept)
      .i32_const(2)
      .op(Opcode::i32_add)
      .call(task_return)
      .i32_const(0);
  return module.finish();
}

Bytes async_component() {
  constexpr uint8_t task_return = 0x09, waitable_set_new = 0x1f;
  ComponentBuilder builder;
  builder.type(cat({{0x43}, vec({field("x", u32_)}), {0x00}, u32_}))
      .item(8, cat({{task_return}, {0x00}, u32_, vec({})}))
      .item(8, {waitable_set_new})
      .core_exports({{"task.return", core_func, 0}, {"waitable-set.new", core_func, 1}})
      .core_module(async_module())
      .core_instantiate(0, {{"", 0}})
      .alias_core(core_func, 1, "again");
  uint32_t function = 0;
  for (const char* name : {"now", "later", "never", "twice", "silent"}) {
    builder.alias_core(core_func, 1, name)
        .lift(3 + function, 0, {{0x06}, cat({{0x07}, u32(2)})})
        .export_(name, func_sort, 2 * function);
    function++;
  }
  return builder.finish();
}

struct Async {
  std::optional<Component> component = load(async_component());
  Linker linker{engine()};

  std::string call(std::string_view text) {
    Store store(engine());
    auto instance = linker.instantiate(store, *component);
    if (!instance) return instance.error().to_string();
    auto called = instance->call_wave(text);
    if (!called) return called.error().to_string();
    return *called ? **called : called->error().to_string();
  }
};

TEST_CASE("an async function returns at once, or after it has waited") {
  Async it;
  if (!it.component) return;
  CHECK(it.call("now(41)") == "42");
  CHECK(it.call("later(40)") == "42");
}

TEST_CASE("async functions are called with C++ types, again and again") {
  Async it;
  if (!it.component) return;
  Store store(engine());
  auto instance = it.linker.instantiate(store, *it.component);
  REQUIRE(instance);
  auto now = instance->get_func<uint32_t(uint32_t)>("now");
  auto later = instance->get_func<uint32_t(uint32_t)>("later");
  auto never = instance->get_func<uint32_t(uint32_t)>("never");
  REQUIRE((now && later && never));
  for (uint32_t i = 0; i < 100; i++) {
    auto at_once = (*now)(i);
    auto waited = (*later)(i);
    REQUIRE((at_once && waited));
    CHECK(*at_once == i + 1);
    CHECK(*waited == i + 2);
  }
  auto failed = (*never)(1);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().to_string() ==
        "export `never`: deadlock detected: event loop cannot make further progress");
}

TEST_CASE("what async functions do wrong is a trap") {
  Async it;
  if (!it.component) return;
  auto fails = [&](std::string_view text, std::string_view with) {
    CAPTURE(text);
    CHECK(it.call(text).find(with) != std::string::npos);
  };
  fails("never(0)", "deadlock detected: event loop cannot make further progress");
  fails("twice(0)", "called more than once for current task");
  fails("silent(0)", "failed to produce a result");
}

TEST_CASE("an instance serves any number of calls") {
  Async it;
  if (!it.component) return;
  Store store(engine());
  auto instance = it.linker.instantiate(store, *it.component);
  REQUIRE(instance.has_value());
  for (int i = 0; i < 1000; i++) {
    auto called = instance->call_wave("later(1)");
    REQUIRE(called);
    REQUIRE(*called);
    REQUIRE(**called == "3");
  }
}

// Imports "add" and exports "go", which calls it async: the result goes through address 64.
Bytes caller_module() {
  ModuleBuilder module;
  auto add = module.import_function("", "add", module.type({i32, i32, i32}, {i32}));
  auto task_return = module.import_function("", "task.return", module.type({i32}, {}));
  auto memory = module.import_memory("", "mem", {{1, 0, false, false}});
  wasm::FuncIndex go = module.function(module.type({i32}, {i32}));
  wasm::BodyBuilder& body = module.body(go);
  constexpr int32_t returned = 2;
  body.local_get(0).i32_const(5).i32_const(64).call(add).i32_const(returned).op(Opcode::i32_ne);
  body.if_();
  body.unreachable().end();
  body.i32_const(64).access(Opcode::i32_load, memory, 0).call(task_return).i32_const(0);
  module.export_("go", go);
  wasm::FuncIndex again = module.function(module.type({i32, i32, i32}, {i32}));
  module.body(again).unreachable();
  module.export_("again", again);
  return module.finish();
}

Bytes caller_component() {
  constexpr uint8_t task_return = 0x09;
  ComponentBuilder builder;
  return builder.type(cat({{0x43}, vec({field("a", u32_), field("b", u32_)}), {0x00}, u32_}))
      .import("add", func_desc(0))
      .type(cat({{0x43}, vec({field("x", u32_)}), {0x00}, u32_}))
      .core_module(memory_module())
      .core_instantiate(0)
      .alias_core(core_memory, 0, "mem")
      .lower(0, {memory_option(0), {0x06}})
      .item(8, cat({{task_return}, {0x00}, u32_, vec({})}))
      .core_exports({{"add", core_func, 0}, {"task.return", core_func, 1}, {"mem", core_memory, 0}})
      .core_module(caller_module())
      .core_instantiate(1, {{"", 1}})
      .alias_core(core_func, 2, "go")
      .alias_core(core_func, 2, "again")
      .lift(2, 1, {{0x06}, cat({{0x07}, u32(3)})})
      .export_("go", func_sort, 1)
      .finish();
}

TEST_CASE("a guest calls a host function async") {
  auto component = load(caller_component());
  if (!component) return;
  Linker linker(engine());
  linker.func("add", [](uint32_t a, uint32_t b) { return a + b; });
  Store store(engine());
  auto instance = linker.instantiate(store, *component);
  REQUIRE_MESSAGE(instance.has_value(), (instance ? "" : instance.error().to_string()));
  auto called = instance->call_wave("go(37)");
  REQUIRE(called);
  REQUIRE_MESSAGE(called->has_value(), (*called ? "" : called->error().to_string()));
  CHECK(**called == "42");
}

}  // namespace
}  // namespace tenon
