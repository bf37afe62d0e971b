#include "wast/spectest.h"

#include <bit>

#include "runtime/gc/heap.h"
#include "runtime/host_function.h"

namespace tenon::wast {
namespace {

constexpr std::string_view module_name = "spectest";

template <typename... Args>
Result<void> define_print(runtime::Linker& linker, std::string_view name) {
  return linker.define(module_name, name,
                       runtime::host_function([](runtime::Caller&, Args...) -> void {}));
}

Result<void> define_functions(runtime::Linker& linker) {
  TRY_VOID(define_print<>(linker, "print"));
  TRY_VOID(define_print<uint32_t>(linker, "print_i32"));
  TRY_VOID(define_print<uint64_t>(linker, "print_i64"));
  TRY_VOID(define_print<float>(linker, "print_f32"));
  TRY_VOID(define_print<double>(linker, "print_f64"));
  TRY_VOID((define_print<uint32_t, float>(linker, "print_i32_f32")));
  return define_print<double, double>(linker, "print_f64_f64");
}

Result<void> define_globals(runtime::Store& store, runtime::Linker& linker) {
  struct Item {
    std::string_view name;
    wasm::ValType type;
    uint64_t bits;
  };
  const Item items[] = {
      {"global_i32", wasm::ValType::i32, 666},
      {"global_i64", wasm::ValType::i64, 666},
      {"global_f32", wasm::ValType::f32, std::bit_cast<uint32_t>(666.6f)},
      {"global_f64", wasm::ValType::f64, std::bit_cast<uint64_t>(666.6)},
  };
  for (const Item& item : items) {
    runtime::Global global = store.add_global({item.type, false}, {item.bits, 0});
    TRY_VOID(linker.define(module_name, item.name, global));
  }
  return {};
}

}  // namespace

void collect_garbage(runtime::Store& store) {
  if (auto heap = store.heap()) (*heap)->collect();
}

Result<void> define_spectest(runtime::Store& store, runtime::Linker& linker,
                             wasm::Features features) {
  TRY_VOID(define_functions(linker));
  TRY_VOID(linker.define("wasmtime", "gc", runtime::host_function([](runtime::Caller& caller) {
                           collect_garbage(caller.store());
                         })));
  TRY_VOID(define_globals(store, linker));
  wasm::MemoryType memory{{.min = 1, .max = 2, .has_max = true}};
  runtime::Memory* made_memory = TRY(store.add_memory(memory));
  TRY_VOID(linker.define(module_name, "memory", made_memory));
  if (features.has(wasm::Feature::threads)) {
    memory.is_shared = true;
    runtime::Memory* made_shared = TRY(store.add_memory(memory));
    TRY_VOID(linker.define(module_name, "shared_memory", made_shared));
  }
  wasm::TableType table{{.min = 10, .max = 20, .has_max = true}};
  runtime::Table* made_table = TRY(store.add_table(table));
  TRY_VOID(linker.define(module_name, "table", made_table));
  if (!features.has(wasm::Feature::memory64)) return {};
  table.limits.is_64 = true;
  return linker.define(module_name, "table64", TRY(store.add_table(table)));
}

}  // namespace tenon::wast
