#include "component/binary/decode.h"

#include <doctest/doctest.h>

#include "base/limits.h"
#include "component/testing/builder.h"

namespace tenon::component {
namespace {

using namespace testing;

ErrorCode code_of(const Bytes& bytes) {
  auto result = decode(bytes);
  REQUIRE_FALSE(result.has_value());
  return result.error().code();
}

std::string message_of(const Bytes& bytes) {
  auto result = decode(bytes);
  return result ? "" : result.error().to_string();
}

Bytes sample() {
  Bytes nested = ComponentBuilder().type(record({field("a", u8)})).finish();
  return ComponentBuilder()
      .core_module(guest_module({}))
      .core_instantiate(0)
      .alias_core(core_memory, 0, "mem")
      .type(func({field("x", u32_)}, string))
      .type(instance_type(
          {type_decl(variant({case_("a", u8), case_("b")})), export_decl("t", type_eq(0))}))
      .import("f", func_desc(0))
      .component(nested)
      .instantiate(0)
      .lower(0, {memory_option(0)})
      .export_("g", func_sort, 0)
      .finish();
}

TEST_CASE("definitions are decoded in order") {
  Bytes bytes = sample();
  auto decoded = decode(bytes);
  REQUIRE(decoded);
  REQUIRE(decoded->components.size() == 2);
  CHECK(decoded->root == ComponentId(1u));
  REQUIRE(decoded->modules.size() == 1);
  const auto& definitions = decoded->components[decoded->root].definitions;
  REQUIRE(definitions.size() == 10);
  CHECK(std::holds_alternative<CoreModuleDef>(definitions[0].kind));
  CHECK(std::get<ImportDef>(definitions[5].kind).name.name == "f");
  CHECK(std::get<ComponentDef>(definitions[6].kind).component == ComponentId(0u));
  const auto& module = decoded->modules[ModuleId(0u)];
  CHECK(bytes[module.offset] == 0);
  CHECK(bytes[module.offset + 1] == 'a');
  CHECK(module.offset + module.size < bytes.size());
}

TEST_CASE("every truncation is an error, and none reads beyond the end") {
  Bytes bytes = sample();
  // Where a section ends, what is left is a component.
  int complete = 0;
  for (size_t size = 0; size < bytes.size(); size++)
    complete += decode({bytes.data(), size}).has_value();
  CHECK(complete == 10);
}

TEST_CASE("no single changed byte is more than an error") {
  Bytes bytes = sample();
  for (size_t i = 0; i < bytes.size(); i++) {
    for (int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      Bytes changed = bytes;
      changed[i] = static_cast<uint8_t>(value);
      (void)decode(changed);
    }
  }
}

TEST_CASE("preambles tell components from modules") {
  CHECK(is_component(ComponentBuilder().finish()));
  CHECK_FALSE(is_component(guest_module({})));
  CHECK(message_of(guest_module({})).starts_with("this is a core module"));
  CHECK(code_of({}) == ErrorCode::malformed);
  CHECK(code_of({0x00, 0x61, 0x73, 0x6d, 0x0e, 0x00, 0x01, 0x00}) == ErrorCode::malformed);
}

TEST_CASE("malformed items are refused where they stand") {
  auto malformed = [](const Bytes& bytes) { return code_of(bytes) == ErrorCode::malformed; };
  CHECK(malformed(ComponentBuilder().section(13, {}).finish()));                 // unknown section
  CHECK(malformed(ComponentBuilder().section(7, {0x01, 0x7f, 0x00}).finish()));  // bytes left over
  CHECK(malformed(ComponentBuilder().section(7, {0x05, 0x7f}).finish()));  // fewer items than said
  CHECK(malformed(ComponentBuilder().type({0x62}).finish()));
  CHECK(malformed(ComponentBuilder().type({0x71, 0x01, 0x01, 'a', 0x00, 0x01}).finish()));
  CHECK(malformed(ComponentBuilder().item(6, {0x03, 0x03, 0x00, 0x00}).finish()));
  CHECK(malformed(ComponentBuilder().item(8, {0x2e}).finish()));
  CHECK(malformed(ComponentBuilder().item(10, {0x03, 0x01, 'a', 0x01, 0x00}).finish()));
  CHECK(malformed(ComponentBuilder().import("\xff", func_desc(0)).finish()));
  CHECK(message_of(ComponentBuilder().type({0x62}).finish()) == "invalid type (at 0xb)");
}

// The largest indices of 32 bits are no other name for primitive types.
TEST_CASE("type indices beyond all limits are refused") {
  Bytes index = {0xf0, 0xff, 0xff, 0xff, 0x0f};
  CHECK(code_of(ComponentBuilder().type(list(index)).finish()) == ErrorCode::invalid);
  CHECK(message_of(ComponentBuilder().type(option(index)).finish())
            .starts_with("unknown type 4294967280"));
}

// The bytes of each immediate of builtins.def: types and indices 3, flags set.
Bytes immediate(char letter) {
  switch (letter) {
    case 'r': return {0x00, 0x7d};
    case 'o': return {0x02, 0x06, 0x03, 0x03};
    case 'a':
    case 'C':
    case 's': return {0x01};
    case 'v': return {0x7e};
    default: return {0x03};
  }
}

TEST_CASE("built-ins are read with all their immediates") {
  for (int opcode = 0x02; opcode <= 0x42; opcode++) {
    auto builtin = builtin_of(static_cast<uint8_t>(opcode));
    Bytes item = {static_cast<uint8_t>(opcode)};
    if (!builtin) {
      CHECK(code_of(ComponentBuilder().item(8, item).finish()) == ErrorCode::malformed);
      continue;
    }
    std::string_view immediates = info_of(*builtin).immediates;
    auto has = [&](char letter) { return immediates.find(letter) != std::string_view::npos; };
    for (char letter : immediates) item = cat({item, immediate(letter)});
    auto component = decode(ComponentBuilder().item(8, item).finish());
    CAPTURE(info_of(*builtin).name);
    REQUIRE(component.has_value());
    const auto& definition = component->components[component->root].definitions[0].kind;
    const auto& read = std::get<CanonBuiltin>(std::get<CanonDef>(definition).canon);
    CHECK(read.builtin == *builtin);
    CHECK(read.type == (has('t') || has('c') ? 3 : 0));
    CHECK(read.options.memory.has_value() == (has('o') || has('m')));
    CHECK(read.options.is_async == (has('o') || has('a')));
    CHECK(read.is_cancellable == has('C'));
    CHECK(read.is_shared == has('s'));
    CHECK(read.table == (has('T') ? 3 : 0));
    CHECK(read.result.has_value() == has('r'));
    CHECK(read.slot == (has('i') ? 3 : 0));
    CHECK(read.context == (has('v') ? wasm::ValType::i64 : wasm::ValType::i32));
  }
  CHECK(code_of(ComponentBuilder().item(8, {0x06, 0x02}).finish()) == ErrorCode::malformed);
}

TEST_CASE("what is not built yet is named") {
  auto refused = [](const Bytes& bytes, std::string_view name) {
    CHECK(code_of(bytes) == ErrorCode::unsupported);
    CHECK(message_of(bytes).find(name) != std::string::npos);
  };
  refused(ComponentBuilder().section(9, {}).finish(), "start function");
}

TEST_CASE("nesting is bounded") {
  Bytes nested = ComponentBuilder().finish();
  for (uint32_t i = 0; i < limits::max_component_depth; i++)
    nested = ComponentBuilder().component(nested).finish();
  CHECK(decode(nested).has_value());
  CHECK(code_of(ComponentBuilder().component(nested).finish()) == ErrorCode::limit);

  Bytes type = instance_type({});
  for (uint32_t i = 0; i < limits::max_type_depth; i++) type = instance_type({type_decl(type)});
  CHECK(decode(ComponentBuilder().type(type).finish()).has_value());
  CHECK(code_of(ComponentBuilder().type(instance_type({type_decl(type)})).finish()) ==
        ErrorCode::limit);
}

}  // namespace
}  // namespace tenon::component
