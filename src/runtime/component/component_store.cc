#include "runtime/component/component_store.h"

#include <cstddef>

#include "runtime/component/trampolines.h"

namespace tenon::runtime {

// abi::CoreCall and abi::CoreHostFunc are what thunks in public headers know of these.
static_assert(offsetof(abi::CoreCall, gpr) == offsetof(compiler::StoreContext, call.gpr));
static_assert(offsetof(abi::CoreCall, xmm) == offsetof(compiler::StoreContext, call.xmm));
static_assert(offsetof(abi::CoreCall, overflow) == offsetof(compiler::StoreContext, overflow));
static_assert(offsetof(abi::CoreCall, outcome) ==
              offsetof(compiler::StoreContext, call.pending_trap));
static_assert(sizeof(abi::CoreCall) == sizeof(compiler::StoreContext));
static_assert(offsetof(abi::CoreHostFunc, entry) == offsetof(compiler::DirectFunc, function));
static_assert(offsetof(abi::CoreHostFunc, environment) ==
              offsetof(compiler::DirectFunc, environment));
static_assert(sizeof(abi::CoreHostFunc) == sizeof(compiler::DirectFunc));
static_assert(offsetof(abi::Memory, byte_length) == offsetof(compiler::MemoryRecord, byte_length));
static_assert(offsetof(abi::Memory, base) == offsetof(compiler::MemoryRecord, base));
static_assert(sizeof(canon::ComponentInstance::Flag) == sizeof(compiler::Slot));

std::unique_ptr<Trap> make_trap(TrapCode code) {
  return std::make_unique<Trap>(Trap{code, {}, 0, {}});
}
std::unique_ptr<Trap> make_trap(std::string message) {
  return std::make_unique<Trap>(Trap::host(std::move(message)));
}

CallResult<uint64_t> ComponentStore::realloc(const abi::Options& options, uint64_t old_pointer,
                                             uint64_t old_size, uint32_t alignment,
                                             uint64_t new_size) {
  TaskScope task(scheduler_, *options.instance);
  if (auto trap = task.enter()) return std::unexpected(std::move(*trap));
  uint64_t* arguments = core_.context().call.gpr;
  arguments[0] = old_pointer;
  arguments[1] = old_size;
  arguments[2] = alignment;
  arguments[3] = new_size;
  if (!core_.enter_integer(*static_cast<const compiler::FuncRef*>(options.realloc))) {
    return std::unexpected(core_.take_trap());
  }
  uint64_t pointer = core_.context().call.gpr[0];
  return options.pointer == abi::CoreType::i64 ? pointer : static_cast<uint32_t>(pointer);
}

std::unique_ptr<Trap> ComponentStore::call(const compiler::FuncRef& function, uint64_t argument) {
  core_.context().call.gpr[0] = argument;
  if (core_.enter_integer(function)) return nullptr;
  return std::make_unique<Trap>(core_.take_trap());
}

std::unique_ptr<Trap> ComponentStore::take_trap() {
  auto trap = std::make_unique<Trap>(core_.take_trap());
  trap->exception.reset();
  return trap;
}

std::unique_ptr<Trap> ComponentStore::pop_scope() {
  canon::CallScope& scope = *scopes_->innermost();
  bool has_borrows = scope.num_borrows != 0;
  if (!has_borrows) scope.return_lent();
  drop_scopes(scope_depth() - 1);
  if (has_borrows) return make_trap("borrow handles still remain at the end of the call");
  return nullptr;
}

std::unique_ptr<Trap> ComponentStore::drop_resource(const abi::ResourceType& type, uint32_t rep) {
  const auto* guest_type = type.impl ? static_cast<const GuestResource*>(&type) : nullptr;
  size_t scopes_before = scope_depth();
  auto trap = destroy_resource(*this, guest_type, rep, nullptr);
  if (trap) drop_scopes(scopes_before);
  return trap;
}

void ComponentStore::drop_scopes(size_t depth) {
  while (scopes_->depth() > depth) {
    canon::CallScope& scope = *scopes_->innermost();
    for (uint32_t rep : scope.lent_objects) resources_.forget(rep);
    scope.clear();
    scopes_->pop();
  }
}

}  // namespace tenon::runtime
