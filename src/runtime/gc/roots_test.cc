#include "runtime/gc/roots.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace tenon::runtime {

namespace {

class Collector final : public RootVisitor {
 public:
  using RootVisitor::visit;
  void visit(std::span<const GcRef> references) override {
    for (GcRef reference : references)
      if (compiler::is_object(reference)) found.push_back(reference);
  }
  std::vector<GcRef> found;
};

std::vector<GcRef> kept_by(const RootTable& table) {
  Collector collector;
  table.visit_roots(collector);
  std::sort(collector.found.begin(), collector.found.end());
  return collector.found;
}

}  // namespace

TEST_CASE("a root keeps its reference until it goes") {
  RootTable table;
  Root none;
  CHECK(none.get() == compiler::null_ref);
  {
    Root first(table, 8);
    Root second(table, 16);
    Root third(table, compiler::i31_ref(3));
    CHECK(kept_by(table) == std::vector<GcRef>{8, 16});
    CHECK(third.get() == compiler::i31_ref(3));
    Root moved = std::move(first);
    CHECK(first.get() == compiler::null_ref);  // NOLINT(bugprone-use-after-move)
    CHECK(moved.get() == 8);
    second = std::move(moved);
    CHECK(second.get() == 8);
    moved.reset();
    CHECK(kept_by(table) == std::vector<GcRef>{8});
    Root fourth(table, 24);
    CHECK(kept_by(table) == std::vector<GcRef>{8, 24});
    CHECK(table.count() == 3);
  }
  CHECK(table.count() == 0);
  CHECK(kept_by(table).empty());
}

TEST_CASE("scopes nest, and drop what they keep") {
  RootTable table;
  RootScope outer(table);
  CHECK(outer.keep(8) == 8);
  {
    RootScope inner(table);
    inner.keep(16);
    CHECK(inner.keep(compiler::i31_ref(1)) == compiler::i31_ref(1));
    CHECK(kept_by(table) == std::vector<GcRef>{8, 16});
  }
  outer.keep(24);
  CHECK(kept_by(table) == std::vector<GcRef>{8, 24});
}

}  // namespace tenon::runtime
