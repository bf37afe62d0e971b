#include "api/preview1.h"

#include <memory>
#include <optional>
#include <vector>

#include "base/check.h"
#include "runtime/core_values.h"
#include "runtime/host_function.h"
#include "wasi/common/context.h"
#include "wasi/p1/functions.h"

namespace tenon {
namespace {

using wasi::p1::Function;

// All functions of preview 1 for one store. Lives as long as the store.
struct Preview1 {
  struct Binding {
    const Function* function;
    Preview1* owner;
  };
  std::optional<wasi::p1::Process> process;
  std::vector<Binding> bindings;
  runtime::Linker linker;
};

wasm::ValType core_type(abi::CoreType type) {
  switch (type) {
    case abi::CoreType::i32: return wasm::ValType::i32;
    case abi::CoreType::i64: return wasm::ValType::i64;
    case abi::CoreType::f32: return wasm::ValType::f32;
    case abi::CoreType::f64: break;
  }
  return wasm::ValType::f64;
}

wasm::FuncType signature_of(const Function& function) {
  wasm::FuncType type;
  for (uint32_t i = 0; i < function.params.count; ++i) {
    type.params.push_back(core_type(function.params.types[i]));
  }
  if (function.has_result) type.results.push_back(wasm::ValType::i32);
  return type;
}

uint32_t raise(runtime::Caller& caller, Trap trap) {
  return static_cast<uint32_t>(caller.store().raise(std::move(trap)));
}

// The one C++ function behind all of preview 1. Its parameters are integers.
uint32_t call(compiler::HostFunc* self, compiler::StoreContext* context) {
  const auto& binding = *static_cast<const Preview1::Binding*>(self->environment);
  const Function& function = *binding.function;
  uint64_t params[abi::max_flat_values];
  runtime::PlaceCounter places = runtime::PlaceCounter::params();
  for (uint32_t i = 0; i < function.params.count; ++i) {
    runtime::Place place = places.next(false);
    std::memcpy(&params[i], runtime::place_in(*context, place), sizeof params[i]);
  }
  runtime::Caller caller(*self);
  if (!binding.owner->process)
    return raise(caller, Trap::host("WASI is not attached to this store"));
  auto memory = caller.memory();
  if (!memory) {
    return raise(caller, Trap::host("preview 1 needs the module to export its memory as `memory`"));
  }
  wasi::p1::Guest guest(*memory->slice(0, memory->size()));
  uint32_t error = function.call(*binding.owner->process, guest, params);
  if (auto trap = guest.take_trap()) return raise(caller, std::move(*trap));
  context->call.gpr[0] = error;
  return 0;
}

}  // namespace

const runtime::Linker& preview1_of(Store& store) {
  if (auto* made = store.attached<Preview1>()) return made->linker;
  auto& made = store.attach(std::make_unique<Preview1>());
  if (auto* context = store.attached<wasi::Context>()) made.process.emplace(*context);
  made.bindings.reserve(wasi::p1::functions().size());
  for (const Function& function : wasi::p1::functions()) {
    made.bindings.push_back({&function, &made});
    runtime::HostFunction host{signature_of(function), call, &made.bindings.back(), nullptr};
    auto defined = made.linker.define(wasi::p1::module_name, function.name, std::move(host));
    CHECK(defined.has_value());
  }
  return made.linker;
}

}  // namespace tenon
