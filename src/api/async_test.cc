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

}  // namespace
}  // namespace tenon
