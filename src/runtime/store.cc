#include "runtime/store.h"

#include <fmt/format.h>

#include <bit>
#include <cstddef>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "runtime/builtins.h"
#include "runtime/exception.h"
#include "runtime/frames.h"
#include "runtime/instance.h"

namespace tenon::runtime {

Store::Store(std::shared_ptr<Engine> engine, const StoreLimits& limits)
    : engine_(std::move(engine)), limits_(limits) {
  context_.call = {};
  context_.call.builtins = builtin_functions();
  context_.owner = this;
  context_.heap_base = engine_->null_guard();
  context_.window = {};
  context_.cast_rows = engine_->types().cast_rows();
  context_.thrown = compiler::null_ref;
}

Result<std::unique_ptr<Store>> Store::create(std::shared_ptr<Engine> engine,
                                             const StoreLimits& limits) {
  CHECK(engine != nullptr);
  return std::unique_ptr<Store>(new Store(std::move(engine), limits));
}

Store::~Store() {
  CHECK(context_.call.activation == nullptr);
  for (const auto& exception : exceptions_) exception->leave_store();
  heap_.reset();
  for (Instance* instance : instances_) Instance::destroy(instance);
  for (const auto& fiber : fibers_) drop_stack(fiber->take_stack());
  drop_stack(std::move(stack_));
}

Result<os::GuestStack> Store::make_stack() {
  if (limits_.stack_size == 0) return engine_->stacks().take();
  return os::GuestStack::create(limits_.stack_size);
}

// The engine keeps stacks of its own size alone.
void Store::drop_stack(os::GuestStack stack) {
  if (limits_.stack_size == 0) engine_->stacks().give(std::move(stack));
}

bool Store::make_ready() {
  auto prepare = [this]() -> Result<void> {
    TRY_VOID(os::prepare_thread());
    if (context_.call.stack_top != nullptr) return {};
    stack_ = TRY(make_stack());
    context_.call.stack_top = stack_.top();
    context_.call.stack_limit = stack_.limit();
    return {};
  };
  Result<void> prepared = prepare();
  if (prepared) return true;
  trap_ = Trap::host(prepared.error().to_string());
  return false;
}

Result<void> Store::count_instance() {
  if (instances_.size() >= limits_.max_instances)
    return fail(ErrorCode::limit,
                fmt::format("more than {} instances in one store", limits_.max_instances));
  return {};
}

void Store::drop_newest_instance() {
  Instance* instance = instances_.back();
  instances_.pop_back();
  const Memory* memory = instance->own_memory_;
  Instance::destroy(instance);
  if (memory == nullptr) return;
  CHECK(memories_.back().get() == memory);
  memory_bytes_ -= memory->byte_length();
  memories_.pop_back();
}

Result<Heap*> Store::heap() {
  if (heap_ == nullptr) {
    heap_ = TRY(Heap::create(engine_->types().object_types(), context_.window, limits_.heap));
    heap_->add_root_source(*this);
    context_.heap_base = heap_->base();
  }
  return heap_.get();
}

// What guests hold; the heap itself knows what the host holds.
void Store::visit_roots(RootVisitor& visitor) {
  for (Instance* instance : instances_) instance->visit_roots(visitor);
  for (const auto& table : tables_) visitor.visit(table->references());
  for (const compiler::Slot* slot : heap_globals_) visitor.visit(static_cast<GcRef>(slot->low));
  visitor.visit(context_.thrown);
  visit_frames(visitor);
}

// Whatever collects was called by a guest, or no guest code is live on the stack at hand. All other
// stacks are parked in a host function.
void Store::visit_frames(RootVisitor& visitor) {
  visit_frames(visitor, context_.call.activation, current_stack(), exit_registers(context_.call));
  for (const auto& fiber : fibers_) {
    const os::StackState& parked = fiber->other_state();
    if (fiber->is_parked())
      visit_frames(visitor, parked.activation, fiber->stack(), exit_registers(parked));
  }
  for (size_t i = 0; i < resumers_.size(); i++) {
    // Each of the fibers that run keeps the state of the one that resumed it.
    const os::Fiber* inner = i + 1 < resumers_.size() ? resumers_[i + 1] : fiber_;
    const os::StackState& parked = inner->other_state();
    const os::GuestStack& stack = resumers_[i] ? resumers_[i]->stack() : stack_;
    visit_frames(visitor, parked.activation, stack, exit_registers(parked));
  }
}

void Store::visit_frames(RootVisitor& visitor, const void* activation, const os::GuestStack& stack,
                         const Registers& exit) {
  auto visit = [&](const Registers& frame, bool, const CodeRange& range) {
    auto return_offset = static_cast<uint32_t>(frame.pc - range.text);
    for (compiler::RootSlot slot : range.code->artifact().tables().find_roots(return_offset)) {
      const auto* base = static_cast<const uint8_t*>(slot.from_rbp != 0 ? frame.fp : frame.sp);
      GcRef reference;
      std::memcpy(&reference, base + slot.offset, sizeof reference);
      visitor.visit(reference);
    }
    return true;
  };
  walk_frames(activation, stack, exit, true, visit);
}

Result<os::Fiber*> Store::take_fiber() {
  if (!idle_fibers_.empty()) {
    os::Fiber* fiber = idle_fibers_.back();
    idle_fibers_.pop_back();
    return fiber;
  }
  if (fibers_.size() >= limits_.max_fibers)
    return fail(ErrorCode::limit,
                fmt::format("more than {} stacks in use in one store", limits_.max_fibers));
  fibers_.push_back(std::make_unique<os::Fiber>(TRY(make_stack())));
  return fibers_.back().get();
}

void Store::give_fiber(os::Fiber& fiber) {
  CHECK(fiber.is_idle());
  idle_fibers_.push_back(&fiber);
}

void Store::resume(os::Fiber& fiber) {
  resumers_.push_back(fiber_);
  fiber_ = &fiber;
  fiber.resume(context_.call);
  fiber_ = resumers_.back();
  resumers_.pop_back();
}

Result<void> Store::check_memory(uint64_t bytes) const {
  if (memories_.size() >= limits_.max_memories)
    return fail(ErrorCode::limit,
                fmt::format("more than {} memories in one store", limits_.max_memories));
  if (bytes > limits_.max_memory_bytes - memory_bytes_)
    return fail(ErrorCode::limit,
                fmt::format("a memory of {} bytes exceeds the store's limit of {} bytes", bytes,
                            limits_.max_memory_bytes));
  return {};
}

Memory* Store::keep_memory(std::shared_ptr<Memory> memory) {
  memory_bytes_ += memory->byte_length();
  return memories_.emplace_back(std::move(memory)).get();
}

Result<Memory*> Store::add_memory(const wasm::MemoryType& type, uint64_t room_before) {
  uint64_t bytes = TRY(Memory::initial_bytes(*engine_, type));
  TRY_VOID(check_memory(bytes));
  const Store* owner = type.is_shared ? nullptr : this;
  return keep_memory(TRY(Memory::create(*engine_, type, owner, room_before)));
}

Result<Memory*> Store::join(std::shared_ptr<Memory> memory) {
  CHECK(memory->type().is_shared);
  if (holds(*memory)) return memory.get();
  if (memory->mode() != engine_->memory_mode())
    return fail(ErrorCode::link, "the shared memory is of an engine with another memory mode");
  TRY_VOID(check_memory(memory->byte_length()));
  return keep_memory(std::move(memory));
}

std::shared_ptr<Memory> Store::share(const Memory& memory) const {
  if (!memory.type().is_shared) return nullptr;
  for (const auto& held : memories_)
    if (held.get() == &memory) return held;
  return nullptr;
}

bool Store::holds(const Memory& memory) const {
  return memory.type().is_shared ? share(memory) != nullptr : memory.owner() == this;
}

Result<Table*> Store::add_table(const wasm::TableType& type) {
  if (tables_.size() >= limits_.max_tables)
    return fail(ErrorCode::limit,
                fmt::format("more than {} tables in one store", limits_.max_tables));
  if (type.limits.min > limits_.max_table_elements - table_elements_)
    return fail(ErrorCode::limit,
                fmt::format("a table of {} elements exceeds the store's limit of {}",
                            type.limits.min, limits_.max_table_elements));
  std::unique_ptr<Table> table = TRY(Table::create(*this, type));
  table_elements_ += table->length();
  tables_.push_back(std::move(table));
  return tables_.back().get();
}

Global Store::add_global(const wasm::GlobalType& type, compiler::Slot value) {
  auto slot = std::make_shared<compiler::Slot>(value);
  keep(slot);
  if (engine_->types().is_heap_reference(type.type)) heap_globals_.push_back(slot.get());
  return {slot.get(), type, this};
}

Tag* Store::add_tag(uint32_t type_id) {
  engine_->types().add_exceptions(type_id);
  tags_.push_back({type_id, this});
  return &tags_.back();
}

template <typename Callee>
compiler::FuncRef* Store::add_function(const void* code, uint32_t type_id, const Callee& callee) {
  struct Function {
    Callee callee;
    compiler::FuncRef reference;
  };
  auto function = std::make_shared<Function>(Function{callee, {}});
  function->reference = {code, &function->callee, type_id, 0, &function->reference};
  keep(function);
  return &function->reference;
}

Result<compiler::FuncRef*> Store::add_function(const HostFunction& definition) {
  uint32_t type_id = TRY(engine_->types().add(definition.type));
  if (definition.owner) keep(definition.owner);
  if (definition.direct)
    return add_function(os::direct_call_entry(), type_id,
                        compiler::DirectFunc{&context_, definition.direct, definition.environment});
  compiler::HostFunc host{&context_, definition.function, definition.environment, nullptr};
  if (definition.light)
    return add_function(os::light_call_entry(), type_id,
                        compiler::LightFunc{host, definition.light});
  return add_function(host_call_entry(definition.type), type_id, host);
}

std::optional<uint64_t> Store::grow_memory(Memory& memory, uint64_t pages) {
  uint64_t left = limits_.max_memory_bytes - memory_bytes_;
  if (pages > left >> memory.type().page_size_log2) return std::nullopt;
  auto old = memory.grow(pages);
  if (old) memory_bytes_ += pages << memory.type().page_size_log2;
  return old;
}

std::optional<uint64_t> Store::grow_table(Table& table, uint64_t count, RefBits value) {
  if (count > limits_.max_table_elements - table_elements_) return std::nullopt;
  auto old = table.grow(count, value);
  if (old) table_elements_ += count;
  return old;
}

void Store::keep(std::shared_ptr<const void> object) {
  if (kept_set_.insert(object.get()).second) kept_.push_back(std::move(object));
}

const Memory* Store::memory_reserving(const void* address) const {
  for (const auto& memory : memories_) {
    if (memory->reserves(address)) return memory.get();
  }
  return nullptr;
}

os::HostResult Store::raise(TrapCode code) {
  return raise(Trap{code, {}, 0, {}});
}

os::HostResult Store::raise(Trap trap) {
  if (trap.exception != nullptr && trap.exception->store() == this) {
    context_.thrown = trap.exception->reference();
    return os::HostResult::threw;
  }
  trap_ = std::move(trap);
  raw_trap_.frame_count = 0;
  if (trap_->frames.empty() && context_.call.exit_pc != nullptr)
    walk_from_exit(context_.call, current_stack(), raw_trap_);
  return os::HostResult::trapped;
}

bool Store::throw_(os::Landing& landing, compiler::GcRef exception) {
  if (exception != compiler::null_ref) context_.thrown = exception;
  if (frame_cache_ == nullptr) frame_cache_ = std::make_unique<FrameCache>();
  landing.pc = context_.call.exit_pc;
  landing.sp = context_.call.exit_sp;
  WalkEnd end = find_landing(*frame_cache_, current_stack(), landing);
  if (end == WalkEnd::landed) {
    landing.exception = std::exchange(context_.thrown, compiler::null_ref);
    const uint8_t* object = context_.heap_base + landing.exception;
    std::memcpy(&landing.tag, object + compiler::exception_tag_offset, sizeof landing.tag);
    return true;
  }
  if (end == WalkEnd::boundary) {
    context_.thrown = compiler::null_ref;
    raise(TrapCode::uncaught_exception);
    return false;
  }
  raw_trap_ = RawTrap{};
  walk_from_exit(context_.call, current_stack(), raw_trap_);
  return false;
}

std::shared_ptr<const Exception> Store::hold_exception(compiler::GcRef reference) {
  // Those that no trap holds any more go when there are many.
  constexpr size_t few = 16;
  if (exceptions_.size() >= few && std::has_single_bit(exceptions_.size()))
    std::erase_if(exceptions_, [](const auto& held) { return held.use_count() == 1; });
  Root root(heap_->roots(), reference);
  return exceptions_.emplace_back(std::make_shared<Exception>(*this, std::move(root)));
}

Trap Store::take_trap() {
  Trap trap;
  if (trap_) {
    trap = std::move(*trap_);
    trap_.reset();
  } else if (context_.thrown != compiler::null_ref) {
    trap.code = TrapCode::uncaught_exception;
    trap.exception = hold_exception(std::exchange(context_.thrown, compiler::null_ref));
  } else {
    trap.code = raw_trap_.code;
    if (raw_trap_.is_image_fault) {
      trap.code = TrapCode::host;
      trap.message = "the file behind the memory's initial contents became shorter";
    } else if (raw_trap_.has_address) {
      trap.message =
          fmt::format("memory fault at wasm address {:#x} in linear memory of size {:#x}",
                      raw_trap_.address, raw_trap_.memory_length);
    }
  }
  if (trap.frames.empty()) trap.frames = name_frames(raw_trap_);
  raw_trap_.frame_count = 0;
  return trap;
}

}  // namespace tenon::runtime
