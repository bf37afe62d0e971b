#pragma once

#include <optional>
#include <string>

#include "component/testing/builder.h"
#include "tenon/linker.h"

// Last: it takes the name CHECK over.
#include <doctest/doctest.h>

// What tests of the public API share: an engine, and components made in the test. Where the build
// has no compiler nothing can be loaded, and the tests say nothing.
namespace tenon {

using component::testing::Bytes;
using wasm::ModuleBuilder;
using wasm::Opcode;

constexpr auto i32 = wasm::ValType::i32;

inline const Engine& engine() {
  static const Engine shared(EngineConfig{.opt_level = 0, .compile_threads = 1});
  return shared;
}

// A core module with "mem", and a "realloc" that takes fresh space and never gives it back.
inline Bytes memory_module() {
  ModuleBuilder module;
  wasm::GlobalIndex next = module.global(
      {i32, true},
      {wasm::ConstOp{.kind = wasm::ConstOp::Kind::i32_const, .type = i32, .bits = 1024}});
  wasm::FuncIndex realloc = module.function(module.type({i32, i32, i32, i32}, {i32}));
  wasm::BodyBuilder& body = module.body(realloc);
  body.global_get(next).i32_const(7).op(Opcode::i32_add).i32_const(-8).op(Opcode::i32_and);
  body.local_tee(0).local_get(3).op(Opcode::i32_add).global_set(next).local_get(0);
  module.export_("realloc", realloc);
  module.export_("mem", module.memory({{4, 0, false, false}}));
  return module.finish();
}

// Null where there is no compiler.
inline std::optional<Component> load(const Bytes& bytes) {
  auto component = Component::from_bytes(engine(), bytes);
  if (component) return *component;
  if (component.error().code() != ErrorCode::compile) FAIL_CHECK(component.error().to_string());
  return std::nullopt;
}

inline std::string link_error(const Linker& linker, const Component& component) {
  Store store(engine());
  auto instance = linker.instantiate(store, component);
  return instance ? "" : instance.error().to_string();
}

}  // namespace tenon
