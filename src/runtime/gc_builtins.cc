#include "runtime/gc_builtins.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "runtime/builtin_support.h"
#include "runtime/gc/heap.h"

namespace tenon::runtime::gc_builtins {

namespace {

using compiler::ArrayLayout;
using compiler::null_ref;
using u32 = uint32_t;
using u64 = uint64_t;

Heap& heap_of(Instance& instance) {
  return **instance.store().heap();  // made with the instance
}

// A new object, or null after a trap.
GcRef made(Instance& instance, GcRef object) {
  if (object == null_ref) trap(instance, TrapCode::heap_exhausted);
  return object;
}

ArrayLayout layout_of(Instance& instance, u32 type_id) {
  return instance.store().engine().types().array_layout(type_id);
}

bool is_within(u64 from, u64 count, u64 length) {
  return from <= length && count <= length - from;
}

// Elements of a segment become those of an array from `to` on. All is checked.
void write_elements(Instance& instance, GcRef array, u32 to, u32 segment, u32 from, u32 length) {
  Heap& heap = heap_of(instance);
  RootScope scope(heap.roots());
  scope.keep(array);
  ArrayLayout layout = layout_of(instance, heap.type_id(array));
  for (u32 i = 0; i < length; ++i) {
    RefBits value = instance.element(segment, from + i);
    u32 offset = layout.elements_offset + (to + i) * layout.element_size;
    if (layout.holds_references)
      heap.store_reference(array, offset, static_cast<GcRef>(value));
    else
      heap.store(array, offset, value);
  }
}

template <typename T>
void fill_with(void* to, u64 count, T value) {
  std::fill_n(static_cast<T*>(to), count, value);
}

}  // namespace

u32 gc_alloc_struct(void* vmctx, u32 type_id) {
  Instance& instance = instance_of(vmctx);
  return made(instance, heap_of(instance).allocate_struct(type_id));
}

u32 gc_alloc_array(void* vmctx, u32 type_id, u32 length) {
  Instance& instance = instance_of(vmctx);
  return made(instance, heap_of(instance).allocate_array(type_id, length));
}

void gc_write_barrier(void* vmctx, u32 overwritten) {
  heap_of(instance_of(vmctx)).write_barrier(overwritten);
}

void gc_write_barrier_array(void* vmctx, u32 array, u32 index, u32 count) {
  Instance& instance = instance_of(vmctx);
  Heap& heap = heap_of(instance);
  ArrayLayout layout = layout_of(instance, heap.type_id(array));
  const uint8_t* elements = heap.base() + array + layout.elements_offset;
  heap.write_barrier(std::span(reinterpret_cast<const GcRef*>(elements) + index, count));
}

// wasm: exec-array.new_data
u32 array_new_data(void* vmctx, u32 type_id, u32 segment, u32 from, u32 length) {
  Instance& instance = instance_of(vmctx);
  ArrayLayout layout = layout_of(instance, type_id);
  std::span<const uint8_t> bytes = instance.data(segment);
  u64 size = u64{length} * layout.element_size;
  if (!is_within(from, size, bytes.size()))
    return trap(instance, TrapCode::memory_out_of_bounds), null_ref;
  Heap& heap = heap_of(instance);
  GcRef array = made(instance, heap.allocate_array(type_id, length));
  if (array != null_ref && size != 0)
    std::memcpy(heap.base() + array + layout.elements_offset, bytes.data() + from, size);
  return array;
}

// wasm: exec-array.new_elem
u32 array_new_elem(void* vmctx, u32 type_id, u32 segment, u32 from, u32 length) {
  Instance& instance = instance_of(vmctx);
  if (!is_within(from, length, instance.element_count(segment)))
    return trap(instance, TrapCode::table_out_of_bounds), null_ref;
  GcRef array = made(instance, heap_of(instance).allocate_array(type_id, length));
  if (array != null_ref) write_elements(instance, array, 0, segment, from, length);
  return array;
}

// wasm: exec-array.init_data
void array_init_data(void* vmctx, u32 segment, u32 array, u32 to, u32 from, u32 length) {
  Instance& instance = instance_of(vmctx);
  Heap& heap = heap_of(instance);
  ArrayLayout layout = layout_of(instance, heap.type_id(array));
  if (!is_within(to, length, heap.array_length(array)))
    return trap(instance, TrapCode::array_out_of_bounds);
  std::span<const uint8_t> bytes = instance.data(segment);
  u64 size = u64{length} * layout.element_size;
  if (!is_within(from, size, bytes.size())) return trap(instance, TrapCode::memory_out_of_bounds);
  u64 offset = layout.elements_offset + u64{to} * layout.element_size;
  if (size != 0) std::memcpy(heap.base() + array + offset, bytes.data() + from, size);
}

// wasm: exec-array.init_elem
void array_init_elem(void* vmctx, u32 segment, u32 array, u32 to, u32 from, u32 length) {
  Instance& instance = instance_of(vmctx);
  if (!is_within(to, length, heap_of(instance).array_length(array)))
    return trap(instance, TrapCode::array_out_of_bounds);
  if (!is_within(from, length, instance.element_count(segment)))
    return trap(instance, TrapCode::table_out_of_bounds);
  write_elements(instance, array, to, segment, from, length);
}

u32 is_subtype(void* vmctx, u32 type_id, u32 super) {
  const TypeRegistry& types = instance_of(vmctx).store().engine().types();
  bool is_defined = type_id >= compiler::first_defined_type_id;
  return is_defined && types.is_subtype(type_id, super) ? 1 : 0;
}

void fill_elements(void* to, u64 count, u32 size, u64 low, u64 high) {
  switch (size) {
    case 1: std::memset(to, static_cast<int>(low), count); return;
    case 2: return fill_with(to, count, static_cast<uint16_t>(low));
    case 4: return fill_with(to, count, static_cast<uint32_t>(low));
    case 8: return fill_with(to, count, low);
    default: break;
  }
  struct Pair {
    u64 low, high;
  };
  fill_with(to, count, Pair{low, high});
}

}  // namespace tenon::runtime::gc_builtins
