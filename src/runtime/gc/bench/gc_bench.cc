#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "base/check.h"
#include "runtime/gc/heap.h"

// Measures the garbage-collected heap through its C++ interface: what allocation costs, binary
// trees as the well-known benchmark builds them, large live heaps and their pauses, and fragments.
//
//   gc_bench [steps]     `steps`: marking in steps, else at once
namespace tenon::runtime {
namespace {

using compiler::null_ref;
using compiler::Storage;

constexpr uint32_t tree = compiler::first_defined_type_id;  // ref, ref
constexpr uint32_t boxed = tree + 1;                        // f64
constexpr uint32_t list = tree + 2;                         // array of ref
constexpr uint32_t bytes = tree + 3;                        // array of i8
constexpr uint32_t left = 8;
constexpr uint32_t right = 12;
constexpr uint32_t elements = 12;

struct Bench final : RootSource {
  explicit Bench(const HeapConfig& config) : types(*ObjectTypes::create(64)) {
    auto add = [&](uint32_t id, std::vector<Storage> fields) {
      CHECK(types.add_struct(id, compiler::struct_layout(nullptr, fields)).has_value());
    };
    add(tree, {Storage::ref, Storage::ref});
    add(boxed, {Storage::f64});
    CHECK(types.add_array(list, compiler::ArrayLayout::of(Storage::ref)).has_value());
    CHECK(types.add_array(bytes, compiler::ArrayLayout::of(Storage::i8)).has_value());
    heap = std::move(*Heap::create(types, window, config));
    heap->add_root_source(*this);
  }
  void visit_roots(RootVisitor& visitor) override { visitor.visit(std::span<const GcRef>(stack)); }

  GcRef make_tree(int depth);

  ObjectTypes types;
  compiler::AllocationWindow window;
  std::vector<GcRef> stack;
  std::unique_ptr<Heap> heap;
};

// As compiled code would: both subtrees in frame slots, then the node.
GcRef Bench::make_tree(int depth) {
  size_t frame = stack.size();
  stack.resize(frame + 2);
  if (depth > 0) {
    stack[frame] = make_tree(depth - 1);
    stack[frame + 1] = make_tree(depth - 1);
  }
  GcRef node = heap->allocate_struct(tree);
  CHECK(node != null_ref);
  heap->store(node, left, stack[frame]);
  heap->store(node, right, stack[frame + 1]);
  stack.resize(frame);
  return node;
}

uint32_t count_nodes(const Heap& heap, GcRef node) {
  if (node == null_ref) return 0;
  return 1 + count_nodes(heap, heap.load<GcRef>(node, left)) +
         count_nodes(heap, heap.load<GcRef>(node, right));
}

// Of processor time, so that a busy machine does not disturb; pauses are in real time.
uint64_t now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

double seconds_since(uint64_t begin) {
  return static_cast<double>(now() - begin) / 1e9;
}

void report(const char* name, double seconds, double per_unit, const char* unit, const Heap& heap) {
  const HeapStatistics& statistics = heap.statistics();
  std::printf(
      "%-28s %7.3f s  %8.2f %-12s %5llu collections, longest pause %8.3f ms, in use %6.1f MB\n",
      name, seconds, per_unit, unit, static_cast<unsigned long long>(statistics.collections),
      static_cast<double>(statistics.longest_pause) / 1e6,
      static_cast<double>(heap.used_bytes()) / 1e6);
}

void bench_allocation(const HeapConfig& config) {
  constexpr int count = 50'000'000;
  {
    Bench bench(config);
    uint64_t begin = now();
    for (int i = 0; i < count; ++i)
      bench.heap->store(bench.heap->allocate_struct(boxed), 8, static_cast<double>(i));
    double seconds = seconds_since(begin);
    report("16-byte structs", seconds, seconds * 1e9 / count, "ns each", *bench.heap);
  }
  for (uint32_t size : {256u, 4096u, 65536u}) {
    Bench bench(config);
    uint32_t arrays = static_cast<uint32_t>((uint64_t{2} << 30) / size);
    uint64_t begin = now();
    for (uint32_t i = 0; i < arrays; ++i) CHECK(bench.heap->allocate_array(bytes, size - 12) != 0);
    double seconds = seconds_since(begin);
    std::string name = "arrays of " + std::to_string(size) + " bytes";
    report(name.c_str(), seconds, 2.0 / seconds, "GiB/s", *bench.heap);
  }
}

void bench_trees(const HeapConfig& config, int max_depth) {
  Bench bench(config);
  uint64_t begin = now();
  uint64_t nodes = 0;
  auto check_one = [&](int depth) {
    bench.stack.push_back(bench.make_tree(depth));
    nodes += count_nodes(*bench.heap, bench.stack.back());
    bench.stack.pop_back();
  };
  check_one(max_depth + 1);
  bench.stack.push_back(bench.make_tree(max_depth));
  for (int depth = 4; depth <= max_depth; depth += 4)
    for (int i = 0; i < 1 << (max_depth - depth + 4); ++i) check_one(depth);
  CHECK(count_nodes(*bench.heap, bench.stack.front()) == (2u << max_depth) - 1);
  double seconds = seconds_since(begin);
  std::string name = "binary trees, depth " + std::to_string(max_depth);
  report(name.c_str(), seconds, seconds * 1e9 / static_cast<double>(nodes), "ns per node",
         *bench.heap);
}

// Replaces one random element of a large array of small trees after the other.
void bench_churn(const HeapConfig& config, uint32_t size) {
  Bench bench(config);
  bench.stack.push_back(bench.heap->allocate_array(list, size));
  uint64_t state = 1;
  uint64_t begin = now();
  uint32_t count = 4 * size;
  for (uint32_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    uint32_t at = i < size ? i : static_cast<uint32_t>((state >> 33) % size);
    bench.heap->store_reference(bench.stack[0], elements + 4 * at, bench.make_tree(2));
  }
  double seconds = seconds_since(begin);
  report(("churn, " + std::to_string(size * 7) + " nodes live").c_str(), seconds,
         seconds * 1e9 / (7.0 * count), "ns per node", *bench.heap);
  begin = now();
  bench.heap->collect();
  seconds = seconds_since(begin);
  report("  one collection", seconds, seconds * 1e9 / (7.0 * size), "ns per node", *bench.heap);
}

}  // namespace
}  // namespace tenon::runtime

int main(int argc, char** argv) {
  using namespace tenon::runtime;
  HeapConfig config;
  if (argc > 1 && std::strcmp(argv[1], "steps") == 0)
    config.marking = HeapConfig::Marking::in_steps;
  bench_allocation(config);
  bench_trees(config, 16);
  bench_trees(config, 18);
  bench_churn(config, 100'000);
  bench_churn(config, 2'000'000);
}
