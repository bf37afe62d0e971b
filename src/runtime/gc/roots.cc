#include "runtime/gc/roots.h"

#include "base/check.h"

namespace tenon::runtime {

using compiler::null_ref;

RootTable::~RootTable() {
  CHECK(count_ == 0 && open_scopes_ == 0);
}

uint32_t RootTable::add(GcRef reference) {
  ++count_;
  if (first_free_ == no_entry) {
    entries_.push_back({reference, no_entry});
    return static_cast<uint32_t>(entries_.size() - 1);
  }
  uint32_t index = first_free_;
  first_free_ = entries_[index].next_free;
  entries_[index] = {reference, no_entry};
  return index;
}

void RootTable::drop(uint32_t index) {
  entries_[index] = {null_ref, first_free_};
  first_free_ = index;
  --count_;
}

void RootTable::visit_roots(RootVisitor& visitor) const {
  for (const Entry& entry : entries_) visitor.visit(entry.reference);
  visitor.visit(std::span(scoped_));
}

RootScope::~RootScope() {
  CHECK(table_.open_scopes_ == depth_);
  table_.scoped_.resize(begin_);
  --table_.open_scopes_;
}

GcRef RootScope::keep(GcRef reference) {
  CHECK(table_.open_scopes_ == depth_);
  if (compiler::is_object(reference)) table_.scoped_.push_back(reference);
  return reference;
}

}  // namespace tenon::runtime
