#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "compiler/contract.h"
#include "os/fiber.h"
#include "os/guest_stack.h"
#include "os/signal.h"
#include "runtime/backtrace.h"
#include "runtime/engine.h"
#include "runtime/extern.h"
#include "runtime/gc/heap.h"
#include "runtime/memory.h"
#include "runtime/table.h"
#include "runtime/throw.h"
#include "tenon/trap.h"

// Everything that running guests share: instances, memories, tables, and the stack that guest code
// runs on. One thread uses a store at a time. What is in a store dies with it; it must not be
// destroyed while guest code of it is live.
namespace tenon::runtime {

class Instance;
class LoadedCode;

// Per store. Memories and tables count with what they hold at the moment.
struct StoreLimits {
  uint64_t max_memory_bytes = ~uint64_t{0};
  uint64_t max_table_elements = 4 * uint64_t{limits::max_table_elements};
  uint32_t max_instances = limits::max_store_instances;
  uint32_t max_memories = limits::max_store_memories;
  uint32_t max_tables = limits::max_store_tables;
  uint32_t max_fibers = limits::max_store_fibers;
  HeapConfig heap = {.marking = HeapConfig::Marking::in_steps};
  uint64_t stack_size = 0;  // bytes for guest code; 0: as much as the engine gives each store
};

class Store final : private RootSource {
 public:
  static Result<std::unique_ptr<Store>> create(std::shared_ptr<Engine> engine,
                                               const StoreLimits& limits = {});
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  static Store& of(compiler::StoreContext* context) { return *static_cast<Store*>(context->owner); }
  // The first word of every vmctx is its store's.
  static Store& of(const compiler::FuncRef& function) {
    return of(*static_cast<compiler::StoreContext**>(function.vmctx));
  }
  compiler::StoreContext& context() { return context_; }
  Engine& engine() { return *engine_; }

  // The garbage-collected heap, made when it is first asked for: by the first instance that needs
  // it, or by the host for a reference of its own.
  Result<Heap*> heap();
  // Before a global, or an element of a table, that holds `reference` gets another value.
  void before_overwrite(GcRef reference) {
    if (__builtin_expect(context_.window.marking != 0, false)) heap_->write_barrier(reference);
  }

  // `room_before`: see Memory::create.
  Result<Memory*> add_memory(const wasm::MemoryType& type, uint64_t room_before = 0);
  // A shared memory of other stores, of the same memory mode. It counts towards this store's limits
  // with its present length, and with what this store makes it grow.
  Result<Memory*> join(std::shared_ptr<Memory> memory);
  // For other stores to join; null when the memory is not shared, or not of this store.
  std::shared_ptr<Memory> share(const Memory& memory) const;
  // `type` is canonical.
  Result<Table*> add_table(const wasm::TableType& type);
  Global add_global(const wasm::GlobalType& type, compiler::Slot value);
  // A tag of its own; `type_id` is the engine's for a function type without results.
  Tag* add_tag(uint32_t type_id);
  // A host function as a value of its own, for instance to put into a table. Instances that import
  // a HostFunction get theirs by themselves.
  Result<compiler::FuncRef*> add_function(const HostFunction& definition);

  // Growth that also meets the store's limits.
  std::optional<uint64_t> grow_memory(Memory& memory, uint64_t pages);
  std::optional<uint64_t> grow_table(Table& table, uint64_t count, RefBits value);

  // Runs a function. Arguments are in context().call and the overflow block, and so are the
  // results. Returns false after a trap: take_trap() then says which.
  bool enter(const compiler::FuncRef& function) {
    if (__builtin_expect(!is_ready(), false) && !make_ready()) return false;
    return os::enter_guest(&context_.call, function.code, function.vmctx, stack_.bounds()) == 0;
  }
  // The same for functions without float and vector parameters and results.
  bool enter_integer(const compiler::FuncRef& function) {
    if (__builtin_expect(!is_ready(), false) && !make_ready()) return false;
    return os::enter_guest_integer(&context_.call, function.code, function.vmctx,
                                   stack_.bounds()) == 0;
  }

  // The trap that ended the last call, or the exception that no guest caught, with names in its
  // frames; takes it out of the store.
  Trap take_trap();
  // For C++ called by a guest: records why it cannot go on, with the guest's frames unless the trap
  // has frames already. The caller then returns the result to the guest, which leaves; or, where
  // the trap carries an exception of this store, throws it.
  os::HostResult raise(Trap trap);
  os::HostResult raise(TrapCode code);

  // For guests that throw: finds where an exception goes on (see throw.h). 0: the one that is in
  // the store already. False when the guest has to leave.
  bool throw_(os::Landing& landing, compiler::GcRef exception);

  // Stacks of their own for C++ that runs guest code and may suspend in between. An Error where
  // there are too many, or no memory.
  Result<os::Fiber*> take_fiber();
  // It is idle.
  void give_fiber(os::Fiber& fiber);
  // Runs a fiber, from wherever this is called, until it suspends or ends.
  void resume(os::Fiber& fiber);
  // Called on a fiber that this store runs: back to who resumed it.
  void suspend() { fiber_->suspend(); }

  // Keeps something alive as long as the store.
  void keep(std::shared_ptr<const void> object);

 private:
  friend class Instance;
  friend bool on_guest_fault(const os::Fault& fault);

  Store(std::shared_ptr<Engine> engine, const StoreLimits& limits);
  bool is_ready() const { return context_.call.stack_top != nullptr && os::is_thread_prepared(); }
  bool make_ready();
  std::shared_ptr<const Exception> hold_exception(compiler::GcRef reference);
  Result<void> count_instance();
  // Takes an instance back that could not be linked: nobody has seen it.
  void drop_newest_instance();
  Result<void> check_memory(uint64_t bytes) const;
  Memory* keep_memory(std::shared_ptr<Memory> memory);
  bool holds(const Memory& memory) const;
  void visit_roots(RootVisitor& visitor) override;
  void visit_frames(RootVisitor& visitor);
  void visit_frames(RootVisitor& visitor, const void* activation, const os::GuestStack& stack,
                    const Registers& exit);
  // Where guest code runs at the moment.
  const os::GuestStack& current_stack() const { return fiber_ ? fiber_->stack() : stack_; }
  Result<os::GuestStack> make_stack();
  void drop_stack(os::GuestStack stack);
  const Memory* memory_reserving(const void* address) const;

  compiler::StoreContext context_;
  template <typename Callee>
  compiler::FuncRef* add_function(const void* code, uint32_t type_id, const Callee& callee);

  const std::shared_ptr<Engine> engine_;
  const StoreLimits limits_;
  os::GuestStack stack_;
  std::vector<std::unique_ptr<os::Fiber>> fibers_;
  std::vector<os::Fiber*> idle_fibers_;
  // The fiber that runs, with those that wait until the next inner one suspends before it; null:
  // the store's main stack.
  os::Fiber* fiber_ = nullptr;
  std::vector<os::Fiber*> resumers_;

  std::unique_ptr<Heap> heap_;  // null until it is needed
  std::vector<Instance*> instances_;
  std::vector<std::shared_ptr<Memory>> memories_;
  std::vector<std::unique_ptr<Table>> tables_;
  std::vector<compiler::Slot*> heap_globals_;  // of the host, of reference type
  std::deque<Tag> tags_;
  uint64_t memory_bytes_ = 0;
  uint64_t table_elements_ = 0;
  std::vector<std::shared_ptr<const void>> kept_;
  std::unordered_set<const void*> kept_set_;

  std::unique_ptr<FrameCache> frame_cache_;             // made by the first exception
  std::vector<std::shared_ptr<Exception>> exceptions_;  // that traps may hold

  RawTrap raw_trap_;          // written by the signal handler too
  std::optional<Trap> trap_;  // raised by C++, or found before guest code ran
};

}  // namespace tenon::runtime
