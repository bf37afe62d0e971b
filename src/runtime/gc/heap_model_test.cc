#include "runtime/gc/heap.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "runtime/gc/test_heap.h"

// Random programs run on a heap and, side by side, on a model of it made of standard containers.
// After each collection that was not disturbed, exactly what the model can reach must be there,
// with its contents; objects of the host tell which have been freed.
namespace tenon::runtime {

using namespace test;

namespace {

// A model object is known by its reference, as objects do not move; when a reference is given out
// again, the object that had it before must have been unreachable.
struct ModelObject {
  uint32_t type = 0;
  uint64_t number = 0;            // of pairs, externs; array bytes are made from it
  std::vector<GcRef> references;  // of pairs (2), of arrays of references
  uint32_t length = 0;            // of byte arrays
};

class Model {
 public:
  Model(const HeapConfig& config, uint32_t seed) : heap_(config), random_(seed) {
    destroyed_.clear();
    heap_.roots.resize(24, null_ref);
  }

  void run(int operations) {
    for (int i = 0; i < operations; ++i) {
      operate();
      if (i % 512 == 511) collect_and_check();
    }
    std::fill(heap_.roots.begin(), heap_.roots.end(), null_ref);
    handles_.clear();
    collect_and_check();
    CHECK(objects_.empty());
    CHECK(heap_->statistics().live_bytes <= 4 * block_size);
  }

 private:
  static inline std::vector<uint64_t> destroyed_;

  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  GcRef& any_root() { return heap_.roots[below(static_cast<uint32_t>(heap_.roots.size()))]; }

  // A reference that the program could have by a walk from a root.
  GcRef any_reachable() {
    GcRef at = any_root();
    for (uint32_t steps = below(6); steps > 0 && compiler::is_object(at); --steps) {
      const std::vector<GcRef>& next = objects_[at].references;
      if (next.empty()) break;
      at = next[below(static_cast<uint32_t>(next.size()))];
    }
    return at;
  }

  static uint32_t reference_offset(const ModelObject& object, uint32_t index) {
    return (object.type == pair ? pair_first : elements) + index * 4;
  }

  void operate() {
    switch (below(12)) {
      case 0:
      case 1:
      case 2:
      case 3: any_root() = make(); break;
      case 4:
      case 5:
      case 6:
      case 7: mutate(); break;
      case 8: any_root() = any_reachable(); break;
      case 9: any_root() = below(2) == 0 ? null_ref : compiler::i31_ref(below(1000)); break;
      case 10: change_handles(); break;
      case 11: heap_->step(below(5000)); break;
    }
  }

  void change_handles() {
    if (handles_.size() > 10) handles_.erase(handles_.begin() + below(10));
    handles_.emplace_back(heap_->roots(), any_reachable());
  }

  GcRef make() {
    ModelObject object;
    object.number = ++last_number_;
    GcRef made = null_ref;
    switch (below(16)) {
      case 0: made = make_bytes(object, below(40'000)); break;
      case 1: made = make_bytes(object, below(600)); break;
      case 2: made = make_references(object, below(8'000)); break;
      case 3:
      case 4: made = make_references(object, below(40)); break;
      case 5: made = make_extern(object); break;
      default: made = make_pair(object); break;
    }
    REQUIRE(made != null_ref);
    // What had this place before must be gone.
    if (objects_.contains(made)) {
      drop_unreachable();
      REQUIRE_FALSE(objects_.contains(made));
    }
    objects_[made] = std::move(object);
    return made;
  }

  GcRef make_pair(ModelObject& object) {
    object.type = pair;
    GcRef made = heap_->allocate_struct(pair);
    object.references = {any_reachable(), any_reachable()};
    heap_->store(made, pair_number, object.number);
    heap_->store(made, pair_first, object.references[0]);
    heap_->store(made, pair_second, object.references[1]);
    return made;
  }

  GcRef make_bytes(ModelObject& object, uint32_t length) {
    object.type = bytes;
    object.length = length;
    GcRef made = heap_->allocate_array(bytes, length);
    uint8_t* data = heap_->base() + made + elements;
    CHECK(std::all_of(data, data + length, [](uint8_t byte) { return byte == 0; }));
    std::fill(data, data + length, static_cast<uint8_t>(object.number));
    return made;
  }

  GcRef make_references(ModelObject& object, uint32_t length) {
    object.type = references;
    object.references.resize(length, null_ref);
    return heap_->allocate_array(references, length);
  }

  GcRef make_extern(ModelObject& object) {
    object.type = compiler::extern_type_id;
    return heap_->allocate_extern(reinterpret_cast<void*>(object.number), [](void* data) {
      destroyed_.push_back(reinterpret_cast<uint64_t>(data));
    });
  }

  void mutate() {
    GcRef at = any_reachable();
    if (!compiler::is_object(at)) return;
    ModelObject& object = objects_[at];
    if (object.references.empty()) return;
    for (int i = 0; i < 4; ++i) {
      uint32_t index = below(static_cast<uint32_t>(object.references.size()));
      object.references[index] = any_reachable();
      heap_->store_reference(at, reference_offset(object, index), object.references[index]);
    }
  }

  void drop_unreachable() {
    std::map<GcRef, ModelObject> reached;
    std::vector<GcRef> work(heap_.roots);
    for (const Root& handle : handles_) work.push_back(handle.get());
    while (!work.empty()) {
      GcRef at = work.back();
      work.pop_back();
      if (!compiler::is_object(at) || reached.contains(at)) continue;
      REQUIRE(objects_.contains(at));
      const ModelObject& object = reached[at] = objects_[at];
      work.insert(work.end(), object.references.begin(), object.references.end());
    }
    for (const auto& [at, object] : objects_)
      if (object.type == compiler::extern_type_id && !reached.contains(at))
        dead_externs_.push_back(object.number);
    objects_ = std::move(reached);
  }

  void collect_and_check() {
    heap_->collect();
    drop_unreachable();
    for (const auto& [at, object] : objects_) check(at, object);

    heap_->run_finalisers();
    std::sort(destroyed_.begin(), destroyed_.end());
    std::sort(dead_externs_.begin(), dead_externs_.end());
    CHECK(destroyed_ == dead_externs_);

    // What lives takes no more lines than its objects touch, and what is open for allocation.
    uint64_t bound = 4 * block_size;
    for (const auto& [at, object] : objects_) {
      uint64_t size = 24 + object.length + object.references.size() * 4;
      bound += size > max_small_size ? size + block_size : size + 2 * line_size;
    }
    CHECK(heap_->statistics().live_bytes <= bound);
  }

  void check(GcRef at, const ModelObject& object) {
    REQUIRE(heap_->type_id(at) == object.type);
    for (uint32_t i = 0; i < object.references.size(); ++i)
      REQUIRE(heap_->load<GcRef>(at, reference_offset(object, i)) == object.references[i]);
    if (object.type == pair) REQUIRE(heap_->load<uint64_t>(at, pair_number) == object.number);
    if (object.type == references) REQUIRE(heap_->array_length(at) == object.references.size());
    if (object.type == compiler::extern_type_id)
      REQUIRE(heap_->extern_data(at) == reinterpret_cast<void*>(object.number));
    if (object.type != bytes) return;
    REQUIRE(heap_->array_length(at) == object.length);
    const uint8_t* data = heap_->base() + at + elements;
    uint8_t byte = static_cast<uint8_t>(object.number);
    REQUIRE(std::all_of(data, data + object.length, [&](uint8_t b) { return b == byte; }));
  }

  TestHeap heap_;
  std::mt19937 random_;
  std::map<GcRef, ModelObject> objects_;
  std::vector<Root> handles_;  // destroyed before the heap
  std::vector<uint64_t> dead_externs_;
  uint64_t last_number_ = 0;
};

}  // namespace

TEST_CASE("random programs see the heap that the model predicts") {
  for (HeapConfig::Marking marking : both_markings) {
    for (uint32_t seed = 1; seed <= 3; ++seed) {
      CAPTURE(seed);
      Model({.limit = 512 << 20, .marking = marking, .min_growth = 256 << 10}, seed).run(20'000);
    }
  }
}

TEST_CASE("random programs under stress") {
  for (HeapConfig::Stress stress : {HeapConfig::Stress::collect, HeapConfig::Stress::step}) {
    for (uint32_t seed = 1; seed <= 3; ++seed) {
      CAPTURE(seed);
      HeapConfig config = {.limit = 512 << 20, .stress = stress};
      Model(config, seed).run(5'000);
    }
  }
}

}  // namespace tenon::runtime
