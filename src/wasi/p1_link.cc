#include "wasi/p1_link.h"

#include <cstddef>
#include <memory>

#include "runtime/host_function.h"
#include "wasi/p1/functions.h"

namespace tenon::wasi::p1 {
namespace {

// What a host function finds in its environment.
struct Binding {
  const Function* function;
  Process* process;
};

// abi::CoreCall is the front of the store's context, as C++ templates see it.
static_assert(offsetof(abi::CoreCall, overflow) == offsetof(compiler::StoreContext, overflow));
static_assert(sizeof(abi::CoreCall::overflow) == sizeof(compiler::StoreContext::overflow));

wasm::FuncType type_of(const Function& function) {
  wasm::FuncType type;
  for (uint32_t i = 0; i < function.params.count; ++i) {
    bool is_wide = function.params.types[i] == abi::CoreType::i64;
    type.params.push_back(is_wide ? wasm::ValType::i64 : wasm::ValType::i32);
  }
  if (function.has_result) type.results.push_back(wasm::ValType::i32);
  return type;
}

uint32_t run(compiler::HostFunc* self, compiler::StoreContext* context) {
  const Binding& binding = *static_cast<const Binding*>(self->environment);
  runtime::Caller caller(*self);
  auto memory = caller.memory();
  auto bytes = memory ? memory->slice(0, memory->size()) : std::nullopt;
  if (!bytes) {
    caller.store().raise(
        Trap::host("a caller of wasi_snapshot_preview1 must export its memory as `memory`"));
    return 1;
  }
  std::optional<Trap> trap;
  {
    Guest guest(*bytes);
    binding.function->run(*binding.process, guest, *reinterpret_cast<abi::CoreCall*>(context));
    trap = guest.take_trap();
  }
  if (!trap) return 0;
  caller.store().raise(std::move(*trap));
  return 1;
}

}  // namespace

Result<void> add_to_linker(runtime::Linker& linker, Process& process) {
  std::span<const Function> all = functions();
  auto bindings = std::make_shared<std::vector<Binding>>();
  bindings->reserve(all.size());
  for (const Function& function : all) {
    Binding& binding = bindings->emplace_back(Binding{&function, &process});
    TRY_VOID(linker.define(module_name, function.name,
                           runtime::HostFunction{type_of(function), run, &binding, bindings}));
  }
  return {};
}

}  // namespace tenon::wasi::p1
