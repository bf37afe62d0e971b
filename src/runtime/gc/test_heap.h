#pragma once

#include "runtime/gc/heap.h"

#include <doctest/doctest.h>

#include <memory>
#include <utility>
#include <vector>

// A heap with a few types and a list of roots, for tests.
namespace tenon::runtime::test {

using compiler::null_ref;
using compiler::Storage;

// Ids of types that every TestHeap has.
enum TypeId : uint32_t {
  pair = compiler::first_defined_type_id,  // i64, ref, ref
  leaf,                                    // i32
  bytes,                                   // array of i8
  references,                              // array of ref
  medium,                                  // ref, 50 i64
  large,                                   // 9000 fields: i64 and ref by turns
  thrown,                                  // an exception: ref, v128
  empty,                                   // a struct without fields
};

inline compiler::StructLayout large_layout() {
  std::vector<Storage> fields(9000, Storage::i64);
  for (size_t i = 1; i < fields.size(); i += 2) fields[i] = Storage::ref;
  return compiler::struct_layout(nullptr, fields);
}

inline ObjectTypes make_types() {
  using enum Storage;
  auto types = ObjectTypes::create(1000);
  REQUIRE(types);
  auto add = [&](uint32_t id, std::vector<Storage> fields) {
    REQUIRE(types->add_struct(id, compiler::struct_layout(nullptr, fields)));
  };
  add(pair, {i64, ref, ref});
  add(leaf, {i32});
  std::vector<Storage> medium_fields(51, i64);
  medium_fields[0] = ref;
  add(medium, medium_fields);
  add(empty, {});
  REQUIRE(types->add_struct(large, large_layout()));
  REQUIRE(types->add_struct(thrown, compiler::exception_layout(std::vector{ref, v128})));
  REQUIRE(types->add_array(bytes, compiler::ArrayLayout::of(i8)));
  REQUIRE(types->add_array(references, compiler::ArrayLayout::of(ref)));
  return std::move(*types);
}

// Where a pair has its fields.
constexpr uint32_t pair_number = 8;
constexpr uint32_t pair_first = 16;
constexpr uint32_t pair_second = 20;
constexpr uint32_t elements = 12;  // of arrays of references and bytes

// A heap whose roots are a list.
class TestHeap : public RootSource {
 public:
  explicit TestHeap(const HeapConfig& config = {}) : types(make_types()) {
    auto made = Heap::create(types, window, config);
    REQUIRE(made);
    heap_ = std::move(*made);
    heap_->add_root_source(*this);
  }
  Heap* operator->() { return heap_.get(); }
  Heap& operator*() { return *heap_; }
  void destroy() { heap_.reset(); }

  void visit_roots(RootVisitor& visitor) override {
    ++root_visits;
    visitor.visit(std::span<const GcRef>(roots));
  }

  // The two references must be roots, or reachable.
  GcRef make_pair(uint64_t number, GcRef first = null_ref, GcRef second = null_ref) {
    GcRef made = heap_->allocate_struct(pair);
    if (made == null_ref) return made;
    CHECK(heap_->load<uint64_t>(made, pair_number) == 0);
    CHECK(heap_->load<uint64_t>(made, pair_first) == 0);
    heap_->store(made, pair_number, number);
    heap_->store(made, pair_first, first);
    heap_->store(made, pair_second, second);
    return made;
  }

  const ObjectTypes types;
  compiler::AllocationWindow window;
  std::vector<GcRef> roots;
  uint32_t root_visits = 0;

 private:
  std::unique_ptr<Heap> heap_;
};

// A small heap, which collects often.
inline HeapConfig small_heap(HeapConfig::Marking marking = HeapConfig::Marking::at_once) {
  return {.limit = 64 << 20, .marking = marking, .min_growth = 1 << 20};
}

constexpr HeapConfig::Marking both_markings[] = {HeapConfig::Marking::at_once,
                                                 HeapConfig::Marking::in_steps};

}  // namespace tenon::runtime::test
