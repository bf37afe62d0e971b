#include "runtime/gc/heap.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "runtime/gc/test_heap.h"

namespace tenon::runtime {

using namespace test;

TEST_CASE("a new object has its header, and is zero otherwise") {
  TestHeap heap;
  GcRef object = heap->allocate_struct(pair);
  CHECK(object >= compiler::null_guard_size);
  CHECK(object % compiler::object_alignment == 0);
  CHECK(heap->type_id(object) == pair);
  CHECK(heap->load<uint64_t>(object, pair_number) == 0);
  GcRef array = heap->allocate_array(bytes, 5);
  CHECK(heap->type_id(array) == bytes);
  CHECK(heap->array_length(array) == 5);
  CHECK(heap->load<uint32_t>(array, elements) == 0);
  CHECK(heap->type_id(heap->allocate_struct(empty)) == empty);
}

TEST_CASE("compiled code may allocate from the window by itself") {
  TestHeap heap;
  heap->allocate_struct(leaf);
  REQUIRE(heap.window.limit - heap.window.cursor >= 16);
  GcRef mine = heap.window.cursor;
  heap.window.cursor += 16;
  heap->store(mine, 0, compiler::ObjectHeader{leaf, heap.window.new_object_bits});
  heap->store(mine, 8, 42);
  heap.roots = {mine};
  heap->collect();
  heap->collect();
  CHECK(heap->type_id(mine) == leaf);
  CHECK(heap->load<int>(mine, 8) == 42);
  CHECK(heap->allocate_struct(leaf) != mine);
}

TEST_CASE("what is unreachable is freed, cycles too") {
  TestHeap heap(small_heap());
  for (int i = 0; i < 200'000; ++i) {
    GcRef first = heap.make_pair(1);
    heap.roots = {first};
    GcRef second = heap.make_pair(2, first, first);
    heap->store_reference(first, pair_first, second);
    heap.roots.clear();
  }
  CHECK(heap->statistics().collections >= 5);
  CHECK(heap->used_bytes() <= 4 << 20);
  heap->collect();
  CHECK(heap->statistics().live_bytes <= 3 * block_size);
}

TEST_CASE("a list of a million elements lives") {
  for (HeapConfig::Marking marking : both_markings) {
    TestHeap heap({.marking = marking, .min_growth = 1 << 20});
    heap.roots = {null_ref};
    constexpr uint64_t length = 1'000'000;
    for (uint64_t i = 0; i < length; ++i) heap.roots[0] = heap.make_pair(i, heap.roots[0]);
    heap->collect();
    uint64_t expected = length;
    for (GcRef at = heap.roots[0]; at != null_ref; at = heap->load<GcRef>(at, pair_first))
      REQUIRE(heap->load<uint64_t>(at, pair_number) == --expected);
    CHECK(expected == 0);
    heap.roots.clear();
    heap->collect();
    CHECK(heap->statistics().live_bytes <= 3 * block_size);
  }
}

TEST_CASE("a list whose elements hang on their second reference, each with a leaf before it") {
  TestHeap heap({.min_growth = 1 << 20});
  heap.roots = {null_ref, null_ref};
  for (uint64_t i = 0; i < 300'000; ++i) {
    heap.roots[1] = heap.make_pair(~i);
    heap.roots[0] = heap.make_pair(i, heap.roots[1], heap.roots[0]);
  }
  heap->collect();
  uint64_t expected = 300'000;
  for (GcRef at = heap.roots[0]; at != null_ref; at = heap->load<GcRef>(at, pair_second)) {
    REQUIRE(heap->load<uint64_t>(at, pair_number) == --expected);
    REQUIRE(heap->load<uint64_t>(heap->load<GcRef>(at, pair_first), pair_number) == ~expected);
  }
  CHECK(expected == 0);
}

TEST_CASE("a tree as wide as an array can be") {
  for (HeapConfig::Marking marking : both_markings) {
    TestHeap heap({.marking = marking, .min_growth = 1 << 20});
    constexpr uint32_t width = 500'000;
    GcRef array = heap->allocate_array(references, width);
    heap.roots = {array};
    for (uint32_t i = 0; i < width; ++i)
      heap->store_reference(array, elements + 4 * i, heap.make_pair(i));
    heap->collect();
    for (uint32_t i = 0; i < width; ++i)
      REQUIRE(heap->load<uint64_t>(heap->load<GcRef>(array, elements + 4 * i), pair_number) == i);
    heap->store_reference(array, elements, compiler::i31_ref(7));
    heap->collect();
    CHECK(heap->load<GcRef>(array, elements) == compiler::i31_ref(7));
  }
}

TEST_CASE("every reference of every kind of object is traced") {
  TestHeap heap(small_heap());
  auto number_at = [&](GcRef object, uint32_t offset) {
    return heap->load<uint64_t>(heap->load<GcRef>(object, offset), pair_number);
  };
  compiler::StructLayout layout = large_layout();
  GcRef big = heap->allocate_struct(large);
  heap.roots = {big};
  for (uint32_t offset : layout.references)
    heap->store_reference(big, offset, heap.make_pair(offset));
  GcRef exception = heap->allocate_struct(thrown);
  heap.roots.push_back(exception);
  heap->store(exception, compiler::exception_tag_offset, uint64_t{0x1234567890});
  uint32_t value = compiler::exception_layout(std::vector{Storage::ref, Storage::v128}).offsets[1];
  heap->store_reference(exception, value, heap.make_pair(5));
  GcRef middle = heap->allocate_struct(medium);
  heap.roots.push_back(middle);
  uint32_t first = compiler::struct_layout(nullptr,
                                           [] {
                                             std::vector<Storage> fields(51, Storage::i64);
                                             fields[0] = Storage::ref;
                                             return fields;
                                           }())
                       .offsets[0];
  heap->store_reference(middle, first, heap.make_pair(6));
  for (int i = 0; i < 3; ++i) {
    heap->collect();
    for (int j = 0; j < 1000; ++j) heap.make_pair(~0u);
  }
  for (uint32_t offset : layout.references) REQUIRE(number_at(big, offset) == offset);
  CHECK(number_at(exception, value) == 5);
  CHECK(heap->load<uint64_t>(exception, compiler::exception_tag_offset) == 0x1234567890);
  CHECK(number_at(middle, first) == 6);
}

TEST_CASE("arrays of all sizes are zero, whatever was there before") {
  TestHeap heap(small_heap());
  for (int round = 0; round < 3; ++round) {
    for (uint32_t length : {0u, 1u, 100u, 1000u, 8180u, 16372u, 16373u, 32756u, 32757u, 100'000u,
                            1u << 20, 3u << 20}) {
      GcRef array = heap->allocate_array(bytes, length);
      REQUIRE(array != null_ref);
      if (length + elements > max_small_size) CHECK(array % block_size == 0);
      CHECK(heap.window.limit - heap.window.cursor <= max_small_size);
      CHECK(heap->array_length(array) == length);
      uint8_t* data = heap->base() + array + elements;
      bool is_zero = std::all_of(data, data + length, [](uint8_t byte) { return byte == 0; });
      CHECK(is_zero);
      std::fill(data, data + length, uint8_t{0xee});
    }
    heap->collect();
    CHECK(heap->statistics().live_bytes <= 3 * block_size);
  }
}

TEST_CASE("an array that is larger than the heap, or than any object, is refused") {
  TestHeap heap(small_heap());
  CHECK(heap->allocate_array(bytes, 0xffffffff) == null_ref);
  CHECK(heap->allocate_array(references, 0xffffffff) == null_ref);
  CHECK(heap->allocate_array(bytes, compiler::max_object_size - 12) == null_ref);
  CHECK(heap->allocate_array(bytes, 64 << 20) == null_ref);
  GcRef most = heap->allocate_array(bytes, 60 << 20);
  CHECK(most != null_ref);
  heap.roots = {most};
  CHECK(heap->allocate_array(bytes, 60 << 20) == null_ref);
  heap.roots.clear();
  CHECK(heap->allocate_array(bytes, 60 << 20) != null_ref);
}

TEST_CASE("an array of two gigabytes") {
  TestHeap heap;
  GcRef huge = heap->allocate_array(bytes, compiler::max_object_size - 12);
  REQUIRE(huge != null_ref);
  heap.roots = {huge};
  heap->store<uint8_t>(huge, compiler::max_object_size - 1, 77);
  heap->collect();
  CHECK(heap->load<uint8_t>(huge, compiler::max_object_size - 1) == 77);
  CHECK(heap->allocate_array(bytes, compiler::max_object_size - 12) == null_ref);
  heap.roots.clear();
  CHECK(heap->allocate_array(bytes, compiler::max_object_size - 12) != null_ref);
}

TEST_CASE("the limit is a value, and the heap is usable afterwards") {
  for (HeapConfig::Marking marking : both_markings) {
    TestHeap heap({.limit = 1 << 20, .marking = marking, .min_growth = 8 << 20});
    heap.roots = {null_ref};
    uint64_t count = 0;
    while (GcRef next = heap.make_pair(count, heap.roots[0])) {
      heap.roots[0] = next;
      ++count;
    }
    CHECK(count > 40'000);
    CHECK(heap->used_bytes() <= 1 << 20);
    uint64_t collections = heap->statistics().collections;
    CHECK(collections <= 40);
    CHECK(heap->allocate_struct(pair) == null_ref);
    CHECK(heap->statistics().collections <= collections + 2);
    for (GcRef at = heap.roots[0]; at != null_ref; at = heap->load<GcRef>(at, pair_first))
      REQUIRE(heap->load<uint64_t>(at, pair_number) == --count);
    heap.roots[0] = null_ref;
    CHECK(heap->allocate_struct(pair) != null_ref);
  }
}

TEST_CASE("a heap without memory refuses everything") {
  TestHeap heap({.limit = 0});
  CHECK(heap->allocate_struct(leaf) == null_ref);
  CHECK(heap->allocate_array(bytes, 100'000) == null_ref);
  CHECK(heap->allocate_extern(nullptr, nullptr) == null_ref);
}

// One object of 16 bytes lives in every line: all lines are taken, by an eighth of their bytes.
TEST_CASE("objects are found room for in a heap of fragments") {
  TestHeap heap({.limit = 8 << 20, .min_growth = 1 << 20});
  std::vector<GcRef> all;
  for (GcRef next; (next = heap->allocate_struct(leaf)) != null_ref;) {
    heap->store(next, 8, static_cast<uint32_t>(heap.roots.size()));
    heap.roots.push_back(next);
  }
  std::swap(all, heap.roots);
  for (size_t i = 0; i < all.size(); ++i)
    if (i % 16 == 0) heap.roots.push_back(all[i]);
  // Every second line of what is left becomes free.
  heap->collect();
  CHECK(heap->allocate_array(bytes, 1000) == null_ref);
  std::vector<GcRef> kept = std::exchange(heap.roots, {});
  for (size_t i = 0; i < kept.size(); ++i)
    if (i % 2 == 0) heap.roots.push_back(kept[i]);
  size_t count = heap.roots.size();
  while (GcRef next = heap->allocate_array(bytes, 100)) heap.roots.push_back(next);
  CHECK(heap.roots.size() - count > 25'000);
  CHECK(heap->allocate_array(bytes, 200) == null_ref);
  for (size_t i = 0; i < count; ++i) REQUIRE(heap->load<uint32_t>(heap.roots[i], 8) == 32 * i);
}

TEST_CASE("objects above a line use runs of lines that fit") {
  TestHeap heap({.limit = 8 << 20, .min_growth = 1 << 20});
  std::vector<GcRef> all;
  while (GcRef next = heap->allocate_array(bytes, 500)) {
    heap.roots.push_back(next);
  }
  std::swap(all, heap.roots);
  for (size_t i = 0; i < all.size(); ++i)
    if (i % 2 == 0) heap.roots.push_back(all[i]);
  size_t count = heap.roots.size();
  while (GcRef next = heap->allocate_array(bytes, 300)) heap.roots.push_back(next);
  CHECK(heap.roots.size() - count > count * 9 / 10);
  CHECK(heap->used_bytes() <= 8 << 20);
}

TEST_CASE("memory of a heap that has become small is given back, and used again") {
  TestHeap heap({.limit = 256 << 20, .min_growth = 1 << 20});
  for (int round = 0; round < 2; ++round) {
    heap.roots = {null_ref};
    for (uint64_t i = 0; i < 1'000'000; ++i) heap.roots[0] = heap.make_pair(i, heap.roots[0]);
    heap.roots.clear();
    heap->collect();
    CHECK(heap->used_bytes() <= 3 * block_size);
  }
}

TEST_CASE("host objects are finalised once, after they died, and not by the collector") {
  TestHeap heap(small_heap());
  static std::multiset<uintptr_t> destroyed;
  destroyed.clear();
  auto make = [&](uintptr_t name) {
    return heap->allocate_extern(reinterpret_cast<void*>(name), [](void* data) {
      destroyed.insert(reinterpret_cast<uintptr_t>(data));
    });
  };
  heap.roots = {make(1), make(2), make(3)};
  Root kept(heap->roots(), heap.roots[1]);
  CHECK(heap->extern_data(heap.roots[2]) == reinterpret_cast<void*>(3));
  heap.roots = {heap.roots[0]};
  heap->collect();
  CHECK(destroyed.empty());
  CHECK(heap->dead_externs() == 1);
  heap->run_finalisers();
  CHECK(destroyed == std::multiset<uintptr_t>{3});
  kept.reset();
  heap.roots = {heap.roots[0], make(4)};
  CHECK(heap->extern_data(heap.roots[1]) == reinterpret_cast<void*>(4));
  heap->collect();
  heap->collect();
  heap->run_finalisers();
  CHECK(destroyed == std::multiset<uintptr_t>{2, 3});
  heap.destroy();
  CHECK(destroyed == std::multiset<uintptr_t>{1, 2, 3, 4});
}

TEST_CASE("a finaliser may use the heap") {
  static TestHeap* used;
  TestHeap heap(small_heap());
  used = &heap;
  heap->allocate_extern(nullptr, [](void*) {
    (*used)->allocate_extern(nullptr, nullptr);
    (*used)->collect();
  });
  heap->collect();
  heap->run_finalisers();
  CHECK(heap->dead_externs() == 0);
}

TEST_CASE("a hundred thousand host objects come and go") {
  TestHeap heap({.limit = 1 << 20, .min_growth = 64 << 10});
  static int alive;
  alive = 0;
  for (int i = 0; i < 100'000; ++i) {
    REQUIRE(heap->allocate_extern(nullptr, [](void*) { --alive; }) != null_ref);
    ++alive;
    if (heap->dead_externs() > 1000) heap->run_finalisers();
  }
  CHECK(alive < 20'000);
  heap.destroy();
  CHECK(alive == 0);
}

TEST_CASE("steps bound what an allocation does") {
  TestHeap heap({.marking = HeapConfig::Marking::in_steps, .min_growth = 1 << 20});
  heap.roots = {null_ref};
  for (uint64_t i = 0; i < 200'000; ++i) heap.roots[0] = heap.make_pair(i, heap.roots[0]);
  heap->collect();
  // The list is now taken apart while it is being marked: what was reachable at first survives.
  GcRef second = heap->load<GcRef>(heap.roots[0], pair_first);
  REQUIRE_FALSE(heap->step(64));
  CHECK(heap.window.marking != 0);
  heap.roots.push_back(heap.make_pair(1));
  heap->store_reference(heap.roots[1], pair_second, second);
  heap->store_reference(heap.roots[0], pair_first, null_ref);
  int steps = 1;
  while (!heap->step(10'000)) ++steps;
  CHECK(steps > 200);
  CHECK(heap.window.marking == 0);
  uint64_t expected = 199'999;
  for (GcRef at = second; at != null_ref; at = heap->load<GcRef>(at, pair_first))
    REQUIRE(heap->load<uint64_t>(at, pair_number) == --expected);
  CHECK(expected == 0);
}

}  // namespace tenon::runtime
