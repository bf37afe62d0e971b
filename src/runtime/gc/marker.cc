#include "runtime/gc/marker.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"

namespace tenon::runtime {

using compiler::null_ref;

namespace {

// What scanning an object costs beside the references in it, in bytes of them.
constexpr uint32_t object_cost = 32;

}  // namespace

uint32_t Marker::array_size(GcRef object, const ObjectType& type) const {
  uint64_t length = load<uint32_t>(object, compiler::array_length_offset);
  uint64_t size = type.size + length * type.element_size;
  return static_cast<uint32_t>((size + compiler::object_alignment - 1) & link_mask);
}

uint32_t Marker::size_of(GcRef object) const {
  const ObjectType& type = types_[header(object).type_id];
  return type.kind == ObjectType::Kind::array ? array_size(object, type) : type.size;
}

// Places the reference in the queue, and marks the one that was there.
inline void Marker::push(GcRef reference) {
  if (!compiler::is_object(reference)) return;
  __builtin_prefetch(base_ + reference, 1);
  GcRef oldest = std::exchange(queue_[queue_at_], reference);
  queue_at_ = (queue_at_ + 1) % queue_size;
  if (oldest != null_ref) mark(oldest);
}

inline void Marker::mark(GcRef object) {
  compiler::ObjectHeader& at = header(object);
  if ((at.bits & mark_mask) == epoch_) return;
  at.bits = listed_ | epoch_;
  listed_ = object;
}

inline void Marker::mark_lines(GcRef object, uint32_t size) {
  uint32_t first = object / line_size;
  uint32_t last = (object + size - 1) / line_size;
  for (uint32_t line = first; line <= last; ++line) lines_[line] = epoch_;
}

void Marker::visit(std::span<const GcRef> references) {
  for (GcRef reference : references) push(reference);
}

// An object that is marked and not scanned yet, or null.
inline GcRef Marker::pop() {
  for (uint32_t i = 0; listed_ == null_ref && i < queue_size; ++i) {
    GcRef oldest = std::exchange(queue_[queue_at_], null_ref);
    queue_at_ = (queue_at_ + 1) % queue_size;
    if (oldest != null_ref) mark(oldest);
  }
  GcRef object = listed_;
  if (object != null_ref) listed_ = header(object).bits & link_mask;
  return object;
}

inline void Marker::scan_near(GcRef object, uint64_t references) {
  for (; references != 0; references &= references - 1) {
    uint32_t word = static_cast<uint32_t>(std::countr_zero(references));
    push(load<GcRef>(object, ObjectType::near_begin + word * sizeof(GcRef)));
  }
}

// Scans some of the array, and returns what that cost.
uint32_t Marker::scan_array() {
  uint64_t end = std::min<uint64_t>(array_end_, array_next_ + array_step * sizeof(GcRef));
  uint32_t cost = static_cast<uint32_t>(end - array_next_);
  for (; array_next_ < end; array_next_ += sizeof(GcRef))
    push(*reinterpret_cast<const GcRef*>(base_ + array_next_));
  return cost;
}

// Returns the cost. Of an array it only notes that its elements are next.
uint32_t Marker::scan(GcRef object) {
  const ObjectType& type = types_[header(object).type_id];
  if (type.kind == ObjectType::Kind::array) {
    uint32_t size = array_size(object, type);
    if (size <= max_small_size) mark_lines(object, size);
    if (!type.holds_references) return object_cost;
    array_next_ = uint64_t{object} + type.size;
    array_end_ = array_next_ +
                 uint64_t{load<uint32_t>(object, compiler::array_length_offset)} * sizeof(GcRef);
    return object_cost;
  }
  CHECK(type.kind == ObjectType::Kind::fixed);
  if (type.size <= max_small_size) mark_lines(object, type.size);
  scan_near(object, type.near_references);
  for (uint32_t i = 0; i < type.far_count; ++i) push(load<GcRef>(object, type.far_references[i]));
  return object_cost + type.far_count * static_cast<uint32_t>(sizeof(GcRef));
}

bool Marker::run(int64_t& budget) {
  while (budget > 0) {
    if (array_next_ < array_end_) {
      budget -= scan_array();
      continue;
    }
    GcRef object = pop();
    if (object == null_ref) return true;
    budget -= scan(object);
  }
  return false;
}

}  // namespace tenon::runtime
