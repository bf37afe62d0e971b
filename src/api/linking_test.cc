#include "api/store_impl.h"
#include "api/test_components.h"
#include "tenon/module.h"

// What a component's root imports and exports beside its own functions, and traps at its borders.
namespace tenon {
namespace {

using namespace component::testing;

// `f`, imported and exported as `g`.
Bytes reexport(const std::vector<Bytes>& types, const std::vector<Bytes>& params,
               const Bytes& result) {
  ComponentBuilder builder;
  for (const Bytes& type : types) builder.type(type);
  auto function = static_cast<uint32_t>(types.size());
  return builder.type(func(params, result))
      .import("f", func_desc(function))
      .export_("g", func_sort, 0)
      .finish();
}

TEST_CASE("api: a function that is imported and exported again") {
  auto scalar = load(reexport({}, {field("a", u32_), field("b", f32)}, u32_));
  auto text = load(reexport({}, {field("s", string)}, string));
  if (!scalar || !text) return;
  Linker linker(engine());
  linker.func("f", [](uint32_t a, float b) { return a + static_cast<uint32_t>(b); });
  Store store(engine());
  auto instance = linker.instantiate(store, *scalar);
  REQUIRE(instance.has_value());
  CHECK((*instance->get_func<uint32_t(uint32_t, float)>("g"))(40, 2.5f) == 42u);

  Linker texts(engine());
  // The result is made of the argument while that still is in the scratch memory.
  texts.func("f", [](std::string_view s) { return s; });
  auto other = texts.instantiate(store, *text);
  REQUIRE(other.has_value());
  auto g = other->get_func<std::string(std::string_view)>("g");
  REQUIRE(g.has_value());
  std::string large(100'000, 'x');
  for (int i = 0; i < 50; i++) CHECK((*g)(large) == large);
  CHECK(other->call_wave("g(\"h\u00e9\")")->value() == "\"h\u00e9\"");
}

TEST_CASE("api: a re-export with more parameters than fit, and a lent resource") {
  std::vector<Bytes> params(17, field("p", u32_));
  for (uint8_t i = 0; i < params.size(); i++)
    params[i] = field(std::string(1, static_cast<char>('a' + i)), u32_);
  auto many = load(reexport({tuple({u32_, string})}, params, u32(0)));
  if (!many) return;
  Linker linker(engine());
  linker.func("f",
              [](uint32_t a, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t,
                 uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t,
                 uint32_t q) { return std::tuple(a + q, std::string("sum")); });
  Store store(engine());
  auto instance = linker.instantiate(store, *many);
  REQUIRE(instance.has_value());
  auto sum = instance->call_wave("g(1, 0,0,0,0, 0,0,0,0, 0,0,0,0, 0,0,0, 41)");
  CHECK(sum->value() == "(42, \"sum\")");

  Bytes lending = ComponentBuilder()
                      .import("r", sub_resource)
                      .type(borrow(0))
                      .type(func({field("self", u32(1))}, u32_))
                      .import("f", func_desc(2))
                      .export_("g", func_sort, 0)
                      .finish();
  auto component = load(lending);
  if (!component) return;
  Linker lender(engine());
  lender.resource<int>("r").func("f", [](Borrow<int> it) { return static_cast<uint32_t>(++*it); });
  auto lent = lender.instantiate(store, *component);
  REQUIRE(lent.has_value());
  int object = 6;
  auto g = lent->get_func<uint32_t(Borrow<int>)>("g");
  REQUIRE(g.has_value());
  CHECK((*g)(Borrow<int>(object)) == 7u);
  CHECK((*g)(Borrow<int>(object)) == 8u);
}

// Gives the module it imports a function `base`, and lifts what the module exports.
Bytes module_importer() {
  Bytes nothing_to_i32 = {0x60, 0x00, 0x01, 0x7f};
  Bytes type = cat(
      {{0x50},
       vec({cat({{0x01}, nothing_to_i32}), cat({{0x00}, name("unused"), name("x"), {0x00}, u32(0)}),
            cat({{0x00}, name("env"), name("base"), {0x00}, u32(0)}),
            cat({{0x03}, name("other"), {0x00}, u32(0)}),
            cat({{0x03}, name("answer"), {0x00}, u32(0)})})});
  ModuleBuilder base;
  wasm::FuncIndex forty = base.function(base.type({}, {i32}));
  base.body(forty).i32_const(40);
  base.export_("base", forty);
  base.export_("x", forty);
  return ComponentBuilder()
      .item(3, type)
      .import("m", cat({{0x00, 0x11}, u32(0)}))
      .core_module(base.finish())
      .core_instantiate(1)
      .core_instantiate(0, {{"env", 0}, {"unused", 0}})
      .alias_core(core_func, 1, "answer")
      .type(func({}, u32_))
      .lift(0, 0)
      .export_("answer", func_sort, 0)
      .finish();
}

// answer: base() + 2. `other` is what `answer` is not.
Bytes imported_module(bool with_other) {
  ModuleBuilder module;
  wasm::TypeIndex type = module.type({}, {i32});
  wasm::FuncIndex base = module.import_function("env", "base", type);
  wasm::FuncIndex unrelated = module.function(module.type({i32}, {}));
  module.body(unrelated);
  wasm::FuncIndex answer = module.function(type);
  module.body(answer).call(base).i32_const(2).op(Opcode::i32_add);
  module.export_("unrelated", unrelated);
  module.export_("answer", answer);
  module.export_("other", with_other ? base : unrelated);
  return module.finish();
}

TEST_CASE("api: a core module that the root imports") {
  auto component = load(module_importer());
  if (!component) return;
  CHECK(component->imports().front().type == "module");
  Linker nothing(engine());
  const std::string missing = "the component imports module `m`, which nothing defines";
  CHECK(link_error(nothing, *component).starts_with(missing + "; if it is not going"));
  nothing.trap_on_unknown_imports();
  CHECK(link_error(nothing, *component) == missing);
  auto wrong = Module::from_bytes(engine(), imported_module(false));
  auto right = Module::from_bytes(engine(), imported_module(true));
  REQUIRE((wrong && right));
  Linker unfit(engine());
  unfit.module("m", *wrong);
  CHECK(
      link_error(unfit, *component) ==
      "import `m`: the module is of another type than the component wants: type mismatch in export "
      "`other`: expected: (func (result i32)), found: (func (param i32))");
  Linker linker(engine());
  linker.module("m", *right);
  Store store(engine());
  auto instance = linker.instantiate(store, *component);
  REQUIRE(instance.has_value());
  CHECK((*instance->get_func<uint32_t()>("answer"))() == 42u);
}

// A child whose `f` takes list<u32>, with a realloc that returns `pointer`, and one that calls it
// with a list of `length` at 8, through the parent.
Bytes bad_realloc(int32_t pointer, int32_t length) {
  ModuleBuilder callee;
  wasm::FuncIndex realloc = callee.function(callee.type({i32, i32, i32, i32}, {i32}));
  callee.body(realloc).i32_const(pointer);
  wasm::FuncIndex take = callee.function(callee.type({i32, i32}, {}));
  callee.body(take);
  callee.export_("realloc", realloc);
  callee.export_("f", take);
  callee.export_("mem", callee.memory({{1, 0, false, false}}));
  Bytes taker = ComponentBuilder()
                    .core_module(callee.finish())
                    .core_instantiate(0)
                    .alias_core(core_memory, 0, "mem")
                    .alias_core(core_func, 0, "realloc")
                    .alias_core(core_func, 0, "f")
                    .type(list(u32_))
                    .type(func({field("a", u32(0))}))
                    .lift(1, 1, {memory_option(0), realloc_option(0)})
                    .export_("f", func_sort, 0)
                    .finish();
  ModuleBuilder caller;
  wasm::FuncIndex f = caller.import_function("", "f", caller.type({i32, i32}, {}));
  wasm::FuncIndex run = caller.function(caller.type({}, {}));
  caller.body(run).i32_const(8).i32_const(length).call(f);
  caller.export_("run", run);
  Bytes giver = ComponentBuilder()
                    .type(list(u32_))
                    .type(func({field("a", u32(0))}))
                    .import("f", func_desc(1))
                    .core_module(memory_module())
                    .core_instantiate(0)
                    .alias_core(core_memory, 0, "mem")
                    .lower(0, {memory_option(0)})
                    .core_exports({{"f", core_func, 0}})
                    .core_module(caller.finish())
                    .core_instantiate(1, {{"", 1}})
                    .alias_core(core_func, 2, "run")
                    .type(func({}))
                    .lift(1, 2)
                    .export_("run", func_sort, 1)
                    .finish();
  return ComponentBuilder()
      .component(taker)
      .component(giver)
      .instantiate(0)
      .alias_export(func_sort, 0, "f")
      .instantiate(1, {{"f", func_sort, 0}})
      .alias_export(func_sort, 1, "run")
      .export_("run", func_sort, 1)
      .finish();
}

TEST_CASE("api: a resource that has to be another one is compared with it") {
  auto component =
      load(ComponentBuilder().import("r", sub_resource).import("s", type_eq(0)).finish());
  if (!component) return;
  Linker same(engine()), missing(engine()), other(engine());
  same.resource<int>("r").resource<int>("s");
  missing.resource<int>("r");
  other.resource<int>("r").resource<long>("s");
  CHECK(link_error(same, *component) == "");
  CHECK(link_error(missing, *component) == "");
  CHECK(link_error(other, *component).find("it is another resource than `r`") != std::string::npos);
}

TEST_CASE("api: an instance without items need not be there, but cannot be a function") {
  auto component =
      load(ComponentBuilder().type(instance_type({})).import("i", instance_desc(0)).finish());
  if (!component) return;
  Linker nothing(engine()), function(engine()), instance(engine());
  function.func("i", [] {});
  instance.instance("i").func("f", [] {});
  CHECK(link_error(nothing, *component) == "");
  CHECK(link_error(instance, *component) == "");
  CHECK(link_error(function, *component).find("it is an instance, and what is given a function") !=
        std::string::npos);
}

TEST_CASE("api: what realloc returns is checked between guests, for empty lists too") {
  struct Case {
    int32_t pointer, length;
    const char* text;
  };
  for (const Case& c : {Case{-4, 0, "list content out-of-bounds"}, Case{2, 1, "unaligned pointer"},
                        Case{65532, 2, "list content out-of-bounds"}, Case{65532, 1, ""}}) {
    CAPTURE(c.pointer);
    auto component = load(bad_realloc(c.pointer, c.length));
    if (!component) return;
    Linker linker(engine());
    Store store(engine());
    auto instance = linker.instantiate(store, *component);
    REQUIRE(instance.has_value());
    auto run = (*instance->get_func<void()>("run"))();
    CHECK(run.has_value() == (*c.text == '\0'));
    if (!run)
      CHECK(run.error().to_string() ==
            std::string("component `instance 1`: export `run`: ") + c.text);
  }
}

// `run` of the parent calls `f` of its child.
TEST_CASE("api: a parent cannot call its child") {
  ModuleBuilder callee;
  wasm::FuncIndex f = callee.function(callee.type({}, {}));
  callee.body(f);
  callee.export_("f", f);
  Bytes child = ComponentBuilder()
                    .core_module(callee.finish())
                    .core_instantiate(0)
                    .alias_core(core_func, 0, "f")
                    .type(func({}))
                    .lift(0, 0)
                    .export_("f", func_sort, 0)
                    .finish();
  ModuleBuilder caller;
  wasm::FuncIndex imported = caller.import_function("", "f", caller.type({}, {}));
  wasm::FuncIndex run = caller.function(caller.type({}, {}));
  caller.body(run).call(imported);
  caller.export_("run", run);
  auto component = load(ComponentBuilder()
                            .component(child)
                            .instantiate(0)
                            .alias_export(func_sort, 0, "f")
                            .lower(0)
                            .core_exports({{"f", core_func, 0}})
                            .core_module(caller.finish())
                            .core_instantiate(0, {{"", 0}})
                            .alias_core(core_func, 1, "run")
                            .type(func({}))
                            .lift(1, 0)
                            .export_("run", func_sort, 1)
                            .finish());
  if (!component) return;
  Linker linker(engine());
  Store store(engine());
  auto instance = linker.instantiate(store, *component);
  REQUIRE(instance.has_value());
  auto trap = (*instance->get_func<void()>("run"))();
  REQUIRE_FALSE(trap.has_value());
  CHECK(trap.error().code == TrapCode::cannot_enter_component);
}

// make: func() -> own<r>; take: func(self: borrow<r>), which traps; dropped: func() -> u32, how
// often the destructor ran. The destructor of 13 traps.
Bytes resource_maker() {
  ModuleBuilder drops;
  wasm::GlobalIndex count = drops.global({i32, true}, wasm::const_i32(0));
  wasm::FuncIndex destroy = drops.function(drops.type({i32}, {}));
  wasm::BodyBuilder& body = drops.body(destroy);
  body.local_get(0).i32_const(13).op(Opcode::i32_eq).if_();
  body.unreachable().end();
  body.global_get(count).i32_const(1).op(Opcode::i32_add).global_set(count);
  wasm::FuncIndex dropped = drops.function(drops.type({}, {i32}));
  drops.body(dropped).global_get(count);
  drops.export_("destroy", destroy);
  drops.export_("dropped", dropped);

  ModuleBuilder core;
  wasm::FuncIndex made = core.import_function("", "new", core.type({i32}, {i32}));
  wasm::FuncIndex make = core.function(core.type({i32}, {i32}));
  core.body(make).local_get(0).call(made);
  wasm::FuncIndex take = core.function(core.type({i32}, {}));
  core.body(take).unreachable();
  core.export_("make", make);
  core.export_("take", take);
  return ComponentBuilder()
      .core_module(drops.finish())
      .core_instantiate(0)
      .alias_core(core_func, 0, "destroy")
      .alias_core(core_func, 0, "dropped")
      .type({0x3f, 0x7f, 0x01, 0x00})
      .resource_new(0)
      .core_exports({{"new", core_func, 2}})
      .core_module(core.finish())
      .core_instantiate(1, {{"", 1}})
      .alias_core(core_func, 2, "make")
      .alias_core(core_func, 2, "take")
      .export_("r", type_sort, 0)
      .type(own(1))
      .type(func({field("rep", u32_)}, u32(2)))
      .lift(3, 3)
      .export_("make", func_sort, 0)
      .type(borrow(1))
      .type(func({field("self", u32(4))}))
      .lift(4, 5)
      .export_("take", func_sort, 2)
      .type(func({}, u32_))
      .lift(1, 6)
      .export_("dropped", func_sort, 4)
      .finish();
}

TEST_CASE("api: the host drops what a guest gave it") {
  auto component = load(resource_maker());
  if (!component) return;
  Linker linker(engine());
  std::optional<ResourceValue> outlives;
  {
    Store store(engine());
    auto instance = linker.instantiate(store, *component);
    REQUIRE(instance.has_value());
    auto make = instance->get_func("make");
    auto dropped = instance->get_func<uint32_t()>("dropped");
    REQUIRE((make && dropped));
    auto resource = [&](uint32_t rep) {
      auto made = make->call(std::vector<Value>{rep});
      return *(*made)->front().get_if<ResourceValue>();
    };
    ResourceValue first = resource(1);
    CHECK((*dropped)() == 0u);
    CHECK(first.drop().has_value());
    CHECK((*dropped)() == 1u);
    CHECK(first.drop().has_value());
    CHECK((*dropped)() == 1u);
    auto take = instance->get_func("take");
    auto again = take->call(std::vector<Value>{first});
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().to_string() ==
          "argument 1 (`self`): a resource has been given away already");
    Store other(engine());
    auto elsewhere = linker.instantiate(other, *component);
    auto foreign = elsewhere->get_func("take")->call(std::vector<Value>{resource(3)});
    REQUIRE_FALSE(foreign.has_value());
    CHECK(foreign.error().message().find("another store") != std::string::npos);

    outlives = resource(2);
  }
  CHECK(outlives->drop().has_value());
}

TEST_CASE("api: a destructor that traps ends its instance, and the call's scopes with it") {
  auto component = load(resource_maker());
  if (!component) return;
  Linker linker(engine());
  Store store(engine());
  auto instance = linker.instantiate(store, *component);
  REQUIRE(instance.has_value());
  auto made = instance->get_func("make")->call(std::vector<Value>{uint32_t{13}});
  auto dropped = (*made)->front().get_if<ResourceValue>()->drop();
  REQUIRE_FALSE(dropped.has_value());
  CHECK(dropped.error().code == TrapCode::unreachable);
  auto after = (*instance->get_func<uint32_t()>("dropped"))();
  CHECK(after.error().code == TrapCode::cannot_enter_component);
  CHECK(store.impl().components().scope_depth() == 0);
}

// A start function that lends a resource to a call that traps.
TEST_CASE("api: an instantiation that traps leaves no call behind") {
  ModuleBuilder core;
  wasm::FuncIndex make = core.import_function("", "make", core.type({i32}, {i32}));
  wasm::FuncIndex take = core.import_function("", "take", core.type({i32}, {}));
  wasm::FuncIndex start = core.function(core.type({}, {}));
  core.body(start).i32_const(5).call(make).call(take);
  core.start(start);
  Bytes user = ComponentBuilder()
                   .import("r", sub_resource)
                   .type(own(0))
                   .type(func({field("rep", u32_)}, u32(1)))
                   .import("make", func_desc(2))
                   .type(borrow(0))
                   .type(func({field("self", u32(3))}))
                   .import("take", func_desc(4))
                   .lower(0)
                   .lower(1)
                   .core_exports({{"make", core_func, 0}, {"take", core_func, 1}})
                   .core_module(core.finish())
                   .core_instantiate(0, {{"", 0}})
                   .finish();
  auto component = load(
      ComponentBuilder()
          .component(resource_maker())
          .component(user)
          .instantiate(0)
          .alias_export(type_sort, 0, "r")
          .alias_export(func_sort, 0, "make")
          .alias_export(func_sort, 0, "take")
          .instantiate(1, {{"r", type_sort, 0}, {"make", func_sort, 0}, {"take", func_sort, 1}})
          .finish());
  if (!component) return;
  Linker linker(engine());
  Store store(engine());
  auto instance = linker.instantiate(store, *component);
  REQUIRE_FALSE(instance.has_value());
  REQUIRE(instance.error().trap());
  CHECK(instance.error().trap()->code == TrapCode::unreachable);
  CHECK(store.impl().components().scope_depth() == 0);
}

}  // namespace
}  // namespace tenon
