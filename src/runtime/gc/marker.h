#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "compiler/gc_layout.h"
#include "runtime/gc/block_space.h"
#include "runtime/gc/object_types.h"
#include "runtime/gc/roots.h"

// The part of a collection that finds out what is alive, in steps of any size. An object is marked
// when its header's low bits are the epoch of the collection, which alternates between 1 and 2.
// Objects that are marked but not yet scanned are a list, linked through the other bits of their
// headers: marking needs no memory, however deep or wide the graph is. Between a reference being
// found and its object being touched lies a short queue, during which the processor fetches the
// header.
//
// What was reachable when marking began will be marked, provided that every reference which is
// overwritten meanwhile is given to `visit` before, and that new objects are born marked.
namespace tenon::runtime {

// Objects above this size have blocks of their own.
constexpr uint32_t max_small_size = block_size / 2;

class Marker final : public RootVisitor {
 public:
  Marker(BlockSpace& space, const ObjectTypes& types)
      : base_(space.base()), lines_(space.lines()), types_(types) {}

  // Before the first visit of a collection.
  void begin(uint8_t epoch) { epoch_ = epoch; }
  uint8_t epoch() const { return epoch_; }

  using RootVisitor::visit;
  void visit(std::span<const GcRef> references) override;

  // Scans until nothing is left to do (then true), or for about `budget` bytes, which are taken off
  // it.
  bool run(int64_t& budget);

  bool is_marked(GcRef object) const { return (header(object).bits & mark_mask) == epoch_; }
  // The object's size, for tests and statistics.
  uint32_t size_of(GcRef object) const;

 private:
  static constexpr uint32_t mark_mask = 3;
  static constexpr uint32_t link_mask = ~(compiler::object_alignment - 1);
  static constexpr uint32_t queue_size = 16;
  static constexpr uint32_t array_step = 1024;  // elements scanned at once

  compiler::ObjectHeader& header(GcRef object) const {
    return *reinterpret_cast<compiler::ObjectHeader*>(base_ + object);
  }
  template <typename T>
  T load(GcRef object, uint32_t offset) const {
    return *reinterpret_cast<const T*>(base_ + object + offset);
  }
  uint32_t array_size(GcRef object, const ObjectType& type) const;

  void push(GcRef reference);
  void mark(GcRef object);
  void mark_lines(GcRef object, uint32_t size);
  GcRef pop();
  uint32_t scan(GcRef object);
  void scan_near(GcRef object, uint64_t references);
  uint32_t scan_array();

  uint8_t* const base_;
  uint8_t* const lines_;
  const ObjectTypes& types_;
  uint8_t epoch_ = 1;
  GcRef listed_ = compiler::null_ref;  // first of the list
  // The last references found; a ring, whose free places are null.
  std::array<GcRef, queue_size> queue_ = {};
  uint32_t queue_at_ = 0;
  // What is left of the array that is being scanned: offsets into the heap.
  uint64_t array_next_ = 0;
  uint64_t array_end_ = 0;
};

}  // namespace tenon::runtime
