#include "runtime/table.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/limits.h"
#include "runtime/instance.h"
#include "runtime/store.h"

namespace tenon::runtime {

using compiler::FuncRef;
using compiler::GcRef;

namespace {

void write_function(FuncRef& element, FuncRef* value) {
  if (value == nullptr) {
    element = FuncRef{nullptr, nullptr, 0, 1, nullptr};
  } else {
    element = *value;
    element.is_null = 0;
  }
}

}  // namespace

Result<std::unique_ptr<Table>> Table::create(Store& store, const wasm::TableType& type) {
  uint64_t max = type.limits.has_max ? type.limits.max : limits::max_table_elements;
  max = std::min(max, uint64_t{limits::max_table_elements});
  if (type.limits.min > max) return fail(ErrorCode::limit, "the table's minimum size is too large");

  std::unique_ptr<Table> table(new Table(store));
  table->type_ = type;
  table->is_function_ = !store.engine().types().is_heap_reference(type.element);
  table->element_size_ = table->is_function_ ? sizeof(FuncRef) : sizeof(GcRef);
  if (max * table->element_size_ <= max_small_bytes) {
    table->small_.resize(max);
    table->max_length_ = max;
    table->record_ = {type.limits.min, table->small_.data()};
    return table;
  }
  uint64_t min_bytes = type.limits.min * table->element_size_;
  table->map_ = TRY(store.engine().reserve(min_bytes, max * table->element_size_));
  table->max_length_ = std::min(max, table->map_.size() / table->element_size_);
  TRY_VOID(table->map_.protect(0, min_bytes, os::Access::read_write));
  table->record_ = {type.limits.min, table->map_.data()};
  return table;
}

std::optional<uint64_t> Table::grow(uint64_t count, RefBits value) {
  uint64_t old_length = record_.length;
  if (count > max_length_ - old_length) return std::nullopt;
  if (map_) {
    uint64_t old_bytes = os::round_to_pages(old_length * element_size_);
    uint64_t new_bytes = os::round_to_pages((old_length + count) * element_size_);
    if (!map_.protect(old_bytes, new_bytes - old_bytes, os::Access::read_write))
      return std::nullopt;
  }
  record_.length += count;
  // New elements are zeros: null, and no segment reaches them.
  if (value != 0) fill(old_length, value, count);
  return old_length;
}

FuncRef* Table::resolve(uint64_t index) {
  FuncRef& element = functions()[index];
  if (element.type_id != 0) return &element;
  if (element.is_null != 0) return nullptr;
  for (auto range = lazy_.rbegin(); range != lazy_.rend(); ++range) {
    if (index < range->begin || index >= range->end) continue;
    RefBits value = range->instance->element(range->segment, range->from + (index - range->begin));
    write_function(element, reinterpret_cast<FuncRef*>(value));
    return value == 0 ? nullptr : &element;
  }
  return nullptr;
}

RefBits Table::get(uint64_t index) {
  DCHECK(index < record_.length);
  if (!is_function_) return opaque()[index];
  FuncRef* element = resolve(index);
  return element == nullptr ? 0 : reinterpret_cast<RefBits>(element->self);
}

void Table::set(uint64_t index, RefBits value) {
  DCHECK(index < record_.length);
  if (is_function_) {
    write_function(functions()[index], reinterpret_cast<FuncRef*>(value));
  } else {
    store_.before_overwrite(opaque()[index]);
    opaque()[index] = static_cast<GcRef>(value);
  }
}

std::span<const GcRef> Table::references() const {
  if (is_function_) return {};
  return {static_cast<const GcRef*>(record_.elements), record_.length};
}

void Table::fill(uint64_t index, RefBits value, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) set(index + i, value);
}

void Table::copy(uint64_t to, Table& from, uint64_t from_index, uint64_t count) {
  bool backwards = this == &from && to > from_index;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t at = backwards ? count - 1 - i : i;
    set(to + at, from.get(from_index + at));
  }
}

void Table::reset(uint64_t index, uint64_t count) {
  DCHECK(holds(index, count));
  if (count == 0) return;
  std::memset(static_cast<uint8_t*>(record_.elements) + index * element_size_, 0,
              count * element_size_);
}

void Table::init_lazily(uint64_t index, Instance& instance, uint32_t segment, uint32_t from,
                        uint64_t count) {
  DCHECK(is_function_ && holds(index, count));
  if (count == 0) return;
  if (lazy_.size() < max_lazy_ranges) {
    lazy_.push_back({index, index + count, &instance, segment, from});
    return;
  }
  for (uint64_t i = 0; i < count; ++i) set(index + i, instance.element(segment, from + i));
}

}  // namespace tenon::runtime
