#include "api/test_components.h"

// The public API on compiled components: typed imports and exports, link errors, resources, and
// what happens after a trap. Skipped where the build has no compiler.
namespace tenon {
namespace {

using namespace component::testing;

constexpr auto f32 = wasm::ValType::f32;
constexpr auto f64 = wasm::ValType::f64;

// Imports "echo" as it is lowered, and exports "echo" as it is lifted: the result goes through
// address 16.
Bytes echo_module(const std::vector<wasm::ValType>& params) {
  ModuleBuilder module;
  std::vector<wasm::ValType> lowered = params;
  lowered.push_back(i32);
  wasm::FuncIndex echo = module.import_function("host", "echo", module.type(lowered, {}));
  wasm::FuncIndex forward = module.function(module.type(params, {i32}));
  wasm::BodyBuilder& body = module.body(forward);
  for (uint32_t i = 0; i < params.size(); i++) body.local_get(i);
  body.i32_const(16).call(echo).i32_const(16);
  module.export_("echo", forward);
  return module.finish();
}

// `echo: func(x: TYPE) -> TYPE`, imported and exported.
Bytes echo_component(const std::vector<Bytes>& types, const std::vector<wasm::ValType>& params) {
  ComponentBuilder builder;
  for (const Bytes& type : types) builder.type(type);
  auto last = static_cast<uint32_t>(types.size() - 1);
  return builder.type(func({field("x", u32(last))}, u32(last)))
      .import("echo", func_desc(last + 1))
      .core_module(memory_module())
      .core_instantiate(0)
      .alias_core(core_memory, 0, "mem")
      .alias_core(core_func, 0, "realloc")
      .lower(0, {memory_option(0), realloc_option(0)})
      .core_exports({{"echo", core_func, 1}})
      .core_module(echo_module(params))
      .core_instantiate(1, {{"host", 1}})
      .alias_core(core_func, 2, "echo")
      .lift(2, last + 1, {memory_option(0), realloc_option(0)})
      .export_("echo", func_sort, 1)
      .finish();
}

// tuple<string, list<u8>, option<f64>>
using Triple = std::tuple<std::string, std::vector<uint8_t>, std::optional<double>>;
Bytes triple_component() {
  const Bytes f64_type = {0x75};
  return echo_component({list(u8), option(f64_type), tuple({string, u32(0), u32(1)})},
                        {i32, i32, i32, i32, i32, f64});
}

TEST_CASE("api: typed values go out and come back") {
  auto component = load(triple_component());
  if (!component) return;
  Linker linker(engine());
  linker.func("echo", [](Triple value) { return value; });
  Store store(engine());
  auto instance = linker.instantiate(store, *component);
  CHECK(instance.has_value());
  if (!instance) return;
  auto echo = instance->get_func<Triple(Triple)>("echo");
  CHECK(echo.has_value());
  if (!echo) return;
  for (const Triple& value : {Triple{"h\u00e9llo", {1, 2, 3}, 2.5}, Triple{"", {}, std::nullopt}}) {
    auto result = (*echo)(value);
    CHECK(result.has_value());
    if (result) CHECK(*result == value);
  }
  // The same in WAVE.
  auto text = instance->call_wave("echo((\"x\\n\", [7], none))");
  CHECK((text && *text));
  if (text && *text) CHECK(**text == "(\"x\\n\", [7], none)");
  CHECK(instance->call_wave("echo(1)").error().code() == ErrorCode::usage);
  CHECK(instance->call_wave("ech()").error().message() ==
        "the component exports no function `ech`; it has `echo`");
}

TEST_CASE("api: what does not fit is said where it does not") {
  auto component = load(triple_component());
  if (!component) return;
  Linker linker(engine());
  CHECK(link_error(linker, *component) ==
        "the component imports function `echo`, which nothing defines; if it is not going to be "
        "called, make unknown "
        "imports trap (`-W unknown-imports-trap`)");
  linker.func("echo",
              [](std::tuple<std::string, std::vector<int8_t>, std::optional<double>> value) {
                return value;
              });
  CHECK(link_error(linker, *component) ==
        "import `echo`: parameter 1 (`x`): element 1: the component has u8, the host has s8");
  linker.func("echo", [] {});
  CHECK(link_error(linker, *component).find("defined twice") != std::string::npos);

  Linker right(engine());
  right.func("echo", [](Triple value) { return value; });
  Store store(engine());
  auto instance = right.instantiate(store, *component);
  if (!instance) return;
  auto wrong = instance->get_func<void(std::string)>("echo");
  CHECK(wrong.error().to_string().starts_with(
      "export `echo`: parameter 1 (`x`): the component has tuple"));
}

// Functions of numbers alone: "div" of two u32, "twice" an f64, and "kept", whose result its
// post-return function leaves something else in the place of.
Bytes numbers_component() {
  ModuleBuilder module;
  auto function = [&](const char* name, const std::vector<wasm::ValType>& params,
                      const std::vector<wasm::ValType>& results) -> wasm::BodyBuilder& {
    wasm::FuncIndex made = module.function(module.type(params, results));
    module.export_(name, made);
    return module.body(made);
  };
  function("div", {i32, i32}, {i32}).local_get(0).local_get(1).op(Opcode::i32_div_u);
  function("twice", {f64}, {f64}).local_get(0).local_get(0).op(Opcode::f64_add);
  function("kept", {i32}, {i32}).local_get(0);
  function("after", {i32}, {}).i32_const(9).local_get(0).op(Opcode::i32_div_u).op(Opcode::drop);
  const Bytes f64_type = {0x75};
  return ComponentBuilder()
      .type(func({field("x", u32_), field("y", u32_)}, u32_))
      .type(func({field("x", f64_type)}, f64_type))
      .type(func({field("x", u32_)}, u32_))
      .core_module(module.finish())
      .core_instantiate(0)
      .alias_core(core_func, 0, "div")
      .alias_core(core_func, 0, "twice")
      .alias_core(core_func, 0, "kept")
      .alias_core(core_func, 0, "after")
      .lift(0, 0)
      .lift(1, 1)
      .lift(2, 2, {post_return_option(3)})
      .export_("div", func_sort, 0)
      .export_("twice", func_sort, 1)
      .export_("kept", func_sort, 2)
      .finish();
}

TEST_CASE("api: functions of numbers alone") {
  auto component = load(numbers_component());
  if (!component) return;
  Linker linker(engine());
  Store store(engine());
  auto instance = linker.instantiate(store, *component);
  REQUIRE(instance.has_value());
  auto div = instance->get_func<uint32_t(uint32_t, uint32_t)>("div");
  auto twice = instance->get_func<double(double)>("twice");
  auto kept = instance->get_func<uint32_t(uint32_t)>("kept");
  REQUIRE((div && twice && kept));
  CHECK((*div)(4000000000, 2).value() == 2000000000);
  CHECK((*twice)(1.25).value() == 2.5);
  CHECK((*kept)(7).value() == 7);
  CHECK((*kept)(8).value() == 8);
  auto failed = (*div)(1, 0);
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().to_string() == "export `div`: integer divide by zero");
  for (int again = 0; again < 2; again++) {
    CHECK((*div)(4, 2).error().code == TrapCode::cannot_enter_component);
    CHECK((*twice)(4).error().code == TrapCode::cannot_enter_component);
    CHECK((*kept)(4).error().code == TrapCode::cannot_enter_component);
  }
  auto other = linker.instantiate(store, *component);
  REQUIRE(other.has_value());
  CHECK((*other->get_func<uint32_t(uint32_t)>("kept"))(7).value() == 7);
  CHECK((*other->get_func<uint32_t(uint32_t)>("kept"))(0).error().code ==
        TrapCode::integer_divide_by_zero);
  CHECK((*other->get_func<double(double)>("twice"))(1).error().code ==
        TrapCode::cannot_enter_component);
}

// run: what "mix" makes of 1 to 7 as u32 and of 0.5 to 8.5 as f64.
Bytes mix_component() {
  ModuleBuilder module;
  std::vector<wasm::ValType> params(7, i32);
  params.insert(params.end(), 9, f64);
  wasm::FuncIndex mix = module.import_function("", "mix", module.type(params, {f32}));
  wasm::FuncIndex run = module.function(module.type({}, {f32}));
  wasm::BodyBuilder& body = module.body(run);
  const Bytes f32_type = {0x76}, f64_type = {0x75};
  std::vector<Bytes> fields;
  for (int i = 1; i <= 7; i++) {
    body.i32_const(i);
    fields.push_back(field("i" + std::to_string(i), u32_));
  }
  for (int i = 0; i < 9; i++) {
    body.f64_const(i + 0.5);
    fields.push_back(field("f" + std::to_string(i), f64_type));
  }
  body.call(mix);
  module.export_("run", run);
  return ComponentBuilder()
      .type(func(fields, f32_type))
      .type(func({}, f32_type))
      .import("mix", func_desc(0))
      .lower(0)
      .core_exports({{"mix", core_func, 0}})
      .core_module(module.finish())
      .core_instantiate(0, {{"", 0}})
      .alias_core(core_func, 1, "run")
      .lift(1, 1)
      .export_("run", func_sort, 1)
      .finish();
}

TEST_CASE("api: a guest calls functions of numbers alone, with more of them than registers") {
  auto component = load(mix_component());
  if (!component) return;
  uint32_t refused = UINT32_MAX;
  std::optional<TypedFunc<float()>> again;
  Linker linker(engine());
  linker.func("mix",
              [&](Store&, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f,
                  uint32_t g, double p, double q, double r, double s, double t, double u, double v,
                  double w, double x) -> CallResult<float> {
                if (g == refused) return trap("no seven");
                if (again) {
                  auto inner = (*again)();
                  CHECK(inner.error().code == TrapCode::cannot_enter_component);
                }
                double ints = a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g;
                double floats = p + 2 * q + 3 * r + 4 * s + 5 * t + 6 * u + 7 * v + 8 * w + 9 * x;
                return static_cast<float>(ints + 1000 * floats);
              });
  Store store(engine());
  auto instance = linker.instantiate(store, *component);
  REQUIRE(instance.has_value());
  auto run = *instance->get_func<float()>("run");
  CHECK(run().value() == 140 + 1000 * (240 + 22.5f));
  again = *instance->get_func<float()>("run");
  CHECK(run().value() == 140 + 1000 * (240 + 22.5f));
  refused = 7;
  auto failed = run();
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().message == "no seven");
  CHECK(failed.error().frames.size() >= 1);
  CHECK(run().error().code == TrapCode::cannot_enter_component);
  refused = 8;
  again.reset();
  auto other = linker.instantiate(store, *component);
  REQUIRE(other.has_value());
  CHECK((*other->get_func<float()>("run"))().has_value());
}

TEST_CASE("api: a trap leaves the instance unusable and the store whole") {
  auto component = load(triple_component());
  if (!component) return;
  Linker linker(engine());
  linker.func("echo", [](Triple value) -> CallResult<Triple> {
    if (std::get<0>(value) == "trap") return trap("no more");
    return value;
  });
  Store store(engine());
  auto first = linker.instantiate(store, *component);
  auto second = linker.instantiate(store, *component);
  if (!first || !second) return;
  auto echo = first->get_func<Triple(Triple)>("echo");
  auto result = (*echo)(Triple{"trap", {}, {}});
  CHECK(result.error().message == "no more");
  CHECK((*echo)(Triple{"fine", {}, {}}).error().code == TrapCode::cannot_enter_component);
  auto other = second->get_func<Triple(Triple)>("echo");
  CHECK((*other)(Triple{"fine", {}, {}}).has_value());

  Linker unknown(engine());
  unknown.trap_on_unknown_imports();
  auto third = unknown.instantiate(store, *component);
  CHECK(third.has_value());
  if (!third) return;
  auto missing = third->get_func<Triple(Triple)>("echo");
  CHECK((*missing)(Triple{}).error().message == "`echo` was called, which nothing defines");
}

TEST_CASE("api: a host function cannot call back into the instance that called it") {
  auto component = load(triple_component());
  if (!component) return;
  std::optional<TypedFunc<Triple(Triple)>> echo;
  TrapCode inner = TrapCode::unreachable;
  Linker linker(engine());
  linker.func("echo", [&](Triple value) {
    auto result = (*echo)(value);
    if (!result) inner = result.error().code;
    return value;
  });
  Store store(engine());
  auto instance = linker.instantiate(store, *component);
  if (!instance) return;
  echo = *instance->get_func<Triple(Triple)>("echo");
  CHECK((*echo)(Triple{}).has_value());
  CHECK(inner == TrapCode::cannot_enter_component);
}

// run: makes a resource of the host's, calls its method, drops it.
Bytes resource_component() {
  ModuleBuilder core;
  wasm::FuncIndex make = core.import_function("", "make", core.type({i32}, {i32}));
  wasm::FuncIndex get = core.import_function("", "get", core.type({i32}, {i32}));
  wasm::FuncIndex drop = core.import_function("", "drop", core.type({i32}, {}));
  wasm::FuncIndex run = core.function(core.type({i32}, {i32}));
  wasm::BodyBuilder& body = core.body(run);
  body.local_get(0).call(make).local_tee(0).call(get).local_get(0).call(drop);
  core.export_("run", run);
  return ComponentBuilder()
      .type(instance_type({export_decl("r", sub_resource), type_decl(own(0)),
                           type_decl(func({field("n", u32_)}, u32(1))),
                           export_decl("[constructor]r", func_desc(2)), type_decl(borrow(0)),
                           type_decl(func({field("self", u32(3))}, u32_)),
                           export_decl("[method]r.get", func_desc(4))}))
      .import("a:b/c@0.2.1", instance_desc(0))
      .alias_export(func_sort, 0, "[constructor]r")
      .alias_export(func_sort, 0, "[method]r.get")
      .alias_export(type_sort, 0, "r")
      .lower(0)
      .lower(1)
      .resource_drop(1)
      .core_exports({{"make", core_func, 0}, {"get", core_func, 1}, {"drop", core_func, 2}})
      .core_module(core.finish())
      .core_instantiate(0, {{"", 0}})
      .alias_core(core_func, 1, "run")
      .type(func({field("n", u32_)}, u32_))
      .lift(3, 2)
      .export_("run", func_sort, 2)
      .finish();
}

struct Number {
  Number(uint32_t is, int& live) : value(is), count(&live) { ++*count; }
  ~Number() { --*count; }
  uint32_t value;
  int* count;
};

TEST_CASE("api: resources of the host, found by a compatible version") {
  auto component = load(resource_component());
  if (!component) return;
  int live = 0;
  int most = 0;
  Linker linker(engine());
  linker.instance("a:b/c@0.2.7")
      .resource<Number>("r")
      .func("[constructor]r", [&](uint32_t n) { return make_own<Number>(n, live); })
      .func("[method]r.get", [&](Store&, Borrow<Number> self) {
        most = live;
        return self->value + 1;
      });
  Store store(engine());
  auto instance = linker.instantiate(store, *component);
  CHECK(instance.has_value());
  if (!instance) return;
  auto run = instance->get_func<uint32_t(uint32_t)>("run");
  CHECK((*run)(41) == 42u);
  CHECK(most == 1);
  CHECK(live == 0);

  Linker other(engine());
  other.instance("a:b/c@0.3.0").resource<Number>("r");
  CHECK(link_error(other, *component)
            .find("imports `a:b/c@0.2.1`, which nothing defines; there is 0.3.0, and only 0.2.x "
                  "fits") != std::string::npos);
  Linker lacking(engine());
  lacking.instance("a:b/c@0.2.1").resource<Number>("r").func("[constructor]r", [&](uint32_t n) {
    return make_own<Number>(n, live);
  });
  CHECK(link_error(lacking, *component)
            .find("function `a:b/c@0.2.1#[method]r.get`, but `a:b/c@0.2.1` has only "
                  "`[constructor]r`") != std::string::npos);
}

}  // namespace
}  // namespace tenon
