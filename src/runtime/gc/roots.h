#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "compiler/gc_layout.h"

// What keeps objects alive from outside the heap. The store reports what guests hold (frames,
// globals, tables) as a RootSource; C++ keeps references through a RootTable: a Root for one that
// outlives a call, a RootScope for those of one call. Objects do not move, so that a reference
// which is kept by any of these may be used as the plain number it is.
namespace tenon::runtime {

using compiler::GcRef;

// Takes references; null and i31 are welcome.
class RootVisitor {
 public:
  virtual void visit(std::span<const GcRef> references) = 0;
  void visit(GcRef reference) { visit(std::span(&reference, 1)); }

 protected:
  ~RootVisitor() = default;
};

// Reports all references that it holds at this moment. Called at the start of each collection, on
// the store's thread, from within an allocation: it must not use the heap.
class RootSource {
 public:
  virtual void visit_roots(RootVisitor& visitor) = 0;

 protected:
  ~RootSource() = default;
};

// The references that C++ keeps in one heap.
class RootTable {
 public:
  RootTable() = default;
  RootTable(const RootTable&) = delete;
  RootTable& operator=(const RootTable&) = delete;
  ~RootTable();

  void visit_roots(RootVisitor& visitor) const;
  // References kept by Roots.
  uint32_t count() const { return count_; }

 private:
  friend class Root;
  friend class RootScope;

  uint32_t add(GcRef reference);
  void drop(uint32_t index);

  // A slot that is in use holds a reference. The others hold null, and the next free slot.
  struct Entry {
    GcRef reference;
    uint32_t next_free;
  };
  static constexpr uint32_t no_entry = ~0u;

  std::vector<Entry> entries_;
  uint32_t first_free_ = no_entry;
  uint32_t count_ = 0;
  std::vector<GcRef> scoped_;
  uint32_t open_scopes_ = 0;
};

// Keeps one reference until it is destroyed, reset or moved from. Must not outlive the heap.
class Root {
 public:
  Root() = default;
  Root(RootTable& table, GcRef reference) : table_(&table), index_(table.add(reference)) {}
  Root(Root&& other) noexcept
      : table_(std::exchange(other.table_, nullptr)), index_(other.index_) {}
  Root& operator=(Root&& other) noexcept {
    std::swap(table_, other.table_);
    std::swap(index_, other.index_);
    return *this;
  }
  ~Root() { reset(); }

  GcRef get() const {
    return table_ == nullptr ? compiler::null_ref : table_->entries_[index_].reference;
  }
  void reset() {
    if (table_ != nullptr) std::exchange(table_, nullptr)->drop(index_);
  }

 private:
  RootTable* table_ = nullptr;
  uint32_t index_ = 0;
};

// Keeps what it is given until it is destroyed. Scopes nest.
class RootScope {
 public:
  explicit RootScope(RootTable& table)
      : table_(table), begin_(table.scoped_.size()), depth_(++table.open_scopes_) {}
  ~RootScope();
  RootScope(const RootScope&) = delete;
  RootScope& operator=(const RootScope&) = delete;

  // Only for the innermost scope.
  GcRef keep(GcRef reference);

 private:
  RootTable& table_;
  size_t begin_;
  uint32_t depth_;
};

}  // namespace tenon::runtime
