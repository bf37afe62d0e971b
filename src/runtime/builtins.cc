#include "runtime/builtins.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "os/guest_call.h"
#include "runtime/builtin_support.h"
#include "runtime/core_values.h"
#include "runtime/gc_builtins.h"

namespace tenon::runtime {

namespace {

using compiler::Builtin;
using u32 = uint32_t;
using u64 = uint64_t;
using none = void;

// The result of a failed growth: -1 in the index type.
u64 grow_failed(bool is_64) {
  return is_64 ? ~u64{0} : u64{0xffffffff};
}

// Not called as the others are: by os::throw_stub, and with its parameters.
constexpr os::ThrowFunction throw_ = throw_exception;

u64 memory_grow(void* vmctx, u32 memory, u64 pages) {
  Instance& instance = instance_of(vmctx);
  Memory& target = instance.memory(memory);
  auto old = instance.store().grow_memory(target, pages);
  return old ? *old : grow_failed(target.type().limits.is_64);
}

none memory_copy(void* vmctx, u32 to_memory, u32 from_memory, u64 to, u64 from, u64 length) {
  Instance& instance = instance_of(vmctx);
  auto target = GuestMemory(*instance.memory(to_memory).record()).slice(to, length);
  auto source = GuestMemory(*instance.memory(from_memory).record()).slice(from, length);
  if (!target || !source) return trap(instance, TrapCode::memory_out_of_bounds);
  std::memmove(target->data(), source->data(), length);
}

none memory_fill(void* vmctx, u32 memory, u64 to, u32 byte, u64 length) {
  Instance& instance = instance_of(vmctx);
  auto target = GuestMemory(*instance.memory(memory).record()).slice(to, length);
  if (!target) return trap(instance, TrapCode::memory_out_of_bounds);
  std::memset(target->data(), static_cast<int>(byte & 0xff), length);
}

none memory_init(void* vmctx, u32 memory, u32 segment, u64 to, u32 from, u32 length) {
  Instance& instance = instance_of(vmctx);
  std::span<const uint8_t> bytes = instance.data(segment);
  auto target = GuestMemory(*instance.memory(memory).record()).slice(to, length);
  if (!target || from > bytes.size() || length > bytes.size() - from)
    return trap(instance, TrapCode::memory_out_of_bounds);
  if (length != 0) std::memcpy(target->data(), bytes.data() + from, length);
}

none data_drop(void* vmctx, u32 segment) {
  instance_of(vmctx).drop_data(segment);
}

u64 table_get(void* vmctx, u32 table, u64 index) {
  Instance& instance = instance_of(vmctx);
  Table& source = instance.table(table);
  if (!source.holds(index, 1)) return trap(instance, TrapCode::table_out_of_bounds), 0;
  return source.get(index);
}

none table_set(void* vmctx, u32 table, u64 index, u64 value) {
  Instance& instance = instance_of(vmctx);
  Table& target = instance.table(table);
  if (!target.holds(index, 1)) return trap(instance, TrapCode::table_out_of_bounds);
  target.set(index, value);
}

u64 table_grow(void* vmctx, u32 table, u64 value, u64 count) {
  Instance& instance = instance_of(vmctx);
  Table& target = instance.table(table);
  auto old = instance.store().grow_table(target, count, value);
  return old ? *old : grow_failed(target.type().limits.is_64);
}

none table_fill(void* vmctx, u32 table, u64 to, u64 value, u64 count) {
  Instance& instance = instance_of(vmctx);
  Table& target = instance.table(table);
  if (!target.holds(to, count)) return trap(instance, TrapCode::table_out_of_bounds);
  target.fill(to, value, count);
}

none table_copy(void* vmctx, u32 to_table, u32 from_table, u64 to, u64 from, u64 count) {
  Instance& instance = instance_of(vmctx);
  Table& target = instance.table(to_table);
  Table& source = instance.table(from_table);
  if (!target.holds(to, count) || !source.holds(from, count))
    return trap(instance, TrapCode::table_out_of_bounds);
  target.copy(to, source, from, count);
}

none table_init(void* vmctx, u32 table, u32 segment, u64 to, u32 from, u32 count) {
  Instance& instance = instance_of(vmctx);
  Table& target = instance.table(table);
  u64 available = instance.element_count(segment);
  if (!target.holds(to, count) || from > available || count > available - from)
    return trap(instance, TrapCode::table_out_of_bounds);
  for (u64 i = 0; i < count; ++i) target.set(to + i, instance.element(segment, from + i));
}

none elem_drop(void* vmctx, u32 segment) {
  instance_of(vmctx).drop_elements(segment);
}

u64 ref_func(void* vmctx, u32 function) {
  return reinterpret_cast<u64>(instance_of(vmctx).function(function));
}

u64 resolve_indirect(void* vmctx, u32 table, u64 index, u32 type_id) {
  Instance& instance = instance_of(vmctx);
  Table& source = instance.table(table);
  if (!source.holds(index, 1)) return trap(instance, TrapCode::undefined_element), 0;
  compiler::FuncRef* element = source.resolve(index);
  if (element == nullptr)
    return trap(instance, TrapCode::uninitialized_element, std::to_string(index)), 0;
  if (element->type_id != type_id &&
      !instance.store().engine().types().is_subtype(element->type_id, type_id))
    return trap(instance, TrapCode::indirect_call_type_mismatch), 0;
  return reinterpret_cast<u64>(element);
}

none raise_trap(void* vmctx, u32 trap_code) {
  trap(instance_of(vmctx), static_cast<TrapCode>(trap_code));
}

// What an atomic wait or notify looks at, `size` bytes; null after a trap.
uint8_t* atomic_cell(Instance& instance, u32 memory, u64 address, u64 offset, u32 size) {
  u64 effective = 0;
  bool is_beyond = __builtin_add_overflow(address, offset, &effective);
  if (effective % size != 0) return trap(instance, TrapCode::unaligned_atomic), nullptr;
  auto cell = GuestMemory(*instance.memory(memory).record()).slice(effective, size);
  if (is_beyond || !cell) return trap(instance, TrapCode::memory_out_of_bounds), nullptr;
  return cell->data();
}

template <typename T>
u32 memory_wait(void* vmctx, u32 memory, u64 address, u64 offset, T expected, u64 timeout) {
  Instance& instance = instance_of(vmctx);
  uint8_t* cell = atomic_cell(instance, memory, address, offset, sizeof(T));
  if (cell == nullptr) return 0;
  WaitTable* waiters = instance.memory(memory).waiters();
  if (waiters == nullptr) return trap(instance, TrapCode::expected_shared_memory), 0;
  auto outcome =
      waiters->wait(reinterpret_cast<const T*>(cell), expected, static_cast<int64_t>(timeout));
  return static_cast<u32>(outcome);
}

u32 memory_wait32(void* vmctx, u32 memory, u64 address, u64 offset, u32 expected, u64 timeout) {
  return memory_wait<u32>(vmctx, memory, address, offset, expected, timeout);
}

u32 memory_wait64(void* vmctx, u32 memory, u64 address, u64 offset, u64 expected, u64 timeout) {
  return memory_wait<u64>(vmctx, memory, address, offset, expected, timeout);
}

u32 memory_notify(void* vmctx, u32 memory, u64 address, u64 offset, u32 count) {
  Instance& instance = instance_of(vmctx);
  uint8_t* cell = atomic_cell(instance, memory, address, offset, sizeof(u32));
  WaitTable* waiters = instance.memory(memory).waiters();
  return cell == nullptr || waiters == nullptr ? 0 : waiters->notify(cell, count);
}

constexpr size_t builtin_count = static_cast<size_t>(Builtin::count);
static_assert(builtin_count <= os::max_builtins);

}  // namespace

const void* const* builtin_functions() {
  using gc_builtins::array_init_data;
  using gc_builtins::array_init_elem;
  using gc_builtins::array_new_data;
  using gc_builtins::array_new_elem;
  using gc_builtins::gc_alloc_array;
  using gc_builtins::gc_alloc_struct;
  using gc_builtins::gc_write_barrier;
  using gc_builtins::gc_write_barrier_array;
  using gc_builtins::is_subtype;
  static const void* const functions[] = {
#define X(name, result, params) reinterpret_cast<const void*>(+name),
      TENON_BUILTINS(X)
#undef X
  };
  return functions;
}

const void* const* builtin_stubs() {
  static const auto stubs = [] {
    std::array<const void*, builtin_count> table;
    for (uint32_t i = 0; i < builtin_count; ++i) table[i] = os::builtin_stub(i);
    static_assert(static_cast<size_t>(Builtin::throw_) == 0);
    table[static_cast<size_t>(Builtin::throw_)] = os::throw_stub();
    table[static_cast<size_t>(Builtin::memmove_)] = reinterpret_cast<const void*>(&std::memmove);
    table[static_cast<size_t>(Builtin::memset_)] = reinterpret_cast<const void*>(&std::memset);
    table[static_cast<size_t>(Builtin::fill_elements_)] =
        reinterpret_cast<const void*>(&gc_builtins::fill_elements);
    return table;
  }();
  return stubs.data();
}

const void* host_call_entry(const wasm::FuncType& type) {
  bool has_floats = std::ranges::any_of(type.params, is_float_class) ||
                    std::ranges::any_of(type.results, is_float_class);
  return has_floats ? os::host_call_entry() : os::host_call_entry_integer();
}

}  // namespace tenon::runtime
