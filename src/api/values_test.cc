#include "api/test_components.h"
#include "component/text/parse_component.h"

// Values that components import, define and export, and their start functions.
namespace tenon {
namespace {

const Engine& values_engine() {
  static const Engine shared(
      EngineConfig{.opt_level = 0, .compile_threads = 1, .features = "cm-values"});
  return shared;
}

// Null where there is no compiler.
std::optional<Component> load_text(std::string_view text) {
  auto bytes = component::text::parse_component({"t.wat", text});
  if (!bytes) FAIL_CHECK(bytes.error().to_string());
  if (!bytes) return std::nullopt;
  auto component = Component::from_bytes(values_engine(), *bytes);
  if (component) return *component;
  if (component.error().code() != ErrorCode::compile) FAIL_CHECK(component.error().to_string());
  return std::nullopt;
}

// Two start functions: the second one is given what the first one made of an imported string.
constexpr std::string_view greeter = R"((component
  (import "name" (value $name string))
  (import "number" (func $number (param "a" u32) (result u32)))
  (core module $m
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3))))
    (func (export "greet") (param i32 i32) (result i32)
      (i32.store8 (i32.const 512) (i32.const 72)) (i32.store8 (i32.const 513) (i32.const 105))
      (memory.copy (i32.const 514) (local.get 0) (local.get 1))
      (i32.store (i32.const 0) (i32.const 512))
      (i32.store (i32.const 4) (i32.add (local.get 1) (i32.const 2)))
      (i32.const 0))
    (func (export "length") (param i32 i32) (result i32) (local.get 1)))
  (core instance $i (instantiate $m))
  (func $greet (param "s" string) (result string)
    (canon lift (core func $i "greet") (memory (core memory $i "memory"))
      (realloc (core func $i "realloc"))))
  (func $length (param "s" string) (result u32)
    (canon lift (core func $i "length") (memory (core memory $i "memory"))
      (realloc (core func $i "realloc"))))
  (start $greet (value $name) (result (value $greeting)))
  (start $greet (value $greeting) (result (value $twice)))
  (value $point (tuple u32 string) (tuple 7 "seven"))
  (value $five u32 5)
  (start $number (value $five) (result (value $given)))
  (export "greeting" (value $twice))
  (export "point" (value $point))
  (export "given" (value $given))
  (value $six u32 6)
  (instance $inside (export "v" (value $six)))
  (export "inside" (instance $inside)))
)";

TEST_CASE("api: values come in, start functions run, values go out") {
  auto component = load_text(greeter);
  if (!component) return;
  uint32_t calls = 0;
  Linker linker(values_engine());
  linker.value("name", "Ann").func("number", [&calls](uint32_t a) { return a * ++calls; });
  Store store(values_engine());
  auto instance = linker.instantiate(store, *component);
  if (!instance) FAIL(instance.error().to_string());
  CHECK(*instance->get_value("greeting") == Value("HiHiAnn"));
  CHECK(*instance->get_value("point") == Value(TupleValue{{Value(7u), Value("seven")}}));
  CHECK(*instance->get_value("given") == Value(5u));
  CHECK(*instance->get_value("inside#v") == Value(6u));
  CHECK(calls == 1);
  CHECK(instance->get_value("v").error().message() ==
        "the component exports no value `v`; it has `greeting`, `point`, `given`, `inside#v`");
  CHECK(!instance->get_func("greeting").has_value());

  auto item = [](const std::vector<Component::Item>& items, std::string_view name) {
    for (const Component::Item& it : items) {
      if (it.name == name) return it.type;
    }
    return std::string();
  };
  CHECK(item(component->imports(), "name") == "value string");
  CHECK(item(component->exports(), "point") == "value tuple<u32, string>");
}

TEST_CASE("api: a value has to be there, and of its type") {
  auto component = load_text(R"((component
    (import "i" (instance $i (export "port" (value u16))))
    (export "port" (value $i "port"))))");
  if (!component) return;
  auto error = [&](const Linker& linker) {
    Store store(values_engine());
    auto instance = linker.instantiate(store, *component);
    return instance ? "" : instance.error().to_string();
  };
  Linker linker(values_engine());
  CHECK(error(linker).find("`i`") != std::string::npos);
  linker.instance("i").value("prt", Value(uint16_t{80}));
  CHECK(error(linker).find("value `i#port`") != std::string::npos);
  Linker wrong(values_engine());
  wrong.instance("i").value("port", Value(80u));
  CHECK(error(wrong).find("u16") != std::string::npos);
  Linker right(values_engine());
  right.instance("i").value("port", Value(uint16_t{80}));
  CHECK(error(right) == "");
}

TEST_CASE("api: values pass between components, resources among them, and traps end it") {
  constexpr std::string_view text = R"((component
    (import "log" (func $log (param "n" u32)))
    (component $maker
      (type $r' (resource (rep i32)))
      (export $r "r" (type $r'))
      (core func $new (canon resource.new $r))
      (core module $m (import "" "new" (func $new (param i32) (result i32)))
        (func (export "make") (result i32) (call $new (i32.const 42))))
      (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
      (func $make (result (own $r)) (canon lift (core func $i "make")))
      (start $make (result (value $made)))
      (export "made" (value $made))
      (core module $take (func (export "take") (param i32)))
      (core instance $t (instantiate $take))
      (func (export "take") (param "r" (own $r)) (canon lift (core func $t "take"))))
    (instance $a (instantiate $maker))
    (alias export $a "r" (type $r))
    (component $taker
      (import "r" (type $r (sub resource)))
      (import "v" (value $v (own $r)))
      (import "take" (func $take (param "r" (own $r))))
      (import "log" (func $log (param "n" u32)))
      (value $n u32 3)
      (start $log (value $n))
      (start $take (value $v)))
    (instance (instantiate $taker (with "r" (type $r)) (with "v" (value $a "made"))
      (with "take" (func $a "take")) (with "log" (func $log))))
    MORE))";
  auto with = [&](std::string_view more) {
    std::string whole(text);
    whole.replace(whole.find("MORE"), 4, more);
    return load_text(whole);
  };
  auto once = with("");
  auto twice =
      with(R"((alias export $a "made" (value $again)) (start (func $a "take") (value $again)))");
  auto trapping = with(R"((core module $m (func (export "f") unreachable))
    (core instance $i (instantiate $m)) (func $f (canon lift (core func $i "f")))
    (start $f))");
  if (!once || !twice || !trapping) return;
  uint32_t logged = 0;
  Linker linker(values_engine());
  linker.func("log", [&logged](uint32_t n) { logged += n; });
  Store store(values_engine());
  auto fine = linker.instantiate(store, *once);
  if (!fine) FAIL(fine.error().to_string());
  CHECK(logged == 3);
  // An alias of the same export again is a value of its own to validation.
  auto gone = linker.instantiate(store, *twice);
  REQUIRE(!gone.has_value());
  REQUIRE(gone.error().error() != nullptr);
  CHECK(gone.error().to_string().find("a resource has been given away already") !=
        std::string::npos);
  auto trapped = linker.instantiate(store, *trapping);
  REQUIRE(!trapped.has_value());
  REQUIRE(trapped.error().trap() != nullptr);
  CHECK(trapped.error().trap()->code == TrapCode::unreachable);
}

TEST_CASE("api: without their feature values are refused by name") {
  auto bytes = component::text::parse_component({"t.wat", "(component (value u8 1))"});
  REQUIRE(bytes.has_value());
  auto component = Component::from_bytes(engine(), *bytes);
  REQUIRE(!component.has_value());
  if (component.error().code() == ErrorCode::compile) return;
  CHECK(component.error().code() == ErrorCode::unsupported);
  CHECK(component.error().message() ==
        "a component value needs the cm-values feature, which is switched off");
}

}  // namespace
}  // namespace tenon
