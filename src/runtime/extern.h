#pragma once

#include <cstdint>
#include <memory>
#include <variant>

#include "compiler/contract.h"
#include "wasm/types.h"

// What instances import and export. All of it belongs to a store and lives as long as the store.
namespace tenon::runtime {

class Memory;
class Store;
class Table;

// A global's cell, its canonical type, and where it belongs.
struct Global {
  compiler::Slot* slot = nullptr;
  wasm::GlobalType type;
  const Store* store = nullptr;
};

// The address of a tag is its identity.
struct Tag {
  uint32_t type_id = 0;  // of the engine, of a function type
  const Store* store = nullptr;
};

using Extern = std::variant<compiler::FuncRef*, Table*, Memory*, Global, Tag*>;

// A core function that C++ implements, not yet in a store (docs/contract.md, section 2).
// host_function.h makes them from typed C++ functions.
struct HostFunction {
  wasm::FuncType type;  // canonical
  uint32_t (*function)(compiler::HostFunc* self, compiler::StoreContext* context) = nullptr;
  void* environment = nullptr;
  std::shared_ptr<void> owner;  // of the environment; null when it outlives the store anyway
  // Only for functions that become values: the short way (compiler::LightFunc), or null; and what
  // is called in place of `function` (compiler::DirectFunc), or null.
  os::LightFunction light = nullptr;
  os::DirectFunction direct = nullptr;
};

// One import of an instance. A HostFunction is copied, and told who imports it.
using Import = std::variant<compiler::FuncRef*, Table*, Memory*, Global, Tag*, const HostFunction*>;

}  // namespace tenon::runtime
